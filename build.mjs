// Bundles the program into dist/. The command line is split into chunks by command; the processes of the local cloud
// are one chunk each. src/compiled-chunks.ts loads the chunks. Every file is replaced by a rename, so that a running
// program or a test never reads a partly written one.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
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

/**
 * Programs that are started often, each in chunks that src/compiled-chunks.ts loads. The command line loads only the
 * chunks that a command uses. Chunks are CommonJS, the only format whose compiled code Node 20 can keep.
 */
const programs = {
  main: 'src/main.ts',
  'local-cloud': 'src/local/main.ts',
  'local-database': 'src/local/services/dynamodb/database-process.ts',
};

const minified = { minifySyntax: true, minifyWhitespace: true };

const inChunks = {
  ...minified,
  banner: {},
  splitting: true,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunks/[name]-[hash]',
  outExtension: { '.js': '.cjs' },
};

/** Programs that are one ES module each: they run in a worker thread, in a sandbox, or as a function. */
const modules = {
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
const written = new Set();
const inputs = await Promise.all([
  ...Object.entries(programs).map(([name, source]) => buildProgram(name, source)),
  ...Object.entries(modules).map(([name, source]) => buildModule(name, source)),
]);
for (const [name, source] of Object.entries(copies)) {
  await replace(join(outdir, name), await readFile(join(root, source)));
}
await writeLicences(inputs.flat());
await removeStale(outdir);
// What V8 compiled of earlier chunks.
await rm(join(root, '.cache'), { recursive: true, force: true });
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

/** Writes a program's chunks, and `dist/NAME.cjs`, which starts it. Returns the paths of its sources. */
async function buildProgram(name, source) {
  const { outputFiles, metafile } = await build({ ...common, ...inChunks, entryPoints: { [name]: source } });
  await Promise.all(outputFiles.map(async ({ path, text }) => replace(path, await asCommonJs(text))));
  const [first] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === source);
  const starter = await build({
    ...common,
    banner: {},
    format: 'cjs',
    stdin: {
      contents: `import { runProgram } from './src/compiled-chunks.ts';
        module.exports = runProgram(__dirname, ${JSON.stringify(basename(first))});`,
      resolveDir: root,
    },
  });
  await replace(join(outdir, `${name}.cjs`), starter.outputFiles[0].contents);
  return Object.keys(metafile.inputs);
}

/** Writes `dist/NAME.js` and returns the paths of its sources. */
async function buildModule(name, source) {
  const { outputFiles, metafile } = await build({ ...common, entryPoints: { [name]: source } });
  for (const file of outputFiles) await replace(file.path, file.contents);
  return Object.keys(metafile.inputs);
}

/** Turns a chunk from an ES module into CommonJS that src/compiled-chunks.ts can run. */
async function asCommonJs(text) {
  const { code } = await transform(text, {
    ...minified,
    format: 'cjs',
    platform: forNode.platform,
    target: forNode.target,
    define: { 'import.meta.url': 'module.url' },
    // `import()` becomes `require`, as which src/compiled-chunks.ts loads the other chunks.
    supported: { 'dynamic-import': false },
  });
  return code;
}

/** Writes the licence texts of all bundled packages. */
async function writeLicences(inputs) {
  const sections = await licenceSections(root, inputs);
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  const text = `shedbench's bundled programs contain these packages.${line}${sections.join(line)}\n`;
  await replace(join(outdir, 'THIRD-PARTY-LICENSES.txt'), Buffer.from(text));
}
