// Says whether the built program matches its sources, so that the tests build it only after a change.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));
const STAMP = join('node_modules', '.cache', 'shedbench-build');

/** Everything that build.mjs reads. The lock file stands for the packages. */
const SOURCES = [
  'src',
  'handlers/build.mjs',
  'handlers/rust/licences.mjs',
  ...['src', 'build.mjs', 'package.json', 'package-lock.json', 'shedbench.json'].map(
    (name) => `handlers/node/${name}`,
  ),
  'package.json',
  'package-lock.json',
];

/** Everything that it writes. */
const BUILT = ['dist', 'handlers/node/dist'];

/** Returns a hash over the sources, with the scripts that build them. */
export async function hashOfSources(root = ROOT) {
  const scripts = (await readdir(root)).filter((name) => name.endsWith('.mjs'));
  return hashOf(root, [...SOURCES, ...scripts]);
}

/** Keeps that the sources with this hash have been built into what now lies in dist/. */
export async function writeStamp(sources, root = ROOT) {
  const file = join(root, STAMP);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${sources} ${await hashOf(root, BUILT)}`);
}

/** Returns whether neither the sources nor dist/ changed since the last build. */
export async function isBuilt(root = ROOT) {
  const stamp = await readFile(join(root, STAMP), 'utf8').catch(() => '');
  return stamp === `${await hashOfSources(root)} ${await hashOf(root, BUILT)}`;
}

/** Returns a hash over the paths and contents of files, and of folders with all files below them. */
async function hashOf(root, paths) {
  const files = (await Promise.all(paths.map((path) => filesBelow(root, path)))).flat().sort();
  const hash = createHash('sha256');
  for (const path of files)
    hash
      .update(`${path}\0`)
      .update(await readFile(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

async function filesBelow(root, path) {
  if (!existsSync(join(root, path))) return [];
  if (statSync(join(root, path)).isFile()) return [path];
  const entries = await readdir(join(root, path), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
