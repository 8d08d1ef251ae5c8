// The options with which esbuild bundles this source: for the program (build.mjs), for the tests (test/one-bundle.ts) and
// for the benchmarks (test/bench/run.mjs).
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/** `import text from './file?raw'` imports a file as text. */
export const rawText = {
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

/**
 * Makes `import.meta.url` the URL of the source file, from which tests find their fixtures and the build, and not of the
 * bundle.
 */
export const urlOfSource = {
  name: 'url-of-source',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

/** The options of every bundle that runs in Node. */
export const forNode = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  // Prefer the SDK's ES modules, from which unused code can be removed, to its CommonJS modules.
  mainFields: ['module', 'main'],
  format: 'esm',
  logLevel: 'warning',
  // The licences of all bundled packages are in THIRD-PARTY-LICENSES.txt.
  legalComments: 'none',
  // dynalite's own store would load native modules. The local database has its own store.
  alias: {
    level: './src/local/services/dynamodb/no-level.ts',
    'memory-level': './src/local/services/dynamodb/no-level.ts',
  },
  // CommonJS dependencies call `require`, which ES modules do not have.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};
