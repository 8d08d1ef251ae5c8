import { stat } from 'node:fs/promises';
import { awsError, usageError } from '../errors.ts';
import type { AdminPath, MachineDescription } from '../local/start-protocol.ts';
import { type AsLambdaChoice, latencyText } from '../model/as-lambda.ts';
import type { Emit } from '../model/events.ts';
import { withStep } from '../model/with-step.ts';
import {
  LOCAL_STATE_SCHEMA,
  type LocalCloudState,
  localPaths,
  readLocalState,
  removeLocalState,
  writeLocalState,
} from '../store/local-state.ts';
import { removeDataFolder, removeGroupFolder } from './data-folder.ts';
import { requestLocalCloud } from './local-request.ts';
import { isSameProcess, processStart, signalSameProcess } from './process-identity.ts';
import { type LocalCloudProcess, spawnLocalCloud } from './spawn-local-cloud.ts';
import { withStartLock } from './start-lock.ts';

const MACHINE: AdminPath = '/_shedbench/machine';
const SHUTDOWN: AdminPath = '/_shedbench/shutdown';

const HEALTH_TIMEOUT_MS = 5_000;
/** How long a stop waits until the cloud has ended itself and its sandboxes, before it kills them. */
const STOP_LIMIT_MS = 10_000;
/** How long a stop waits until killed processes are gone. */
const KILL_LIMIT_MS = 5_000;
const POLL_MS = 25;

export interface LocalCloudDeps {
  /** The folder whose `.shedbench/` holds the cloud's state file, lock and log. */
  readonly folder: string;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
  /**
   * How long to wait for the cloud's answer to a health check, 5 s by default. It may be slow on a busy machine.
   */
  readonly healthTimeoutMs?: number;
}

export interface StartLocalCloudOptions extends LocalCloudDeps {
  /** The port. Any free port by default. */
  readonly port?: number;
  /** The region. By default `us-east-1`, or that of a cloud that runs already. */
  readonly region?: string;
  readonly toolVersion: string;
  /** Set if functions run at Lambda's speed. `command` is the command as typed. Hints repeat it. */
  readonly asLambda?: AsLambdaChoice & { readonly command: string };
  /**
   * If true, a cloud that this call starts ends when this process ends for any reason, until `keep()` is called. It is
   * for commands that may be interrupted. By default the cloud runs until `stop`.
   */
  readonly endWithThisProcess?: boolean;
}

export interface StartedLocalCloud {
  readonly state: LocalCloudState;
  /** False if the cloud ran already. */
  readonly started: boolean;
  /** Makes the cloud outlive this process. Has an effect only after a start with `endWithThisProcess`. */
  keep(): void;
}

/**
 * Returns the local cloud of a folder, and starts it if none runs. If several processes call this at the same time, one
 * starts the cloud and all of them get it. Leftovers of a killed cloud are removed first.
 *
 * @throws ShedbenchError `port-in-use`, `bad-port`, `cpu-limit-…`, `local-cloud-differs` (exit 2),
 *   `local-cloud-failed`, `local-cloud-busy`, `local-cloud-silent` (exit 3)
 */
export async function startLocalCloud(options: StartLocalCloudOptions): Promise<StartedLocalCloud> {
  const running = await findLocalCloud(options);
  if (running !== undefined) return found(running, options);
  return withStartLock(options.folder, options, async () => {
    const other = await findLocalCloud(options);
    if (other !== undefined) return found(other, options);
    await clearRemains(options);
    return start(options);
  });
}

async function start(options: StartLocalCloudOptions): Promise<StartedLocalCloud> {
  const startCloud = async (): Promise<StartedLocalCloud> => {
    const spawned = await spawnLocalCloud({
      folder: options.folder,
      region: options.region,
      port: options.port,
      asLambda: options.asLambda,
      signal: options.signal,
    });
    let state: LocalCloudState;
    try {
      state = await describeState(spawned, options);
      await writeLocalState(options.folder, state);
    } catch (error) {
      await spawned.end();
      throw error;
    }
    if (options.endWithThisProcess !== true) spawned.keep();
    return { state, started: true, keep: () => spawned.keep() };
  };
  return await withStep(
    { id: 'local-cloud', title: 'Start the local cloud' },
    options.emit,
    startCloud,
    ({ state }) => ({ outcome: 'done', detail: state.endpoint }),
  );
}

async function describeState(
  spawned: LocalCloudProcess,
  options: StartLocalCloudOptions,
): Promise<LocalCloudState> {
  const { pid, description } = spawned;
  const helpers = await Promise.all(description.helperPids.map(identify));
  return {
    schema: LOCAL_STATE_SCHEMA,
    ...(await identify(pid)),
    helpers,
    port: description.port,
    endpoint: description.endpoint,
    accessKeyId: description.accessKeyId,
    secretAccessKey: description.secretAccessKey,
    region: description.region,
    accountId: description.accountId,
    startedAtEpochMs: options.now(),
    toolVersion: options.toolVersion,
    logFile: localPaths(options.folder).logFile,
    dataDir: description.dataDir,
    ...(description.groupFolders.length === 0 ? {} : { groupFolders: description.groupFolders }),
    ...(options.asLambda === undefined
      ? {}
      : { asLambda: { dynamodbLatency: latencyText(options.asLambda.dynamodbLatency) } }),
  };
}

async function identify(pid: number): Promise<{ readonly pid: number; readonly processStart: string }> {
  const start = await processStart(pid);
  if (start === undefined) {
    throw awsError(
      'local-cloud-failed',
      'The local cloud ended right after its start',
      'shedbench local logs',
    );
  }
  return { pid, processStart: start };
}

/** @throws ShedbenchError if the running cloud does not have the requested settings */
function found(state: LocalCloudState, options: StartLocalCloudOptions): StartedLocalCloud {
  if (options.port !== undefined && options.port !== state.port) {
    throw usageError(
      'local-cloud-differs',
      `The local cloud of this folder runs on port ${state.port}, not ${options.port}`,
      'Leave --port out, or: shedbench local stop',
    );
  }
  if (options.region !== undefined && options.region !== state.region) {
    throw usageError(
      'local-cloud-differs',
      `The local cloud of this folder runs in ${state.region}, not in ${options.region}`,
      'Leave --region out, or: shedbench local stop',
    );
  }
  if (options.asLambda !== undefined) refuseOtherSpeed(state, options.asLambda);
  if (state.toolVersion !== options.toolVersion) {
    options.emit({
      type: 'warning',
      code: 'local-cloud-version',
      message: `The running local cloud is of shedbench ${state.toolVersion}, this is shedbench ${options.toolVersion}`,
      hint: 'shedbench local stop',
    });
  }
  return { state, started: false, keep: () => undefined };
}

/** @throws ShedbenchError `local-cloud-differs` if the cloud runs functions at another speed */
function refuseOtherSpeed({ asLambda }: LocalCloudState, { dynamodbLatency }: AsLambdaChoice): void {
  const hint = 'shedbench local stop ends it, with everything in it. Then start it again';
  if (asLambda === undefined) {
    throw usageError('local-cloud-differs', 'The running local cloud runs functions at full speed', hint);
  }
  if (dynamodbLatency === undefined || asLambda.dynamodbLatency === latencyText(dynamodbLatency)) return;
  throw usageError(
    'local-cloud-differs',
    `The running local cloud has another database latency: ${asLambda.dynamodbLatency}`,
    hint,
  );
}

/**
 * Ends the folder's cloud and everything in it, and resolves when all its processes have ended. The cloud is asked to
 * end, and killed if it does not.
 * @returns the state of the cloud that was ended; undefined if none ran (leftovers are removed nevertheless)
 * @throws ShedbenchError `local-cloud-undead` (exit 3) if a process survives even SIGKILL, `local-cloud-busy` (exit 3)
 */
export async function stopLocalCloud(options: LocalCloudDeps): Promise<LocalCloudState | undefined> {
  if (!(await isDirectory(localPaths(options.folder).directory))) return undefined;
  // The lock ensures that the leftovers are not those of a cloud that is just starting. The abort signal is not passed
  // on, because an interrupted stop would leave the cloud running.
  return withStartLock(
    options.folder,
    { now: options.now, sleep: options.sleep, emit: options.emit },
    async () => {
      const state = await readLocalState(options.folder, options.emit);
      const isUp = state !== undefined && (await isSameProcess(state));
      if (isUp) {
        await askToEnd(state, options);
        await waitUntilGone([state], STOP_LIMIT_MS, options);
      }
      await clearRemains(options);
      return isUp ? state : undefined;
    },
  );
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function askToEnd(state: LocalCloudState, deps: LocalCloudDeps): Promise<void> {
  try {
    const answer = await requestLocalCloud(state, {
      method: 'POST',
      path: SHUTDOWN,
      nowEpochMs: deps.now(),
      timeoutMs: deps.healthTimeoutMs ?? HEALTH_TIMEOUT_MS,
    });
    if (answer.status === 200) return;
  } catch {
    // The cloud does not answer. The signal below asks it again, and the wait for it is limited.
  }
  await signalSameProcess(state, 'SIGTERM');
}

/**
 * Kills the processes in the state file that still run, then removes the data folder and the state file. A process with
 * a recorded pid but another start time is not touched.
 */
async function clearRemains(deps: LocalCloudDeps): Promise<void> {
  const state = await readLocalState(deps.folder, deps.emit);
  if (state !== undefined) {
    await signalSameProcess(state, 'SIGKILL');
    // The watchdog, one of the helpers, ends the sandboxes after the cloud has ended, and then itself. It gets time for
    // that.
    if (!(await waitUntilGone(state.helpers, KILL_LIMIT_MS, deps))) {
      for (const helper of state.helpers) await signalSameProcess(helper, 'SIGKILL');
    }
    if (!(await waitUntilGone([state, ...state.helpers], KILL_LIMIT_MS, deps))) {
      throw awsError(
        'local-cloud-undead',
        `Process ${state.pid} of the local cloud does not end, not even by SIGKILL`,
        `ps -fp ${state.pid}`,
      );
    }
    await removeDataFolder(state.dataDir);
    for (const folder of state.groupFolders ?? []) await removeGroupFolder(folder);
  }
  await removeLocalState(deps.folder);
}

async function waitUntilGone(
  processes: readonly { readonly pid: number; readonly processStart: string }[],
  limitMs: number,
  deps: LocalCloudDeps,
): Promise<boolean> {
  const deadline = deps.now() + limitMs;
  for (;;) {
    const alive = await Promise.all(processes.map(isSameProcess));
    if (!alive.includes(true)) return true;
    if (deps.now() > deadline) return false;
    // The abort signal is not passed on, because an interrupted stop must also leave nothing behind.
    await deps.sleep(POLL_MS);
  }
}

/** The machine on which the local cloud runs, as the cloud describes it. */
export type LocalMachine = Omit<MachineDescription, 'schema'>;

export type LocalCloudStatus =
  | { readonly state: 'up'; readonly cloud: LocalCloudState; readonly machine: MachineDescription }
  /** The process runs but gives no valid answer. `hasDoor` is false if nothing listens on its port. */
  | {
      readonly state: 'unresponsive';
      readonly cloud: LocalCloudState;
      readonly why: string;
      readonly hasDoor: boolean;
    }
  /** `stale`: a state file exists, but its process has ended. */
  | { readonly state: 'down'; readonly stale: boolean };

/** The state of the folder's cloud. Changes nothing. */
export async function localCloudStatus(options: LocalCloudDeps): Promise<LocalCloudStatus> {
  const cloud = await readLocalState(options.folder, options.emit);
  if (cloud === undefined) return { state: 'down', stale: false };
  const answer = await askMachine(cloud, options);
  if ('machine' in answer) return { state: 'up', cloud, machine: answer.machine };
  return (await isSameProcess(cloud))
    ? { state: 'unresponsive', cloud, ...answer }
    : { state: 'down', stale: true };
}

/**
 * The folder's cloud if it answers. Undefined if none runs. Waits for a cloud that has closed its endpoint, because it
 * is about to end.
 *
 * @throws ShedbenchError `local-cloud-silent` (exit 3) if its process runs but does not answer. It is not replaced,
 *   because a stopped process or a clock that is 15 minutes off must not cost the rows in it.
 */
export async function findLocalCloud(options: LocalCloudDeps): Promise<LocalCloudState | undefined> {
  let status = await localCloudStatus(options);
  if (status.state === 'unresponsive' && !status.hasDoor) {
    await waitUntilGone([status.cloud], STOP_LIMIT_MS, options);
    status = await localCloudStatus(options);
  }
  if (status.state === 'unresponsive') {
    throw awsError(
      'local-cloud-silent',
      `The local cloud of this folder runs (process ${status.cloud.pid}) and does not answer: ${status.why}`,
      'shedbench local stop ends it, with everything in it',
    );
  }
  return status.state === 'up' ? status.cloud : undefined;
}

/** Only the cloud that wrote the state file can answer this, because nobody else knows the secret. */
async function askMachine(
  state: LocalCloudState,
  deps: LocalCloudDeps,
): Promise<{ readonly machine: MachineDescription } | { readonly why: string; readonly hasDoor: boolean }> {
  const timeoutMs = deps.healthTimeoutMs ?? HEALTH_TIMEOUT_MS;
  try {
    const answer = await requestLocalCloud(state, {
      method: 'GET',
      path: MACHINE,
      nowEpochMs: deps.now(),
      timeoutMs,
    });
    if (answer.status === 200) return { machine: JSON.parse(answer.body) as MachineDescription };
    return { why: `it answers ${answer.status} ${answer.body}`, hasDoor: true };
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') return { why: 'nothing listens on its port', hasDoor: false };
    const isLate = name === 'TimeoutError' || name === 'AbortError';
    return { why: isLate ? `it was silent for ${timeoutMs / 1000} s` : message, hasDoor: true };
  }
}
