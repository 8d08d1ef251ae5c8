import { arch, cpus, release, totalmem, type } from 'node:os';
import { restJsonService } from './protocols/rest-json.ts';
import type { Service } from './seams.ts';
import type { AdminPath, MachineDescription } from './start-protocol.ts';

const MACHINE: AdminPath = '/_shedbench/machine';
const SHUTDOWN: AdminPath = '/_shedbench/shutdown';

/** Describes the machine that this process runs on. */
export function describeMachine(
  lambda: Pick<MachineDescription, 'interpreters' | 'startsAtOnce' | 'asLambda'>,
): MachineDescription {
  const cores = cpus();
  return {
    schema: 'shedbench/machine@1',
    cpuModel: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    os: `${type()} ${release()}`,
    architecture: arch(),
    nodeVersion: process.version,
    ...lambda,
  };
}

/** The cloud's own signed routes: one describes the machine, one stops the cloud. */
export function adminService(options: {
  readonly machine: () => MachineDescription;
  readonly shutdown: () => void;
  readonly log: (message: string) => void;
}): Service {
  return restJsonService({
    signingName: 'shedbench',
    log: options.log,
    routes: [
      { method: 'GET', path: MACHINE, operation: async () => options.machine() },
      {
        method: 'POST',
        path: SHUTDOWN,
        operation: async () => {
          // The answer is sent before the shutdown begins.
          setImmediate(options.shutdown);
          return { state: 'stopping' };
        },
      },
    ],
  });
}
