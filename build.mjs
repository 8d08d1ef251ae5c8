// Bundles the program into dist/: the command line split by command, and the processes of the local cloud.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  sourcemap: false,
  logLevel: 'warning',
  legalComments: 'none',
  outdir: 'dist',
  // CommonJS dependencies ask for `require`; an ES module has none of its own.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};
await build({
  ...common,
  entryPoints: { main: 'src/main.ts' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
