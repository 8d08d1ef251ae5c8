// Collects the licence texts of everything that is linked into the functions. It compiles nothing:
//   node licences.mjs --os linux|darwin --arch arm64|x86_64
// writes prebuilt/OS-ARCH/THIRD-PARTY-LICENSES.txt from the crates that Cargo.lock names. build.mjs does the same after
// each build.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** Rust's name for each machine that the functions are built for. */
export const TRIPLES = {
  'linux-arm64': 'aarch64-unknown-linux-gnu',
  'linux-x86_64': 'x86_64-unknown-linux-gnu',
  'darwin-arm64': 'aarch64-apple-darwin',
  'darwin-x86_64': 'x86_64-apple-darwin',
};

const folder = dirname(fileURLToPath(import.meta.url));
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const APACHE_HEADING = /^\s*Apache License\s+Version 2\.0, January 2004/;
/** The text of the MIT licence, below its line with the holders of the copyright. */
export const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Writes THIRD-PARTY-LICENSES.txt for the machine, e.g. `linux-arm64`. Throws where the text of a licence is not known. */
export async function writeLicences(machine) {
  const metadata = JSON.parse(
    cargo([
      'metadata',
      '--format-version',
      '1',
      '--locked',
      '--offline',
      '--filter-platform',
      TRIPLES[machine],
    ]),
  );
  const crates = await Promise.all(
    metadata.packages.filter(({ source }) => source !== null).map(async (crate) => withTexts(crate)),
  );
  const [, version] = cargo(['--version']).split(' ');
  crates.push({
    name: "Rust's standard library",
    version,
    license: 'MIT OR Apache-2.0',
    authors: ['The Rust Project Contributors'],
    texts: [],
  });
  const path = join(folder, 'prebuilt', machine, 'THIRD-PARTY-LICENSES.txt');
  await mkdir(dirname(path), { recursive: true });
  // Replaced by a rename, so that a process that packs the file meanwhile reads the old or the new one.
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, licenceSections(crates).join(`\n${'-'.repeat(80)}\n\n`));
  await rename(temporary, path);
}

/**
 * Returns one section per text: the crates that it is the licence of, then the text. A crate is { name, version,
 * license, authors, repository, texts }: what its Cargo.toml says, and the texts of its licence files. One without a
 * licence file gets the standard text of its licence with the authors of its Cargo.toml. Throws where that is not known.
 */
export function licenceSections(crates) {
  const apache = crates.flatMap(({ texts }) => texts).find((text) => APACHE_HEADING.test(text));
  const namesByText = new Map();
  for (const crate of crates) {
    const name = `${crate.name} ${crate.version} (${crate.license})`;
    for (const text of crate.texts.length > 0 ? crate.texts : [standardText(crate, apache)]) {
      namesByText.set(text, [...(namesByText.get(text) ?? []), name]);
    }
  }
  return [...namesByText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
}

/** The standard text of a crate's licence. Of several licences to choose from, the first one whose text is known. */
function standardText({ name, license, authors, repository }, apache) {
  const choices = (license ?? '').split(/ OR |\s*\/\s*/);
  if (choices.includes('MIT')) {
    const holders = authors.length > 0 ? authors.join(', ') : `the authors of ${repository ?? name}`;
    return `Copyright (c) ${holders}\n\n${MIT}`;
  }
  if (choices.includes('Apache-2.0') && apache !== undefined) return apache;
  throw new Error(`${name} is linked, and no text of its licence (${license}) is known`);
}

async function withTexts({ name, version, license, authors, repository, manifest_path }) {
  const entries = await readdir(dirname(manifest_path), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name));
  const texts = await Promise.all(
    files
      .map((file) => file.name)
      .sort()
      .map((file) => readFile(join(dirname(manifest_path), file), 'utf8')),
  );
  return { name, version, license, authors, repository, texts: texts.map((text) => text.trim()) };
}

function cargo(args) {
  const { stdout, status, error } = spawnSync('cargo', args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`cargo ${args[0]} ended with exit code ${status}`);
  return stdout;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { os: { type: 'string' }, arch: { type: 'string' } } });
  await writeLicences(`${values.os}-${values.arch}`);
}
