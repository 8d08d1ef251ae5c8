import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin as VitePlugin } from 'vitest/config';
import type { TestProject, Vitest } from 'vitest/node';
import { forNode, rawText, urlOfSource } from '../bundle-options.mjs';
import { pageScript } from '../bundle-script.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Inside node_modules, where the bundle finds the packages that stay outside of it. */
const CACHE = join(ROOT, 'node_modules', '.cache');

/**
 * Bundles test files with all that they import.
 * @param paths absolute paths of the test files
 * @returns the URL of the bundle. It exports `files`: by absolute path, a function that runs the test file
 */
async function bundle(paths: readonly string[], folder: string): Promise<string> {
  const files = paths.map((path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(path)})`);
  const outfile = join(folder, 'tests.mjs');
  await build({
    ...forNode,
    absWorkingDir: ROOT,
    stdin: { contents: `export const files = {\n${files.join(',\n')}\n};`, resolveDir: ROOT },
    plugins: [rawText, pageScript, urlOfSource],
    external: ['vitest', 'esbuild'],
    // Vitest maps the lines of an error to the source. In a file of its own, only a process with an error reads the map.
    sourcemap: true,
    sourcesContent: false,
    outfile,
  });
  return pathToFileURL(outfile).href;
}

/** A bundle by what it belongs to: a project, or a run for the projects that share one. */
const bundles = new WeakMap<TestProject | Vitest, Promise<string>>();

function bundleOf(owner: TestProject | Vitest, vitest: Vitest, paths: readonly string[]): Promise<string> {
  const made = bundles.get(owner);
  if (made !== undefined) return made;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'tests-'));
  vitest.onClose(() => rmSync(folder, { recursive: true, force: true }));
  const making = bundle(paths, folder);
  bundles.set(owner, making);
  return making;
}

/**
 * Runs the test files of a run from one bundle. esbuild makes it once. Otherwise Vite would transform about a thousand
 * modules for each project, and each process of each project would fetch and evaluate them one by one. `vi.mock` does not
 * reach modules inside the bundle. In watch mode Vite transforms the files, since it knows what a change touches. A project
 * that runs each file in a process of its own has a bundle of its own: its processes have less to compile.
 */
export function oneBundle(): VitePlugin {
  let project: TestProject | undefined;
  return {
    name: 'one-bundle',
    enforce: 'pre',
    configureVitest(context) {
      project = context.project;
    },
    async load(id) {
      const own = project;
      if (own === undefined || own.vitest.config.watch) return undefined;
      const all = own.vitest.state.getPaths();
      if (!all.includes(id)) return undefined;
      const { isolate } = own.config;
      const paths = isolate ? all.filter((path) => own.matchesTestGlob(path)) : all;
      const url = JSON.stringify(await bundleOf(isolate ? own : own.vitest, own.vitest, paths));
      return `import { files } from ${url};\nawait files[${JSON.stringify(id)}]();\n`;
    },
  };
}
