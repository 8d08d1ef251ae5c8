import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { type AwsClients, createClients } from '../../src/aws/clients.ts';
import type { AwsCall } from '../../src/aws/iam-actions.ts';
import { identify } from '../../src/aws/identity.ts';
import type { FunctionArtifact, PackagedRuntime } from '../../src/deploy/artifacts/package-functions.ts';
import type { DeployOptions } from '../../src/deploy/deploy-project.ts';
import type { DeployDeps } from '../../src/deploy/stacks/stack-context.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { ROUTE_SPECS, ROUTES, type Route } from '../../src/model/route.ts';
import type { Target } from '../../src/model/target.ts';

/** A runtime of four tiny functions that nobody will run: for endpoints that can't. */
export function packagedRuntime(project: string, label: string, version = '1'): PackagedRuntime {
  const artifact = (route: Route): FunctionArtifact => {
    const zip = emptyZip(`${label}-${route}-${version}`);
    const sha256 = createHash('sha256').update(zip).digest('hex');
    return {
      route,
      handler: 'index.handler',
      s3Key: `${project}/${label}/${ROUTE_SPECS[route].functionSuffix}-${sha256}.zip`,
      sha256,
      zip,
      unzippedBytes: 0,
    };
  };
  const functions = Object.fromEntries(ROUTES.map((route) => [route, artifact(route)])) as Record<
    Route,
    FunctionArtifact
  >;
  const recipes = Object.fromEntries(ROUTES.map((route) => [route, { handler: 'index.handler', files: {} }]));
  return {
    manifest: {
      label,
      lambdaRuntime: 'nodejs22.x',
      architectures: ['arm64', 'x86_64'],
      functions: recipes as PackagedRuntime['manifest']['functions'],
      file: `/handlers/${label}/shedbench.json`,
      folder: `/handlers/${label}`,
    },
    runsOn: { architecture: 'arm64', os: 'linux', here: false },
    functions,
  };
}

/** The shortest zip: an end-of-central-directory record whose comment makes its content differ. */
function emptyZip(comment: string): Buffer {
  const text = Buffer.from(comment);
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(text.length, 20);
  return Buffer.concat([record, text]);
}

/** Everything that a deploy needs, against one endpoint, in a folder of its own. */
export interface World {
  readonly target: Target;
  readonly clients: AwsClients;
  readonly deps: DeployDeps;
  readonly events: ProgressEvent[];
  readonly calls: AwsCall[];
  readonly cwd: string;
  /** The person's Ctrl-C, once or twice. */
  readonly interruptOnce: () => void;
  readonly interruptTwice: () => void;
  readonly close: () => void;
}

/**
 * @param options.haste how many times faster the clock of the world runs than the wall's. With 20, a pause of the program of
 *   one second takes 50 ms, and the SDK repeats a failed call after 5 ms instead of up to 20 s
 */
export async function openWorld(
  endpoint: string,
  overrides: Partial<Target> = {},
  { haste = 1 }: { readonly haste?: number } = {},
): Promise<World> {
  const openedEpochMs = Date.now();
  const target: Target = {
    kind: 'endpoint',
    region: 'eu-west-3',
    endpoint,
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
    ...overrides,
  };
  const calls: AwsCall[] = [];
  const made = createClients(target, {
    env: {},
    toolVersion: '0.1.0',
    observe: (call) => calls.push(call),
  });
  const clients = haste === 1 ? made : withShortPauses(made, 100 / haste);
  const identity = await identify(clients);
  const cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  const events: ProgressEvent[] = [];
  const first = new AbortController();
  const second = new AbortController();
  return {
    target,
    clients,
    events,
    calls,
    cwd,
    deps: {
      clients,
      identity,
      cwd,
      toolVersion: '0.1.0',
      now: () => openedEpochMs + (Date.now() - openedEpochMs) * haste,
      random: () => Math.random(),
      sleep: async (ms, signal) => {
        await sleep(ms / haste, undefined, signal === undefined ? {} : { signal });
      },
      emit: (event) => events.push(event),
      interrupt: { first: first.signal, second: second.signal },
    },
    interruptOnce: () => first.abort(),
    interruptTwice: () => {
      first.abort();
      second.abort();
    },
    close: () => {
      clients.destroy();
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}

/** The same clients, which make as many attempts as before with a fixed pause between them, ms. */
function withShortPauses(clients: AwsClients, pauseMs: number): AwsClients {
  const hurried =
    <Client extends { readonly config: RetryConfig }>(open: () => Promise<Client>) =>
    async (): Promise<Client> => {
      const client = await open();
      const strategy = new ConfiguredRetryStrategy(client.config.maxAttempts, pauseMs);
      client.config.retryStrategy = async () => strategy;
      return client;
    };
  return {
    ...clients,
    cloudFormation: hurried(clients.cloudFormation),
    logs: hurried(clients.logs),
    s3: hurried(clients.s3),
    sts: hurried(clients.sts),
    lambda: hurried(clients.lambda),
    dynamodb: hurried(clients.dynamodb),
    apiGateway: hurried(clients.apiGateway),
  };
}

interface RetryConfig {
  readonly maxAttempts: () => Promise<number>;
  retryStrategy: () => Promise<unknown>;
}

/** Options of a deploy of the given runtimes, with nothing lost without a question. */
export function deployOptions(
  project: string,
  runtimes: readonly PackagedRuntime[],
  overrides: Partial<DeployOptions> = {},
): DeployOptions {
  return {
    project,
    runtimes,
    architecture: 'arm64',
    memorySizeMB: 128,
    allowOrigin: '*',
    logRetentionDays: 7,
    planOnly: false,
    confirmDataLoss: async () => {
      throw new Error('nothing was to be lost');
    },
    pickUpCommand: `shedbench deploy --project ${project}`,
    ...overrides,
  };
}
