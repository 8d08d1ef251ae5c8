// Builds the four functions and collects the licences of all code that is linked into them.
//   node build.mjs --os linux|darwin --arch arm64|x86_64
// Go can build for every operating system and processor on every machine.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = dirname(fileURLToPath(import.meta.url));
const GO_ARCHITECTURES = { arm64: 'arm64', x86_64: 'amd64' };

const { values } = parseArgs({ options: { os: { type: 'string' }, arch: { type: 'string' } } });
const architecture = GO_ARCHITECTURES[values.arch];
if (architecture === undefined || !['linux', 'darwin'].includes(values.os)) {
  process.stderr.write('--os must be linux or darwin, --arch arm64 or x86_64\n');
  process.exit(2);
}
const output = join(folder, 'prebuilt', `${values.os}-${values.arch}`);
const draft = `${output}.${process.pid}.tmp`;

// The binaries are static, contain no paths of this machine, and leave out the RPC mode of Lambda's former Go runtime.
const options = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-tags=lambda.norpc'];
try {
  go(['build', ...options, '-o', `${draft}/`, './cmd/...'], 'inherit');
  writeFileSync(join(draft, 'THIRD-PARTY-LICENSES.txt'), licences());
  // Each file is replaced by a rename, so that a process that packs it meanwhile reads the old or the new file.
  mkdirSync(output, { recursive: true });
  for (const name of readdirSync(draft)) renameSync(join(draft, name), join(output, name));
} finally {
  rmSync(draft, { recursive: true, force: true });
}

/** Runs `go` without the user's flags and targets, which would make another binary of the same sources. */
function go(args, stdout) {
  const { GOFLAGS, GOEXPERIMENT, GOAMD64, GOARM64, GOWORK, ...env } = process.env;
  const {
    status,
    stdout: text,
    error,
  } = spawnSync('go', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'inherit'],
    env: { ...env, CGO_ENABLED: '0', GOOS: values.os, GOARCH: architecture, GOWORK: 'off' },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`go ${args[0]} ended with exit code ${status}`);
  return text;
}

/** Returns the licences of Go's standard library and of every linked module, each text once. */
function licences() {
  const module = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const lines = go(['list', '-deps', '-tags=lambda.norpc', '-f', module, './cmd/...'], 'pipe').split('\n');
  const parts = [...new Set(lines.filter((line) => line !== ''))].map((line) => line.split('\t'));
  const [version, root] = go(['env', 'GOVERSION', 'GOROOT'], 'pipe').trim().split('\n');
  const namesByText = new Map();
  for (const [name, dir] of [[`Go's standard library ${version}`, root], ...parts]) {
    const files = readdirSync(dir).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    if (files.length === 0) throw new Error(`${name} has no licence in its folder`);
    for (const file of files.sort()) {
      const text = readFileSync(join(dir, file), 'utf8').trim();
      namesByText.set(text, [...(namesByText.get(text) ?? []), name]);
    }
  }
  const sections = [...namesByText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return sections.join(`\n${'-'.repeat(80)}\n\n`);
}
