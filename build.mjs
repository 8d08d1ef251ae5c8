// Bundles the program into dist/. The command line is split into chunks by command; the processes of the local cloud
// are one file each. Every file is replaced by a rename, so that a running program or a test never reads a partly
// written one.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { hashOfSources, writeStamp } from './build-stamp.mjs';
import { forNode, rawText } from './bundle-options.mjs';
import { pageScript } from './bundle-script.mjs';
import { buildRuntimes } from './handlers/build.mjs';
import { licenceSections } from './licences.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const outdir = join(root, 'dist');

/**
 * commander loads node:child_process, and with it Node's whole network code, for commands that are programs of their
 * own. shedbench has none, and its help starts without them.
 */
const noCommandPrograms = {
  name: 'no-command-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/')
        ? { path: 'child_process', namespace: 'unused' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const common = {
  ...forNode,
  absWorkingDir: root,
  plugins: [rawText, pageScript, noCommandPrograms],
  metafile: true,
  write: false,
  outdir,
};

/** The command line, split so that a command loads only what it uses. */
const commandLine = {
  entryPoints: { main: 'src/main.ts' },
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  chunkNames: 'chunks/[name]-[hash]',
};

/** Programs that run in separate processes, one file each. */
const processes = {
  'local-cloud': 'src/local/main.ts',
  'local-database': 'src/local/services/dynamodb/database-process.ts',
  'node-bootstrap': 'src/local/sandboxes/node-bootstrap/main.ts',
  'load-worker': 'src/load/threads/load-worker.ts',
  // The code of the loader function: it is uploaded as it is.
  loader: 'src/load/fleet/loader.ts',
};

/** Files that are copied unchanged. */
const copies = {
  'python-bootstrap.py': 'src/local/sandboxes/python-bootstrap.py',
};

// A source that changes during the build makes the stamp that is written at its end invalid.
const sources = await hashOfSources();
const builds = await Promise.all([
  build({ ...common, ...commandLine }),
  ...Object.entries(processes).map(([name, source]) => build({ ...common, entryPoints: { [name]: source } })),
]);

const written = new Set();
for (const file of builds.flatMap((result) => result.outputFiles)) await replace(file.path, file.contents);
for (const [name, source] of Object.entries(copies)) {
  await replace(join(outdir, name), await readFile(join(root, source)));
}
await writeLicences(builds.flatMap((result) => Object.keys(result.metafile.inputs)));
await removeStale(outdir);
// Node's functions need no other toolchain, so everybody who can run the program can deploy them.
await buildRuntimes(['node']);
await writeStamp(sources);

async function replace(path, contents) {
  written.add(path);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

async function removeStale(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(path) && !path.endsWith('.tmp')) await rm(path, { force: true });
  }
}

/** Writes the licence texts of all bundled packages. */
async function writeLicences(inputs) {
  const sections = await licenceSections(root, inputs);
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  const text = `shedbench's bundled programs contain these packages.${line}${sections.join(line)}\n`;
  await replace(join(outdir, 'THIRD-PARTY-LICENSES.txt'), Buffer.from(text));
}
