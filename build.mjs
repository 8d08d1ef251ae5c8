// Bundles the program into dist/: the command line split by command, and the processes of the local cloud, each a
// file of its own. Every file is replaced in one step, so that a running program or a test never reads half of one.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pageScript } from './bundle-script.mjs';
import { buildRuntimes } from './handlers/build.mjs';
import { licenceSections } from './licences.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const outdir = join(root, 'dist');

/** `import text from './file?raw'` gives a file's text, as Vite does under the tests. */
const rawText = {
  name: 'raw-text',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /\?raw$/ }, async ({ path, importer, resolveDir }) => {
      const found = await resolve(path.slice(0, -'?raw'.length), {
        importer,
        resolveDir,
        kind: 'import-statement',
      });
      return { path: found.path, errors: found.errors, suffix: '?raw' };
    });
    onLoad({ filter: /./ }, async ({ path, suffix }) =>
      suffix === '?raw' ? { contents: await readFile(path, 'utf8'), loader: 'text' } : undefined,
    );
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  plugins: [rawText, pageScript],
  platform: 'node',
  target: 'node20.18',
  // The SDK's ES modules, where unused code falls away, before its CommonJS ones.
  mainFields: ['module', 'main'],
  format: 'esm',
  logLevel: 'warning',
  // The licences of all that is bundled stand in THIRD-PARTY-LICENSES.txt.
  legalComments: 'none',
  // What dynalite's own store would open, natively; the local database brings its own.
  alias: {
    level: './src/local/services/dynamodb/no-level.ts',
    'memory-level': './src/local/services/dynamodb/no-level.ts',
  },
  metafile: true,
  write: false,
  outdir,
  // CommonJS dependencies ask for `require`; an ES module has none of its own.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

/** The command line: split, so that a verb loads only what it uses. */
const commandLine = {
  entryPoints: { main: 'src/main.ts' },
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  chunkNames: 'chunks/[name]-[hash]',
};

/** Programs that run in processes of their own: one file each. */
const processes = {
  'local-cloud': 'src/local/main.ts',
  'local-database': 'src/local/services/dynamodb/database-process.ts',
  'node-bootstrap': 'src/local/sandboxes/node-bootstrap/main.ts',
  'load-worker': 'src/load/threads/load-worker.ts',
};

/** Files that are taken as they are. */
const copies = {
  'python-bootstrap.py': 'src/local/sandboxes/python-bootstrap.py',
};

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
// Node's functions need no other toolchain than this one: whoever can run the program can deploy them.
await buildRuntimes(['node']);

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

/** Writes the licence texts of all that is bundled. */
async function writeLicences(inputs) {
  const sections = await licenceSections(root, inputs);
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  const text = `shedbench's bundled programs contain these packages.${line}${sections.join(line)}\n`;
  await replace(join(outdir, 'THIRD-PARTY-LICENSES.txt'), Buffer.from(text));
}
