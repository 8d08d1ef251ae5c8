import type { CommandDeps } from '../model/command.ts';
import type { Machine } from '../model/report.ts';

/** The machine under the folder's local cloud, for a report's heading; undefined where it doesn't answer. */
export async function localMachine(deps: CommandDeps): Promise<Machine | undefined> {
  const { localCloudStatus } = await import('./local-cloud.ts');
  const status = await localCloudStatus({
    folder: deps.cwd,
    now: deps.now,
    sleep: deps.sleep,
    emit: deps.emit,
  });
  if (status.state !== 'up') return undefined;
  const { cpuModel, cores, memoryMiB, os, nodeVersion, interpreters, cpuShareApplied } = status.machine;
  return {
    cpuModel,
    cores,
    memoryMiB,
    os,
    nodeVersion,
    interpreters: Object.entries(interpreters).map(([lambdaRuntime, version]) => ({
      lambdaRuntime,
      version,
    })),
    cpuShare: cpuShareApplied,
  };
}

/** The process of the folder's local cloud, and which interpreters it runs functions on; undefined where none is up. */
export async function localCloudUnderLoad(deps: CommandDeps): Promise<
  | {
      readonly pid: number;
      /** The version behind a Lambda runtime's identifier; undefined before a function needed it. */
      interpreterOf(lambdaRuntime: string): Promise<string | undefined>;
    }
  | undefined
> {
  const { localCloudStatus } = await import('./local-cloud.ts');
  const status = await localCloudStatus({
    folder: deps.cwd,
    now: deps.now,
    sleep: deps.sleep,
    emit: deps.emit,
  });
  if (status.state !== 'up') return undefined;
  return {
    pid: status.cloud.pid,
    interpreterOf: async (lambdaRuntime) => {
      const machine = await localMachine(deps);
      return machine?.interpreters.find((each) => each.lambdaRuntime === lambdaRuntime)?.version;
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
