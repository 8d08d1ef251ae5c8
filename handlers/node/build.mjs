// Bundles each function with the SDK into one file. A cold start then reads and compiles one file and searches no
// node_modules, and it runs the tested version of the SDK instead of the one in Lambda's runtime.
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
  // The oldest Node that the local cloud runs them with. Lambda's nodejs24.x runs the same code.
  target: 'node20',
  format: 'esm',
  // Prefer the SDK's ES modules, from which unused code can be removed.
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': './src/environment-credentials.ts' },
  // Without this the SDK's warning about the end of Node 20 would be in the function's log at every cold start.
  define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  legalComments: 'none',
  logLevel: 'warning',
  // The SDK's CommonJS dependencies call `require`, which ES modules do not have.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
});

for (const { path, contents } of outputFiles) await replace(path, contents);
for (const name of functions) await replace(join(folder, `dist/${name}.sdk-bytes`), `${sdkBytes(name)}\n`);
await replace(join(folder, 'dist/THIRD-PARTY-LICENSES.txt'), await licences(Object.keys(metafile.inputs)));

/** The bytes of a function that come from packages: the SDK and its dependencies are all that it imports. */
function sdkBytes(name) {
  const { inputs } = metafile.outputs[`dist/${name}/${name}.mjs`];
  return Object.entries(inputs).reduce(
    (sum, [path, { bytesInOutput }]) => sum + (path.includes('node_modules/') ? bytesInOutput : 0),
    0,
  );
}

async function replace(path, contents) {
  await mkdir(dirname(path), { recursive: true });
  // Replaced by a rename, so that a process that packs the file meanwhile reads the old or the new one.
  const temporary = join(folder, 'dist', `.${process.pid}.tmp`);
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

/** The licence texts of every package in the functions, each text once. Throws for a package without a licence file. */
async function licences(inputs) {
  const paths = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  const packagesByText = new Map();
  for (const path of [...paths].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, path, 'package.json'), 'utf8'));
    const files = (await readdir(join(folder, path))).filter((file) =>
      /^(licen[cs]e|copying|notice)/i.test(file),
    );
    if (files.length === 0)
      throw new Error(`${name} is bundled and has no file with the text of its licence (${license})`);
    for (const file of files.sort()) {
      const text = (await readFile(join(folder, path, file), 'utf8')).trim();
      packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`]);
    }
  }
  const sections = [...packagesByText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  return sections.join(`\n${'-'.repeat(80)}\n\n`);
}
