import { readdirSync, readFileSync } from 'node:fs';

/** The kinds of processes of a bench, in the order of the table. */
export const KINDS = ['functions', 'cloud', 'bench', 'other'] as const;
export type Kind = (typeof KINDS)[number];

/** Linux counts CPU time in ticks of 1/100 s. */
const TICKS_PER_S = 100;

interface SeenProcess {
  kind: Kind;
  cpuS: number;
}

/** Adds up the CPU time of the processes of a bench, by kind. A process counts as it was last seen. */
export class CpuWatch {
  readonly #benchPid: number;
  readonly #stateFile: string;
  /** By process id and start time, because the system uses ids again. */
  readonly #seen = new Map<string, SeenProcess>();
  #cloudPid: number | undefined;

  /** @param stateFile where the bench notes the process of its local cloud */
  constructor(benchPid: number, stateFile: string) {
    this.#benchPid = benchPid;
    this.#stateFile = stateFile;
  }

  look(): void {
    if (process.platform !== 'linux') return;
    this.#cloudPid ??= cloudPidIn(this.#stateFile);
    const processes = allProcesses();
    for (const [pid, { startTicks, cpuS }] of processes) {
      if (!this.#isOfBench(pid, processes)) continue;
      const key = `${pid} ${startTicks}`;
      const seen = this.#seen.get(key) ?? { kind: 'other', cpuS };
      // A process has its final environment and parent only after a moment.
      if (seen.kind === 'other') seen.kind = this.#kindOf(pid);
      seen.cpuS = cpuS;
      this.#seen.set(key, seen);
    }
  }

  cpuS(): ReadonlyMap<Kind, number> {
    const sums = new Map<Kind, number>();
    for (const { kind, cpuS } of this.#seen.values()) sums.set(kind, (sums.get(kind) ?? 0) + cpuS);
    return sums;
  }

  #isOfBench(pid: number, processes: ReadonlyMap<number, ProcessState>): boolean {
    for (let at: number | undefined = pid; at !== undefined; at = processes.get(at)?.parent) {
      if (at === this.#benchPid || at === this.#cloudPid) return true;
    }
    return false;
  }

  #kindOf(pid: number): Kind {
    if (pid === this.#benchPid) return 'bench';
    if (pid === this.#cloudPid) return 'cloud';
    if (readText(`/proc/${pid}/environ`)?.includes('AWS_LAMBDA_FUNCTION_NAME=') === true) return 'functions';
    return readText(`/proc/${pid}/cmdline`)?.includes('local-database') === true ? 'cloud' : 'other';
  }
}

interface ProcessState {
  readonly parent: number;
  /** When it started, in ticks since the system did. */
  readonly startTicks: string;
  /** The CPU time of its own threads, s. */
  readonly cpuS: number;
}

/**
 * All processes of the system by id.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (fields 4, 14, 15 and 22)
 */
function allProcesses(): Map<number, ProcessState> {
  const processes = new Map<number, ProcessState>();
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? readText(`/proc/${name}/stat`) : undefined;
    if (text === undefined) continue;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    processes.set(Number(name), {
      parent: Number(fields[1]),
      startTicks: fields[19] ?? '',
      cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
    });
  }
  return processes;
}

function cloudPidIn(stateFile: string): number | undefined {
  const text = readText(stateFile);
  return text === undefined ? undefined : (JSON.parse(text) as { readonly pid: number }).pid;
}

/** Undefined if there is no such file, or the process has ended. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
