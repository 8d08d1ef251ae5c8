// Packs the published tarball from what is built: `node pack.mjs [FOLDER]` writes it into FOLDER (the current one by
// default) and prints its path. The manifest in it holds no scripts and no devDependencies: a user's npm runs none of
// the former, warns of a `prepare`, and needs none of the latter.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const staging = await mkdtemp(join(tmpdir(), 'shedbench-pack-'));
try {
  const draft = await pack(root, staging);
  execFileSync('tar', ['-xzf', draft, '-C', staging]);
  const file = join(staging, 'package', 'package.json');
  const { scripts, devDependencies, allowScripts, ...manifest } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await rm(draft);
  process.stdout.write(`${await pack(join(staging, 'package'), resolve(process.argv[2] ?? '.'))}\n`);
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
