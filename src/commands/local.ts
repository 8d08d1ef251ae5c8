import { EXIT } from '../errors.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import { forgetLocalDeployments } from '../store/deployments.ts';
import type { LocalMachine } from '../targets/local-cloud.ts';

/** What `local start`, `stop` and `status` say; never the secret, which stays in `.shedbench/local.json`. */
export interface LocalCloudResult {
  readonly schema: 'shedbench/local-cloud@1';
  readonly state: 'up' | 'down' | 'unresponsive';
  /** What this command did. */
  readonly action: 'started' | 'found' | 'stopped' | 'none';
  /** A state file was there although its process was gone. */
  readonly stale?: true;
  readonly pid?: number;
  readonly endpoint?: string;
  readonly region?: string;
  readonly accountId?: string;
  readonly startedAtEpochMs?: number;
  readonly stateFile?: string;
  readonly logFile?: string;
  readonly machine?: LocalMachine;
}

const SCHEMA = 'shedbench/local-cloud@1';

/** Starts the folder's local cloud, or finds it up. @throws ShedbenchError as `startLocalCloud` */
export async function localStart(
  options: { readonly port?: number; readonly region?: string; readonly asLambda?: AsLambdaChoice },
  deps: CommandDeps,
): Promise<CommandResult<LocalCloudResult>> {
  const { startLocalCloud } = await import('../targets/local-cloud.ts');
  const { asLambda, ...place } = options;
  const { started } = await startLocalCloud({
    ...place,
    ...(asLambda === undefined
      ? {}
      : { asLambda: { ...asLambda, command: 'shedbench local start --as-lambda' } }),
    ...cloudDeps(deps),
    emit: deps.emit,
    toolVersion: deps.toolVersion,
  });
  const status = await describe(deps);
  return { exitCode: EXIT.ok, data: { ...status, action: started ? 'started' : 'found' } };
}

/** Ends the folder's local cloud and everything in it; exit 0 too where none was up. */
export async function localStop(deps: CommandDeps): Promise<CommandResult<LocalCloudResult>> {
  const { stopLocalCloud } = await import('../targets/local-cloud.ts');
  const stopped = await stopLocalCloud(cloudDeps(deps));
  await forgetLocalDeployments(deps.cwd, deps.emit);
  const action = stopped === undefined ? 'none' : 'stopped';
  return {
    exitCode: EXIT.ok,
    data: {
      schema: SCHEMA,
      state: 'down',
      action,
      ...(stopped && { pid: stopped.pid, endpoint: stopped.endpoint }),
    },
  };
}

/** Exit 0 where it is up, 3 where it is not. */
export async function localStatus(deps: CommandDeps): Promise<CommandResult<LocalCloudResult>> {
  const data = await describe(deps);
  return { exitCode: data.state === 'up' ? EXIT.ok : EXIT.aws, data };
}

export interface LocalLogsOptions {
  readonly follow: boolean;
  readonly lines: number;
  /** Gets the lines as they come; where there is none they are all in the result. */
  readonly write?: (text: string) => void;
  /** Ends the following, as the interrupt does. */
  readonly until: AbortSignal;
}

export interface LocalLogsResult {
  readonly schema: 'shedbench/local-logs@1';
  /** The last lines of the log, where they were not written as they came. */
  readonly lines: readonly string[];
}

/**
 * The last lines of the cloud's log; with `follow` it goes on until the interrupt.
 *
 * @throws ShedbenchError exit 3 where no local cloud ever ran in this folder
 */
export async function localLogs(
  options: LocalLogsOptions,
  deps: CommandDeps,
): Promise<CommandResult<LocalLogsResult>> {
  const { localCloudLogs } = await import('../targets/local-cloud-logs.ts');
  let kept = '';
  await localCloudLogs({
    folder: deps.cwd,
    lines: options.lines,
    follow: options.follow,
    write:
      options.write ??
      ((text) => {
        kept += text;
      }),
    sleep: deps.sleep,
    signal: AbortSignal.any([deps.interrupt.first, options.until]),
  });
  const lines = kept === '' ? [] : kept.replace(/\n$/, '').split('\n');
  return { exitCode: EXIT.ok, data: { schema: 'shedbench/local-logs@1', lines } };
}

function cloudDeps(deps: CommandDeps) {
  return {
    folder: deps.cwd,
    now: deps.now,
    sleep: deps.sleep,
    emit: deps.emit,
    signal: deps.interrupt.first,
  };
}

async function describe(deps: CommandDeps): Promise<LocalCloudResult> {
  const { localCloudStatus } = await import('../targets/local-cloud.ts');
  const { localPaths } = await import('../store/local-state.ts');
  const status = await localCloudStatus(cloudDeps(deps));
  if (status.state === 'down') {
    return { schema: SCHEMA, state: 'down', action: 'none', ...(status.stale ? { stale: true } : {}) };
  }
  const { pid, endpoint, region, accountId, startedAtEpochMs } = status.cloud;
  const { stateFile, logFile } = localPaths(deps.cwd);
  const common = { pid, endpoint, region, accountId, startedAtEpochMs, stateFile, logFile };
  if (status.state === 'unresponsive') {
    return { schema: SCHEMA, state: 'unresponsive', action: 'none', ...common };
  }
  const { schema: _, ...machine } = status.machine;
  return { schema: SCHEMA, state: 'up', action: 'none', ...common, machine };
}
