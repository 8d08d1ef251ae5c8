// Builds the workspace and copies one `bootstrap` per function to the path that the manifest names.
//   node build.mjs --os linux|darwin --arch arm64|x86_64 [--can-build]
// Cargo alone builds for this machine's own system and processor. For another one cargo-zigbuild is needed: zig
// provides the linker and the C library, and links against the glibc of Amazon Linux 2023. --can-build builds nothing;
// it exits 0 if this machine can build.
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TRIPLES, writeLicences } from './licences.mjs';

const GLIBC = '2.34';
const FUNCTIONS = ['get-cat-ackermann', 'post-sheep-random', 'get-dog-count', 'delete-wolf-ocd'];

const folder = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: { os: { type: 'string' }, arch: { type: 'string' }, 'can-build': { type: 'boolean' } },
});
const machine = `${values.os}-${values.arch}`;
const triple = TRIPLES[machine];
if (triple === undefined) fail(`--os and --arch must be one of ${Object.keys(TRIPLES).join(', ')}`);
const isNative = machine === `${process.platform}-${process.arch === 'x64' ? 'x86_64' : process.arch}`;

if (values['can-build']) {
  if (!isNative && (values.os !== 'linux' || !runs(['zigbuild', '--version']))) process.exit(1);
} else {
  const target = values.os === 'linux' ? `${triple}.${GLIBC}` : triple;
  cargo(isNative ? ['build'] : ['zigbuild', '--target', target]);
  const built = isNative ? join(folder, 'target/release') : join(folder, 'target', triple, 'release');
  const output = join(folder, 'prebuilt', machine);
  for (const name of FUNCTIONS) {
    await place(join(output, name, 'bootstrap'), await readFile(join(built, name)), 0o755);
  }
  await writeLicences(machine);
}

function cargo([verb, ...options]) {
  // The user's flags and targets would make another binary of the same sources, or write it to another folder.
  const { RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS, CARGO_BUILD_TARGET, ...env } = process.env;
  const args = [verb, '--release', '--locked', '--target-dir', 'target', ...options];
  const { status, error } = spawnSync('cargo', args, { cwd: folder, stdio: 'inherit', env });
  if (error !== undefined) fail(`cargo could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function runs(args) {
  return spawnSync('cargo', args, { cwd: folder, stdio: 'ignore' }).status === 0;
}

/** Replaces a file by a rename, so that a process that packs it meanwhile reads the old or the new file. */
async function place(path, contents, mode) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents, { mode });
  await rename(temporary, path);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
