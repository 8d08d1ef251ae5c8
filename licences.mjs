// Collects the licence text of every package that a bundle holds.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIT } from './handlers/rust/licences.mjs';

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
