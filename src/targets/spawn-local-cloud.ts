import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { awsError, type ShedbenchError, usageError } from '../errors.ts';
import type { KeepWord, LocalCloudDescription, Readiness, StartInput } from '../local/start-protocol.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import { DEFAULT_LOCAL_REGION } from '../model/defaults.ts';
import { openNewLocalLog } from '../store/local-log.ts';
import { localPaths } from '../store/local-state.ts';
import { asLambdaSettings, cannotLimitCpu } from './as-lambda.ts';
import { newDataFolder, removeDataFolder, removeGroupFolder } from './data-folder.ts';

/**
 * The time limit from the start of the process until it accepts requests. That takes a second on a slow machine, and
 * longer on a busy one.
 */
const READY_LIMIT_MS = 30_000;

/** The time that a cloud has to end in order after its start failed. */
const END_LIMIT_MS = 3_000;

/**
 * Node collects a young generation of this size seldom. Each collection stops the endpoint while functions are timed.
 */
const NODE_OPTIONS = ['--max-semi-space-size=32'];

/** The location of the bundled process, relative to `dist/`, `dist/chunks/` and `src/targets/`. */
const SCRIPT_CANDIDATES = ['./local-cloud.cjs', '../local-cloud.cjs', '../../dist/local-cloud.cjs'];

const KEEP: KeepWord = 'keep\n';

export interface LocalCloudProcess {
  readonly pid: number;
  readonly description: LocalCloudDescription;
  /** Lets it outlive this process. */
  keep(): void;
  /** Ends it now. Resolves when its process and its data folder are gone. */
  end(): Promise<void>;
}

/**
 * Starts the cloud's process, detached from the terminal, and waits until it accepts requests.
 *
 * A socket pair, the *lifeline*, connects the two processes. The cloud reports on it that it is ready, and ends itself
 * if this side closes before the word `keep` was sent. So a starter that is killed leaves no cloud behind.
 * @throws ShedbenchError `port-in-use`, `bad-port`, `cpu-limit-…`, `odd-file` (exit 2), `local-cloud-failed` (exit 3)
 */
export async function spawnLocalCloud(options: SpawnOptions): Promise<LocalCloudProcess> {
  const { logFile, stateFile } = localPaths(options.folder);
  const dataDir = await newDataFolder();
  const { child, lifeline } = await spawnCloudProcess(options.folder);
  const input: StartInput = {
    stateFile,
    logFile,
    dataDir,
    region: options.region ?? DEFAULT_LOCAL_REGION,
    port: options.port ?? 0,
    ...(options.asLambda === undefined ? {} : { asLambda: asLambdaSettings(options.asLambda) }),
  };
  child.stdin?.end(JSON.stringify(input));
  try {
    const readiness = await readinessOf(child, lifeline, options.signal);
    if (!readiness.ready) throw startFailure(readiness, options.asLambda?.command ?? 'shedbench');
    child.unref();
    lifeline.unref();
    return {
      pid: child.pid ?? 0,
      description: readiness,
      keep: () => {
        lifeline.end(KEEP);
      },
      end: async () => {
        await endStarted(child, lifeline, dataDir);
        for (const folder of readiness.groupFolders) await removeGroupFolder(folder);
      },
    };
  } catch (error) {
    await endStarted(child, lifeline, dataDir);
    throw error;
  }
}

interface SpawnOptions {
  readonly folder: string;
  readonly region: string | undefined;
  readonly port: number | undefined;
  readonly asLambda: (AsLambdaChoice & { readonly command: string }) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Starts the process, which reads its settings from stdin. Its output goes to the log. */
async function spawnCloudProcess(
  folder: string,
): Promise<{ readonly child: ChildProcess; readonly lifeline: Socket }> {
  const script = SCRIPT_CANDIDATES.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(
    existsSync,
  );
  if (script === undefined) throw new Error('dist/local-cloud.cjs is missing: node build.mjs');
  const log = await openNewLocalLog(folder);
  const child = spawn(process.execPath, [...NODE_OPTIONS, script], {
    detached: true,
    cwd: '/',
    env: cleanEnvironment(process.env),
    stdio: ['pipe', log.fd, log.fd, 'pipe'],
  });
  await log.close();
  const lifeline = child.stdio[3] as Socket;
  // If the process ends before it has read its settings, its end is reported instead.
  child.stdin?.on('error', () => undefined);
  lifeline.on('error', () => undefined);
  return { child, lifeline };
}

/** The error for a cloud that reported why it can't start. @param command the command as typed, for the advice */
function startFailure(
  { code, message, refusal }: Extract<Readiness, { ready: false }>,
  command: string,
): ShedbenchError {
  if (refusal !== undefined) return cannotLimitCpu(refusal, command);
  return code === 'port-in-use' || code === 'bad-port'
    ? usageError(code, message, 'Leave --port out to take any free one')
    : failed(`did not start: ${message}`);
}

/**
 * Ends a cloud whose start failed. Closing the lifeline asks it to end; if it does not, it is killed. The data folder
 * is removed here too, because the watchdog may have been killed as well.
 */
async function endStarted(child: ChildProcess, lifeline: Socket, dataDir: string): Promise<void> {
  lifeline.destroy();
  await ended(child);
  await removeDataFolder(dataDir);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function readinessOf(
  child: ChildProcess,
  lifeline: Socket,
  signal: AbortSignal | undefined,
): Promise<Readiness> {
  signal?.throwIfAborted();
  const settled = new AbortController();
  const lines = createInterface({ input: lifeline });
  try {
    return await new Promise<Readiness>((resolve, reject) => {
      const once = { once: true, signal: settled.signal } as const;
      signal?.addEventListener('abort', () => reject(signal.reason), once);
      AbortSignal.timeout(READY_LIMIT_MS).addEventListener(
        'abort',
        () => reject(failed(`was not up within ${READY_LIMIT_MS / 1000} s`)),
        once,
      );
      child.once('error', (error) => reject(failed(`could not be started: ${error.message}`)));
      // `close` comes after all output was read. `exit` may come before.
      child.once('close', (code, by) => reject(failed(`ended at once (${by ?? `exit code ${code}`})`)));
      lines.once('line', (line) => resolve(JSON.parse(line) as Readiness));
    });
  } finally {
    settled.abort();
    lines.close();
  }
}

function failed(how: string): ShedbenchError {
  return awsError('local-cloud-failed', `The local cloud ${how}`, 'shedbench local logs');
}

/**
 * The environment without the variables that concern only the caller: AWS credentials, which functions must not see,
 * options of Node and npm, and certificates, which take Node up to 0.1 s at every start. The local cloud calls no other
 * machine.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(AWS_|NODE_OPTIONS$|NODE_PATH$|NODE_EXTRA_CA_CERTS$|npm_|VITEST)/i.test(name),
    ),
  );
}
