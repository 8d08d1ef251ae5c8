import type { AsLambdaDescription } from '../local/start-protocol.ts';
import type { EnforcedCpu } from '../model/as-lambda.ts';
import type { CommandDeps } from '../model/command.ts';
import type { Machine } from '../model/report.ts';

/** The state of the folder's local cloud. */
async function statusOf(deps: CommandDeps) {
  const { localCloudStatus } = await import('./local-cloud.ts');
  return await localCloudStatus({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit });
}

/**
 * The machine on which the folder's local cloud runs, for the heading of a report. Undefined if the cloud does not
 * answer.
 */
export async function localMachine(deps: CommandDeps): Promise<Machine | undefined> {
  const status = await statusOf(deps);
  if (status.state !== 'up') return undefined;
  const { cpuModel, cores, memoryMiB, os, nodeVersion, asLambda } = status.machine;
  return { cpuModel, cores, memoryMiB, os, nodeVersion, cpuShare: asLambda !== undefined };
}

/** Queries about the folder's local cloud for a load. Undefined if no cloud runs. */
export async function localCloudUnderLoad(deps: CommandDeps): Promise<
  | {
      readonly pid: number;
      readonly startedAtEpochMs: number;
      /** The number of environments that start at the same time, at least 1. */
      readonly startsAtOnce: number;
      /** Whether the cloud enforces Lambda's CPU share. */
      readonly isAsLambda: boolean;
      /** The version of the interpreter for a Lambda runtime's identifier. Undefined before a function has used it. */
      interpreterOf(lambdaRuntime: string): Promise<string | undefined>;
      /** The CPU limit that the kernel enforces for a memory size. Undefined if functions run at full speed. */
      enforcedCpu(memorySizeMB: number): Promise<EnforcedCpu | undefined>;
    }
  | undefined
> {
  const status = await statusOf(deps);
  if (status.state !== 'up') return undefined;
  return {
    pid: status.cloud.pid,
    startedAtEpochMs: status.cloud.startedAtEpochMs,
    startsAtOnce: status.machine.startsAtOnce,
    isAsLambda: status.machine.asLambda !== undefined,
    interpreterOf: async (lambdaRuntime) => {
      const now = await statusOf(deps);
      return now.state === 'up' ? now.machine.interpreters[lambdaRuntime] : undefined;
    },
    enforcedCpu: async (memorySizeMB) => {
      if (status.machine.asLambda === undefined) return undefined;
      const now = await statusOf(deps);
      return now.state === 'up' ? enforcedFor(memorySizeMB, now.machine.asLambda) : undefined;
    },
  };
}

function enforcedFor(
  memorySizeMB: number,
  asLambda: AsLambdaDescription | undefined,
): EnforcedCpu | undefined {
  const share = asLambda?.shares.find((each) => each.memorySizeMB === memorySizeMB);
  if (asLambda === undefined || share === undefined) return undefined;
  const { controlGroupVersion, periodUs, tickMs, dynamodbLatency } = asLambda;
  const { quotaUs, periods, throttledPeriods } = share;
  return {
    controlGroupVersion,
    periodUs,
    quotaUs,
    ...(tickMs === undefined ? {} : { tickMs }),
    periods,
    throttledPeriods,
    dynamodbLatency,
  };
}

/**
 * Whether this folder's local cloud runs.
 * @throws ShedbenchError `local-cloud-silent` (exit 3) if it runs but does not answer
 */
export async function isCloudUp(deps: CommandDeps): Promise<boolean> {
  const { findLocalCloud } = await import('./local-cloud.ts');
  return (
    (await findLocalCloud({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit })) !==
    undefined
  );
}
