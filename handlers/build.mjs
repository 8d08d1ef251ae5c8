// Builds the package's own runtimes in a checkout, by the same code that `deploy` uses:
//   node handlers/build.mjs [--arch arm64|x86_64] [--os linux|darwin] [--handlers DIR] [--check] LABEL…
// Outputs that still match their sources are kept. --check builds nothing and fails if something would have to be
// built.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * Builds each runtime of `labels`, by default for this machine. `say` gets the tools' output line by line. With `check`
 * nothing is built; returns the labels whose outputs are missing or do not match their sources.
 */
export async function buildRuntimes(labels, { say, os, architecture, extraDirs = [], check = false } = {}) {
  const { discoverRuntimes, planRuntimes, buildRuntime, runTool, runsOnThisMachine } = await deployCode();
  const here = runsOnThisMachine(process.platform, process.arch);
  // On Windows functions are built for Lambda only.
  const runsOn = {
    here: false,
    os: os ?? here?.os ?? 'linux',
    architecture: architecture ?? here?.architecture ?? 'x86_64',
  };
  const { runtimes } = discoverRuntimes({ builtinDir: folder, extraDirs });
  const plan = await planRuntimes({ runtimes, asked: labels, runsOn, runTool });
  if (check)
    return plan.usable.filter(({ source }) => source === 'build').map(({ manifest }) => manifest.label);
  // Tools run in process groups of their own, so an interrupt must be passed on to them.
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => controller.abort());
  for (const { manifest } of plan.usable) {
    const emit = (event) => {
      if (event.type === 'step-start') say?.(event.title);
      if (event.type === 'step-progress') say?.(`  ${event.detail}`);
    };
    const { how } = await buildRuntime({ manifest, runsOn, emit, runTool, signal: controller.signal });
    say?.(`${manifest.label} for ${runsOn.os} on ${runsOn.architecture}: ${how}`);
  }
  return [];
}

/** Bundles the TypeScript code that `deploy` builds with, because Node 20 can't run TypeScript. */
async function deployCode() {
  const { outputFiles } = await build({
    stdin: {
      contents: ['discover-runtimes', 'plan-runtimes', 'build-runtime', 'run-tool', 'runs-on']
        .map((name) => `export * from './${name}.ts';`)
        .join('\n'),
      resolveDir: join(folder, '../src/deploy/artifacts'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(file.contents).toString('base64')}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    options: {
      arch: { type: 'string' },
      os: { type: 'string' },
      handlers: { type: 'string' },
      check: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  try {
    const stale = await buildRuntimes(positionals, {
      say: (line) => process.stdout.write(`${line}\n`),
      os: values.os,
      architecture: values.arch,
      extraDirs: values.handlers === undefined ? [] : [values.handlers],
      check: values.check,
    });
    if (stale.length > 0) {
      process.stderr.write(`not built from the present sources: ${stale.join(', ')}\n`);
      process.exitCode = 1;
    }
  } catch (error) {
    if (error.name !== 'ShedbenchError') throw error;
    process.stderr.write(`${error.message}\n${error.hint ?? ''}\n`);
    process.exitCode = error.exitCode;
  }
}
