// Bundles each function into one file, SDK and all: one file to read and compile at a cold start, no search through
// node_modules, and the version that was tested instead of the one that the runtime happens to bring.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = dirname(fileURLToPath(import.meta.url));
const functions = ['get-cat-ackermann', 'post-sheep-random', 'get-dog-count', 'delete-wolf-ocd'];

const { outputFiles, metafile } = await build({
  absWorkingDir: folder,
  entryPoints: Object.fromEntries(functions.map((name) => [`${name}/${name}`, `src/${name}.ts`])),
  outdir: 'dist',
  write: false,
  metafile: true,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  // What the local cloud may run them with; Lambda's nodejs24.x runs it just as well.
  target: 'node20',
  format: 'esm',
  // The SDK's ES modules, of which what is not called falls away.
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': './src/environment-credentials.ts' },
  // The SDK's note about Node 20's end would stand in the function's log at every cold start.
  define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  legalComments: 'none',
  logLevel: 'warning',
  // The SDK's CommonJS dependencies ask for `require`; an ES module has none of its own.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
});

for (const { path, contents } of outputFiles) await replace(path, contents);
await replace(join(folder, 'dist/THIRD-PARTY-LICENSES.txt'), await licences(Object.keys(metafile.inputs)));

async function replace(path, contents) {
  await mkdir(dirname(path), { recursive: true });
  // Renamed into place: whoever packs meanwhile reads the former file or this one.
  const temporary = join(folder, 'dist', `.${process.pid}.tmp`);
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

/** The licences of every package that the functions hold, each text once. */
async function licences(inputs) {
  const paths = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  const packagesByText = new Map();
  for (const path of [...paths].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, path, 'package.json'), 'utf8'));
    const files = (await readdir(join(folder, path))).filter((file) =>
      /^(licen[cs]e|copying|notice)/i.test(file),
    );
    for (const file of files.sort()) {
      const text = (await readFile(join(folder, path, file), 'utf8')).trim();
      packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`]);
    }
  }
  const sections = [...packagesByText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  return sections.join(`\n${'-'.repeat(80)}\n\n`);
}
