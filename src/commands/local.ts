import { EXIT } from '../errors.ts';
import type { AsLambdaChoice } from '../model/as-lambda.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { LocalCloudView } from '../model/local-cloud.ts';
import { forgetLocalDeployments } from '../store/deployments.ts';
import type { LocalMachine } from '../targets/local-cloud.ts';

/**
 * The result of `local start`, `stop` and `status`. It does not contain the secret, which is only in
 * `.shedbench/local.json`.
 */
export interface LocalCloudResult extends LocalCloudView {
  readonly schema: 'shedbench/local-cloud@1';
  readonly startedAtEpochMs?: number;
  readonly stateFile?: string;
  readonly machine?: LocalMachine;
}

const SCHEMA = 'shedbench/local-cloud@1';

/** Starts the folder's local cloud, or finds it running. @throws ShedbenchError as `startLocalCloud` */
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

/** Ends the folder's local cloud with everything in it. Exit 0, also if none was running. */
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

/** Shows the state of the local cloud. Exit 0 if it runs, 3 if not. */
export async function localStatus(deps: CommandDeps): Promise<CommandResult<LocalCloudResult>> {
  const data = await describe(deps);
  return { exitCode: data.state === 'up' ? EXIT.ok : EXIT.aws, data };
}

export interface LocalLogsOptions {
  readonly follow: boolean;
  readonly lines: number;
  /** Receives the lines as they are written. Without it all lines are in the result. */
  readonly write?: (text: string) => void;
  /** Ends the output of new lines, as the interrupt does. */
  readonly until: AbortSignal;
}

export interface LocalLogsResult {
  readonly schema: 'shedbench/local-logs@1';
  /** The last lines of the log, if they were not passed to a listener. */
  readonly lines: readonly string[];
}

/**
 * Returns the last lines of the cloud's log. With `follow` it continues until the interrupt.
 *
 * @throws ShedbenchError exit 3 if no local cloud ever ran in this folder
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
