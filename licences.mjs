// Collects the licence text of every package that a bundle holds.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * Returns one section per bundled package, sorted: its name, version and licence, then the licence's text.
 *
 * A package without a licence file gets the file of another bundled package of the same repository, or, where its
 * manifest names MIT, the text of that licence with the manifest's author. Throws where neither gives a text.
 *
 * @param {string} root the folder that holds node_modules
 * @param {Iterable<string>} inputs the bundled files, relative to `root`
 * @returns {Promise<string[]>}
 */
export async function licenceSections(root, inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match !== null) folders.add(match[1]);
  }
  const packages = await Promise.all([...folders].sort().map((folder) => readPackage(join(root, folder))));
  return [
    ...new Set(
      packages.map((found) => {
        const text = found.text ?? textOfSibling(found, packages) ?? textOfManifest(found);
        if (text === undefined) {
          throw new Error(`${found.name} is bundled, and no text of its licence (${found.licence}) is known`);
        }
        return `${found.name} ${found.version} (${found.licence})\n\n${text}`;
      }),
    ),
  ];
}

async function readPackage(folder) {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const { name, version, license, author, repository } = manifest;
  return {
    name,
    version,
    // An old form of the manifest: { "type": "MIT" }.
    licence: typeof license === 'object' ? license.type : license,
    author: typeof author === 'object' ? author.name : author,
    repository: typeof repository === 'object' ? repository.url : repository,
    text: texts.length === 0 ? undefined : texts.map((text) => text.trim()).join('\n\n'),
  };
}

function textOfSibling({ repository, licence }, packages) {
  if (repository === undefined) return undefined;
  return packages.find(
    (other) => other.repository === repository && other.licence === licence && other.text !== undefined,
  )?.text;
}

function textOfManifest({ licence, author }) {
  return licence === 'MIT' && author !== undefined ? `Copyright (c) ${author}\n\n${MIT}` : undefined;
}
