import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRuntime } from '../../../src/deploy/artifacts/build-runtime.ts';
import { hasCurrentBuild } from '../../../src/deploy/artifacts/build-stamp.ts';
import { loadManifest, MANIFEST_FILE, type RuntimeManifest } from '../../../src/deploy/artifacts/manifest.ts';
import { listContents } from '../../../src/deploy/artifacts/package-functions.ts';
import { runTool } from '../../../src/deploy/artifacts/run-tool.ts';
import { type RunsOn, runsOnThisMachine } from '../../../src/deploy/artifacts/runs-on.ts';
import { ROUTES, type Route } from '../../../src/model/route.ts';
import { hasPythonModule } from '../../at-hand.ts';
import { Sandbox } from './sandbox.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Every runtime of the package. */
const FOLDERS = ['handlers/go', 'handlers/node', 'handlers/python', 'handlers/rust'];

export interface TestedRuntime {
  readonly label: string;
  readonly manifest: RuntimeManifest;
  readonly runsOn: RunsOn;
  /** Why it can't be tested on this machine. */
  readonly skip: string | undefined;
}

/** The repository's runtimes, with the reason for each that can't run here. */
export async function testedRuntimes(): Promise<readonly TestedRuntime[]> {
  const runsOn = runsOnThisMachine(process.platform, process.arch);
  if (runsOn === undefined) throw new Error('sandboxes run on Linux and macOS, on arm64 and x86_64');
  return await Promise.all(
    FOLDERS.map(async (folder) => {
      const manifest = loadManifest(join(ROOT, folder, MANIFEST_FILE));
      return { label: manifest.label, manifest, runsOn, skip: await whySkipped(manifest, runsOn) };
    }),
  );
}

async function whySkipped(manifest: RuntimeManifest, runsOn: RunsOn): Promise<string | undefined> {
  if (manifest.lambdaRuntime.startsWith('python')) {
    return hasPythonModule('boto3') ? undefined : 'python3 with boto3 is not here';
  }
  if (manifest.build === undefined || (await hasCurrentBuild(manifest, runsOn))) return undefined;
  // Minutes of compiling belong into a build, not into a test.
  return manifest.label === 'node'
    ? undefined
    : `handlers/${manifest.label} is not built: npm run build:${manifest.label}`;
}

/** A runtime's four functions, built, and started from the files that `deploy` would zip. */
export class RunningRuntime {
  /** Made by `start`: a runtime that is left out here leaves nothing. */
  #folder: string | undefined;
  readonly #sandboxes: Readonly<Record<Route, Sandbox>> = {
    cat: new Sandbox(),
    sheep: new Sandbox(),
    dog: new Sandbox(),
    wolf: new Sandbox(),
  };

  async start(runtime: TestedRuntime, environment: Readonly<Record<string, string>>): Promise<void> {
    const { manifest, runsOn } = runtime;
    await buildRuntime({ manifest, runsOn, runTool, emit: () => {} });
    const root = mkdtempSync(join(tmpdir(), 'shedbench-handlers-'));
    this.#folder = root;
    await Promise.all(
      ROUTES.map(async (route) => {
        const folder = join(root, route);
        for (const [name, source] of listContents(manifest, runsOn, route)) {
          cpSync(source, join(folder, name));
        }
        const { handler } = manifest.functions[route];
        await this.#sandboxes[route].start({
          folder,
          handler,
          lambdaRuntime: manifest.lambdaRuntime,
          environment,
        });
      }),
    );
  }

  of(route: Route): Sandbox {
    return this.#sandboxes[route];
  }

  async stop(): Promise<void> {
    await Promise.all(ROUTES.map((route) => this.#sandboxes[route].stop()));
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
