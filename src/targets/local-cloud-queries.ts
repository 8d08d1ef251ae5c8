import type { CommandDeps } from '../model/command.ts';
import type { Machine } from '../model/report.ts';

/** The state of the folder's local cloud. */
async function statusOf(deps: CommandDeps) {
  const { localCloudStatus } = await import('./local-cloud.ts');
  return await localCloudStatus({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit });
}

/** The machine under the folder's local cloud, for a report's heading; undefined where it does not answer. */
export async function localMachine(deps: CommandDeps): Promise<Machine | undefined> {
  const status = await statusOf(deps);
  if (status.state !== 'up') return undefined;
  const { cpuModel, cores, memoryMiB, os, nodeVersion, cpuShareApplied } = status.machine;
  return { cpuModel, cores, memoryMiB, os, nodeVersion, cpuShare: cpuShareApplied };
}

/** The process of the folder's local cloud, and which interpreters it runs functions on; undefined where none is up. */
export async function localCloudUnderLoad(deps: CommandDeps): Promise<
  | {
      readonly pid: number;
      readonly startedAtEpochMs: number;
      /** The version behind a Lambda runtime's identifier; undefined before a function needed it. */
      interpreterOf(lambdaRuntime: string): Promise<string | undefined>;
    }
  | undefined
> {
  const status = await statusOf(deps);
  if (status.state !== 'up') return undefined;
  return {
    pid: status.cloud.pid,
    startedAtEpochMs: status.cloud.startedAtEpochMs,
    interpreterOf: async (lambdaRuntime) => {
      const now = await statusOf(deps);
      return now.state === 'up' ? now.machine.interpreters[lambdaRuntime] : undefined;
    },
  };
}

/**
 * Whether this folder's local cloud is up.
 * @throws ShedbenchError `local-cloud-silent` (exit 3) when it runs and does not answer
 */
export async function isCloudUp(deps: CommandDeps): Promise<boolean> {
  const { findLocalCloud } = await import('./local-cloud.ts');
  return (
    (await findLocalCloud({ folder: deps.cwd, now: deps.now, sleep: deps.sleep, emit: deps.emit })) !==
    undefined
  );
}
