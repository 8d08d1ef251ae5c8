import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Counters of the system since its start, in ms. Fields that the system does not offer are undefined. */
export interface MachineReading {
  /** Monotonic clock. */
  readonly atMs: number;
  readonly loadAverage1m?: number;
  /** The time of all cores together. `busyMs` excludes idle, waiting for disks, and steal. */
  readonly cores?: { readonly totalMs: number; readonly busyMs: number; readonly stealMs: number };
  /** CPU time of this program, the local cloud, and all processes that they started. */
  readonly ownMs?: number;
  /** For how long at least one task waited for a core. */
  readonly waitedMs?: number;
}

/** Observes the machine that sends the load. */
export interface MachineProbe {
  /** Runs the fixed computation of the yardstick and returns its duration, ms. Blocks this thread. */
  yardstickMs(): number;
  read(): MachineReading;
}

/**
 * SHA-256 over these bytes takes 1 to 6 ms on machines of the last ten years. The code is native and its memory stays
 * in the first cache levels, so neither the just-in-time compiler nor the garbage collector changes its time.
 */
const BLOCK = Buffer.alloc(64 * 1024, 7);
const BLOCKS = 32;
/** The shortest of this many repetitions counts, because a task switch can lengthen one of them. */
const REPEATS = 3;
/** How many fields of /proc/PID/stat after the program's name are read. */
const LAST_FIELD = 15;
/** Linux counts CPU time in ticks of 1/100 s (USER_HZ) on every architecture that Node runs on. */
const MS_PER_TICK = 10;
const US_PER_MS = 1000;

/** @param cloudPid the process of the local cloud, if the load goes to one on this machine */
export function createMachineProbe(cloudPid?: number): MachineProbe {
  const tree = new ProcessTree(new Set([process.pid, ...(cloudPid === undefined ? [] : [cloudPid])]));
  return { yardstickMs, read: () => readMachine(tree) };
}

function yardstickMs(): number {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const startMs = performance.now();
    const hash = createHash('sha256');
    for (let block = 0; block < BLOCKS; block++) hash.update(BLOCK);
    hash.digest();
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return bestMs;
}

function readMachine(tree: ProcessTree): MachineReading {
  const atMs = performance.now();
  if (process.platform === 'win32') return { atMs };
  const [loadAverage1m = 0] = loadavg();
  const stat = readText('/proc/stat');
  const cores = stat === undefined ? undefined : parseCoreTimes(stat);
  const pressure = readText('/proc/pressure/cpu');
  const waitedMs = pressure === undefined ? undefined : parseWaitedMs(pressure);
  const ownMs = cores === undefined ? undefined : tree.cpuMs();
  return {
    atMs,
    loadAverage1m,
    ...(cores === undefined ? {} : { cores }),
    ...(ownMs === undefined ? {} : { ownMs }),
    ...(waitedMs === undefined ? {} : { waitedMs }),
  };
}

/**
 * The times of all cores from the text of /proc/stat.
 * @see https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
 */
export function parseCoreTimes(stat: string): MachineReading['cores'] {
  const line = /^cpu +([\d ]+)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(' ')
    .map((ticks) => Number(ticks) * MS_PER_TICK);
  const busyMs = user + nice + system + irq + softirq;
  return { totalMs: busyMs + idle + iowait + steal, busyMs, stealMs: steal };
}

/**
 * For how long at least one task waited for a core, ms, from the text of /proc/pressure/cpu.
 * @see https://docs.kernel.org/accounting/psi.html (`some … total=` in µs)
 */
export function parseWaitedMs(pressure: string): number | undefined {
  const total = /^some .*total=(\d+)$/m.exec(pressure)?.[1];
  return total === undefined ? undefined : Number(total) / US_PER_MS;
}

/** The fields of /proc/PID/stat that are used. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Its own CPU time, plus that of its children that have ended and were waited for. */
  readonly cpuMs: number;
}

/**
 * Parses /proc/PID/stat. Undefined if the text is incomplete.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (fields 1, 4 and 14 to 17)
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  // The program's name is in parentheses and may contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', LAST_FIELD);
  const pid = Number.parseInt(text, 10);
  const parent = Number(fields[1]);
  const ticks = fields.slice(11, LAST_FIELD).reduce((sum, field) => sum + Number(field), 0);
  if (![pid, parent, ticks].every(Number.isInteger)) return undefined;
  return { pid, parent, cpuMs: ticks * MS_PER_TICK };
}

/** What is read of /proc. */
export interface ProcFolder {
  /** The names of its files and folders. */
  names(): readonly string[];
  /** The text of /proc/PID/stat. Undefined if the process has ended. */
  stat(pid: number): string | undefined;
  /** The id that the system gave last, to a process or a thread. 0 if it is not known. */
  lastPid(): number;
}

const PROC: ProcFolder = {
  names: () => readdirSync('/proc'),
  stat: (pid) => readText(`/proc/${pid}/stat`),
  lastPid: () => parseLastPid(readText('/proc/loadavg') ?? ''),
};

/**
 * The id that the system gave last, from the text of /proc/loadavg. 0 if the text has none.
 * @see https://man7.org/linux/man-pages/man5/proc_loadavg.5.html (the fifth field)
 */
export function parseLastPid(loadavg: string): number {
  return Number(/ (\d+)$/.exec(loadavg.trimEnd())?.[1] ?? 0);
}

/**
 * The roots and their descendants among all processes of this machine. A reading reads the files of those, and of processes
 * that may have started since the last one: the others have other ancestors for all their lives. The system gives ids in
 * ascending order, and after the highest it begins again with the lowest free one. So a new process can have the id of one
 * that has ended, but only an id that the system has passed since the last reading. That the system passes all ids between
 * two readings, at least 32,768 by default, is not noticed.
 */
export class ProcessTree {
  readonly #roots: ReadonlySet<number>;
  readonly #proc: ProcFolder;
  /** The processes that exist and do not belong to the tree. */
  #others: ReadonlySet<number> = new Set();
  #lastPid = 0;

  constructor(roots: ReadonlySet<number>, proc: ProcFolder = PROC) {
    this.#roots = roots;
    this.#proc = proc;
  }

  /** CPU time of the roots and all of their descendants, ms. */
  cpuMs(): number {
    // It is read before the names: an id that is given meanwhile is read again next time.
    const lastPid = this.#proc.lastPid();
    const pids = this.#proc.names().map(Number).filter(Number.isInteger);
    const others = new Set(
      pids.filter((pid) => this.#others.has(pid) && !isGiven(pid, this.#lastPid, lastPid)),
    );
    this.#others = others;
    this.#lastPid = lastPid;
    const read = new Map<number, ProcessStat>();
    for (const pid of pids) {
      const text = others.has(pid) ? undefined : this.#proc.stat(pid);
      const stat = text === undefined ? undefined : parseProcessStat(text);
      if (stat !== undefined) read.set(pid, stat);
    }
    let ownMs = 0;
    for (const { pid, cpuMs } of read.values()) {
      const isOwn = this.#isOwn(pid, read);
      if (isOwn === true) ownMs += cpuMs;
      else if (isOwn === false) others.add(pid);
    }
    return ownMs;
  }

  /** Undefined if an ancestor could not be read this time. */
  #isOwn(pid: number, read: ReadonlyMap<number, ProcessStat>): boolean | undefined {
    for (let at = pid; at > 0; ) {
      if (this.#roots.has(at)) return true;
      if (this.#others.has(at)) return false;
      const stat = read.get(at);
      if (stat === undefined) return undefined;
      at = stat.parent;
    }
    return false;
  }
}

/** Whether the system passed an id when it gave all ids after `from` until `to`. */
function isGiven(pid: number, from: number, to: number): boolean {
  return from <= to ? from < pid && pid <= to : from < pid || pid <= to;
}

/** Undefined if the system has no such file, or the process has ended. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
