// Bundles a benchmark written in TypeScript and runs it: node test/bench/run.mjs test/bench/<name>.ts
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { urlOfSource } from '../../bundle-options.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [source] = process.argv.slice(2);
if (source === undefined) throw new Error('node test/bench/run.mjs test/bench/<name>.ts');
const folder = join(root, 'node_modules', '.cache', 'shedbench-bench');
const outfile = join(folder, `${basename(source, '.ts')}.mjs`);
await mkdir(folder, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: [source],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  logLevel: 'warning',
  plugins: [urlOfSource],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
process.argv.splice(1, 2, outfile);
await import(pathToFileURL(outfile).href);
