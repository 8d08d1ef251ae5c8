// Builds the workspace and copies one `bootstrap` per function to the path that the manifest names.
//   node build.mjs --os linux|darwin --arch arm64|x86_64 [--can-build]
// Cargo alone builds for this machine's own system and processor. For another one cargo-zigbuild is needed: zig
// provides the linker and the C library, and links against the glibc of Amazon Linux 2023. --can-build builds nothing;
// it exits 0 if this machine can build.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const GLIBC = '2.34';
const FUNCTIONS = ['get-cat-ackermann', 'post-sheep-random', 'get-dog-count', 'delete-wolf-ocd'];
const TRIPLES = {
  'linux-arm64': 'aarch64-unknown-linux-gnu',
  'linux-x86_64': 'x86_64-unknown-linux-gnu',
  'darwin-arm64': 'aarch64-apple-darwin',
  'darwin-x86_64': 'x86_64-apple-darwin',
};

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
  await place(join(output, 'THIRD-PARTY-LICENSES.txt'), await licences(), 0o644);
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

/** Returns the licences of every crate that the binaries contain, each text once. */
async function licences() {
  const args = ['metadata', '--format-version', '1', '--locked', '--offline', '--filter-platform', triple];
  const { stdout, status } = spawnSync('cargo', args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) fail('cargo metadata failed');
  const { packages } = JSON.parse(stdout);
  const cratesByText = new Map();
  for (const { name, version, license, source, manifest_path } of packages) {
    if (source === null) continue;
    const crate = dirname(manifest_path);
    const files = (await readdir(crate)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    for (const file of files.sort()) {
      if (!(await stat(join(crate, file))).isFile()) continue;
      const text = (await readFile(join(crate, file), 'utf8')).trim();
      cratesByText.set(text, [...(cratesByText.get(text) ?? []), `${name} ${version} (${license})`]);
    }
  }
  const sections = [...cratesByText].map(([text, crates]) => `${crates.join('\n')}\n\n${text}\n`);
  return sections.join(`\n${'-'.repeat(80)}\n\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
