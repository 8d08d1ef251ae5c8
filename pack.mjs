// Packs the published tarball from what is built: `node pack.mjs [FOLDER]` writes it into FOLDER (the current one by
// default) and prints its path. The manifest in it holds no scripts and no devDependencies: a user's npm runs none of
// the former, warns of a `prepare`, and needs none of the latter.
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that npm packs although the manifest does not list them. */
const ALWAYS_PACKED = ['README.md', 'LICENSE'];

/** Large folders that npm never packs: the packages and the products of the handlers' own builds. */
const NEVER_PACKED = new Set(['node_modules', 'target']);

const root = dirname(fileURLToPath(import.meta.url));
const staging = await mkdtemp(join(tmpdir(), 'shedbench-pack-'));
try {
  const { scripts, devDependencies, allowScripts, ...manifest } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  for (const name of [...manifest.files, ...ALWAYS_PACKED]) {
    await cp(join(root, name), join(staging, name), {
      recursive: true,
      filter: (path) => !NEVER_PACKED.has(basename(path)),
    });
  }
  await writeFile(join(staging, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  process.stdout.write(`${await pack(staging, resolve(process.argv[2] ?? '.'))}\n`);
} finally {
  await rm(staging, { recursive: true, force: true });
}

/** Packs a folder into another and returns the tarball's path. */
async function pack(folder, into) {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const name = (await readdir(into)).find((file) => /^shedbench-.*\.tgz$/.test(file));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${into}`);
  return join(into, name);
}
