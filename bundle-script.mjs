// `import script from './main.ts?script'` imports a script for a page as text: the module and all of its imports in one
// piece. The build and the tests bundle it in the same way.
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';

const SUFFIX = '?script';

/** Returns the minified text of a script for browsers. */
async function bundleScript(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    tsconfigRaw: {},
  });
  return outputFiles[0].text;
}

/** The plugin for esbuild. */
export const pageScript = {
  name: 'page-script',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?script$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(0, -SUFFIX.length)),
      namespace: 'page-script',
    }));
    onLoad({ filter: /./, namespace: 'page-script' }, async ({ path }) => ({
      contents: await bundleScript(path),
      loader: 'text',
    }));
  },
};

/** The plugin for Vite, for the tests. */
export function pageScriptForTests() {
  return {
    name: 'page-script',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!source.endsWith(SUFFIX) || importer === undefined) return undefined;
      return `${resolve(dirname(importer.split('?')[0]), source.slice(0, -SUFFIX.length))}${SUFFIX}`;
    },
    async load(id) {
      if (!id.endsWith(SUFFIX)) return undefined;
      return `export default ${JSON.stringify(await bundleScript(id.slice(0, -SUFFIX.length)))};`;
    },
  };
}
