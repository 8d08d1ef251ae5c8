import { arch, cpus, release, totalmem, type } from 'node:os';
import { restJsonService } from './protocols/rest-json.ts';
import type { Service } from './seams.ts';

/** What a report's heading says of the machine; the schema is the wire's, the client has its own type for it. */
export interface MachineDescription {
  readonly schema: 'shedbench/machine@1';
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly os: string;
  readonly architecture: string;
  readonly nodeVersion: string;
  /** By Lambda runtime identifier, the version that really runs it. */
  readonly interpreters: Readonly<Record<string, string>>;
  /** Whether CPU is held in proportion to memory. */
  readonly cpuShareApplied: boolean;
}

export function describeMachine(
  lambda: Pick<MachineDescription, 'interpreters' | 'cpuShareApplied'>,
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

/** The cloud's own signed routes: what it runs on, and its end. */
export function adminService(options: {
  readonly machine: () => MachineDescription;
  readonly shutdown: () => void;
  readonly log: (message: string) => void;
}): Service {
  return restJsonService({
    signingName: 'shedbench',
    log: options.log,
    routes: [
      { method: 'GET', path: '/_shedbench/machine', operation: async () => options.machine() },
      {
        method: 'POST',
        path: '/_shedbench/shutdown',
        operation: async () => {
          // The answer leaves first.
          setImmediate(options.shutdown);
          return { state: 'stopping' };
        },
      },
    ],
  });
}
