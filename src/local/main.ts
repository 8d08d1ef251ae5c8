import { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createCloud, type LocalCloud } from './cloud.ts';
import { createLog } from './log-file.ts';
import { NoCpuLimit } from './sandboxes/cpu-limits.ts';
import type { CpuLimitRefusal, KeepWord, Readiness, StartFailure, StartInput } from './start-protocol.ts';
import { removeOwnStateFile, watchStateFile } from './state-file.ts';

/** The descriptor of the lifeline, which `start-protocol.ts` describes. */
const LIFELINE_FD = 3;
const KEEP: KeepWord = 'keep\n';
/** How long an orderly shutdown may take. After that the process exits, and the watchdog kills what is left. */
const SHUTDOWN_LIMIT_MS = 8_000;

/**
 * Starts a local cloud and reports to its starter. The cloud ends when it is told to, or when its starter ends without
 * having sent `keep`.
 */
async function main(): Promise<void> {
  process.title = 'shedbench-local-cloud';
  const input = JSON.parse(await text(process.stdin)) as StartInput;
  const log = createLog(input.logFile);
  const lifeline = new Socket({ fd: LIFELINE_FD });
  let cloud: LocalCloud | undefined;
  const end = createEnd(input.stateFile, log, () => cloud);
  endOnSignals(end);
  endOnBugs(end, log);
  watchLifeline(lifeline, () => end('its starter is gone', 0));
  try {
    cloud = await createCloud({
      region: input.region,
      port: input.port,
      dataDir: input.dataDir,
      ...(input.asLambda === undefined ? {} : { asLambda: input.asLambda }),
      log,
      onShutdown: () => end('asked to', 0),
      onLoss: (why) => end(why, 1),
    });
  } catch (error) {
    log(`did not start: ${describe(error)}`);
    lifeline.end(lineOf({ ready: false, ...reasonOf(error, input.port) }), () => process.exit(1));
    return;
  }
  watchStateFile(input.stateFile, () => end('its state file is gone, so nobody can reach it', 0));
  log(`is up at ${cloud.endpoint}, pid ${process.pid}, data in ${cloud.dataDir}`);
  lifeline.write(lineOf(readinessOf(cloud)));
}

/** Ends the process after an orderly shutdown, with this exit code. `why` is logged. Only the first call has an effect. */
type End = (why: string, exitCode: number) => void;

/** @param cloudOf returns the cloud; undefined while it starts */
function createEnd(
  stateFile: string,
  log: (message: string) => void,
  cloudOf: () => LocalCloud | undefined,
): End {
  let isEnding = false;
  return (why, exitCode) => {
    if (isEnding) return;
    isEnding = true;
    log(`ends: ${why}`);
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
    void (cloudOf()?.close() ?? Promise.resolve()).finally(() => {
      removeOwnStateFile(stateFile);
      log('ended');
      process.exit(exitCode);
    });
  };
}

function endOnSignals(end: End): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end(signal, 0));
}

/** A promise that nobody awaits may fail without harm to others, so its failure is only logged. */
function endOnBugs(end: End, log: (message: string) => void): void {
  process.on('unhandledRejection', (reason) => log(`unhandled rejection: ${describe(reason)}`));
  process.on('uncaughtException', (error) => {
    log(`uncaught exception: ${describe(error)}`);
    end('a bug', 1);
  });
}

function readinessOf(cloud: LocalCloud): Readiness {
  return {
    ready: true,
    port: cloud.port,
    endpoint: cloud.endpoint,
    ...cloud.credentials,
    region: cloud.region,
    accountId: cloud.accountId,
    dataDir: cloud.dataDir,
    helperPids: cloud.helperPids,
    groupFolders: cloud.groupFolders,
  };
}

function lineOf(readiness: Readiness): string {
  return `${JSON.stringify(readiness)}\n`;
}

/** Calls back if the lifeline closes before `keep` has arrived. */
function watchLifeline(lifeline: Socket, onLoss: () => void): void {
  let isKept = false;
  lifeline.on('data', (bytes: Buffer) => {
    if (bytes.toString('latin1').includes(KEEP)) isKept = true;
  });
  lifeline.on('error', () => undefined);
  lifeline.on('close', () => {
    if (!isKept) onLoss();
  });
  lifeline.on('end', () => {
    if (isKept) lifeline.end();
    else onLoss();
  });
}

function reasonOf(
  error: unknown,
  port: number,
): {
  readonly code: StartFailure;
  readonly message: string;
  readonly refusal?: CpuLimitRefusal;
} {
  if (error instanceof NoCpuLimit) {
    return { code: 'no-cpu-limit', message: error.message, refusal: error.refusal };
  }
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return { code: 'port-in-use', message: `Port ${port} of 127.0.0.1 is in use by another program` };
  }
  if (code === 'EACCES') return { code: 'bad-port', message: `Port ${port} may not be used by this user` };
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

void main();
