import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** The time that the threads of a sandbox have used a core and waited for one since they began, ms. */
export interface CpuReading {
  /** CPU time of all threads and of the processes that the sandbox started. */
  readonly cpuMs: number;
  /** Time in which threads could have run but had no core. Under a quota it includes the time of their throttling. */
  readonly queuedMs: number;
  /** How often a thread got a core: after each wait, of whatever kind, and after each time that another thread took it. */
  readonly timeslices: number;
}

/** Reads the CPU time of a sandbox from another process, so that measuring does not count as the function's work. */
export interface CpuMeter {
  /**
   * Returns the reading now. Undefined if the process has ended. It reads only the threads that did a fiftieth or more
   * of the work between the last two looks, because each takes 2.5 µs and most threads of a runtime hardly ever work.
   */
  read(): CpuReading | undefined;
  /**
   * Searches for new threads and processes, and reads every thread. To be called outside of a measured time, because it
   * takes about 20 µs, and 5 µs a thread.
   */
  look(): CpuReading | undefined;
  /**
   * Looks as the program of the sandbox begins. A shell ran in the same process before it, and started others that
   * mounted its `/tmp`: they are not counted.
   */
  start(): CpuReading | undefined;
  close(): void;
}

/**
 * The meter of the process `pid`. Undefined on systems that do not report the CPU time of another process precisely
 * enough: `/proc/PID/stat` counts in steps of 10 ms, `/proc/PID/task/TID/schedstat` in ns.
 * @see https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html (the section on /proc/<pid>/schedstat)
 */
export function openCpuMeter(
  pid: number,
  platform: string = process.platform,
  procFolder = '/proc',
): CpuMeter | undefined {
  return platform === 'linux' ? new SchedulerMeter(pid, procFolder) : undefined;
}

/** A thread that does less than this share of a sandbox's work is read by `look` only. */
const IDLE_SHARE = 0.02;
const LINE_BYTES = 64;
const lineBuffer = Buffer.allocUnsafe(LINE_BYTES);
const CHILDREN_BYTES = 4096;
const childrenBuffer = Buffer.allocUnsafe(CHILDREN_BYTES);

/** The unit of CPU time in `/proc/PID/stat`: USER_HZ is 100 on every architecture of Lambda. */
const STAT_UNIT_NS = 10 * NS_PER_MS;

/** The CPU time of a process, ns. */
interface ProcessCpu {
  /** All its threads, ended ones included. */
  readonly threadsNs: number;
  /** The processes that it started, once they have ended. */
  readonly endedChildrenNs: number;
}

/**
 * Reads the CPU time of a process. Undefined once the process has ended.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (fields 14 to 17)
 */
function readProcessCpu(path: string): ProcessCpu | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
  // Field 2 is the program's name in brackets. It may contain spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  return {
    threadsNs: (user + system) * STAT_UNIT_NS,
    endedChildrenNs: (endedUser + endedSystem) * STAT_UNIT_NS,
  };
}

/** The open files of one thread and its last reading. */
interface Thread {
  readonly fd: number;
  /** The list of processes that the thread started. Undefined on a kernel without these lists. */
  readonly childrenFd: number | undefined;
  cpuNs: number;
  queuedNs: number;
  timeslices: number;
  /** What `cpuNs` was at the last look; undefined before the first one. */
  lookedCpuNs: number | undefined;
  hasEnded: boolean;
}

/** Sums the counters of all threads. The last reading of a thread that has ended stays in the sum. */
class SchedulerMeter implements CpuMeter {
  readonly #pid: number;
  readonly #procFolder: string;
  readonly #threads = new Map<string, Thread>();
  #active: Thread[] = [];
  #cpuNs = 0;
  #queuedNs = 0;
  #timeslices = 0;
  /** What `#cpuNs` was at the last look. */
  #lookedCpuNs = 0;
  /** The CPU time of processes that ended before the program began. */
  #earlierChildrenNs = 0;

  constructor(pid: number, procFolder: string) {
    this.#pid = pid;
    this.#procFolder = procFolder;
    this.look();
  }

  read(): CpuReading | undefined {
    let hasEnded = false;
    for (const thread of this.#active) hasEnded = !this.#readThread(thread) || hasEnded;
    if (hasEnded) this.#forgetEnded();
    return this.#sum();
  }

  #sum(): CpuReading | undefined {
    return this.#threads.size === 0
      ? undefined
      : {
          cpuMs: this.#cpuNs / NS_PER_MS,
          queuedMs: this.#queuedNs / NS_PER_MS,
          timeslices: this.#timeslices,
        };
  }

  look(): CpuReading | undefined {
    const open = [this.#pid];
    for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
      const folder = `${this.#procFolder}/${pid}/task`;
      for (const name of namesIn(folder)) {
        const thread = this.#open(`${folder}/${name}`);
        if (thread?.childrenFd !== undefined) addChildren(thread.childrenFd, open);
      }
    }
    for (const thread of this.#threads.values()) this.#readThread(thread);
    this.#forgetEnded();
    this.#addUnseen();
    this.#chooseActive();
    return this.#sum();
  }

  /**
   * Adds the CPU time of threads and processes that began and ended between two looks. Only the process's own count, in
   * steps of 10 ms, has it. The count is rounded down, so that whatever it has beyond the sum was not seen.
   */
  #addUnseen(): void {
    const counted = readProcessCpu(this.#statPath());
    if (counted === undefined) return;
    const unseenNs = counted.threadsNs + counted.endedChildrenNs - this.#earlierChildrenNs - this.#cpuNs;
    // A running thread may use some more between both readings.
    if (unseenNs > NS_PER_MS) this.#cpuNs += unseenNs;
  }

  start(): CpuReading | undefined {
    this.close();
    this.#cpuNs = 0;
    this.#queuedNs = 0;
    this.#timeslices = 0;
    this.#lookedCpuNs = 0;
    this.#earlierChildrenNs = readProcessCpu(this.#statPath())?.endedChildrenNs ?? 0;
    return this.look();
  }

  #statPath(): string {
    return `${this.#procFolder}/${this.#pid}/stat`;
  }

  close(): void {
    for (const thread of this.#threads.values()) closeFiles(thread);
    this.#threads.clear();
    this.#active = [];
  }

  /** Returns the thread of a folder in `/proc`. Opens its files if it is new. Undefined if it has ended. */
  #open(folder: string): Thread | undefined {
    const known = this.#threads.get(folder);
    if (known !== undefined) return known;
    const fd = openIfThere(`${folder}/schedstat`);
    // The thread ended after its folder was listed. Its CPU time is lost, at most a few µs.
    if (fd === undefined) return undefined;
    const childrenFd = openIfThere(`${folder}/children`);
    const counters = { cpuNs: 0, queuedNs: 0, timeslices: 0 };
    const thread = { fd, childrenFd, ...counters, lookedCpuNs: undefined, hasEnded: false };
    this.#threads.set(folder, thread);
    return thread;
  }

  /** Chooses the threads that `read` reads. A new thread is one of them until the second look. */
  #chooseActive(): void {
    const threads = [...this.#threads.values()];
    const workedNs = this.#cpuNs - this.#lookedCpuNs;
    this.#active = threads.filter(
      ({ cpuNs, lookedCpuNs }) => lookedCpuNs === undefined || cpuNs - lookedCpuNs > workedNs * IDLE_SHARE,
    );
    for (const thread of threads) thread.lookedCpuNs = thread.cpuNs;
    this.#lookedCpuNs = this.#cpuNs;
  }

  #forgetEnded(): void {
    for (const [folder, thread] of this.#threads) {
      if (!thread.hasEnded) continue;
      closeFiles(thread);
      this.#threads.delete(folder);
    }
    this.#active = this.#active.filter(({ hasEnded }) => !hasEnded);
  }

  /** Returns false if the thread has ended. Its last reading then stays in the sum. */
  #readThread(thread: Thread): boolean {
    const counters = readCounters(thread.fd);
    if (counters === undefined) {
      thread.hasEnded = true;
      return false;
    }
    this.#cpuNs += counters.cpuNs - thread.cpuNs;
    this.#queuedNs += counters.queuedNs - thread.queuedNs;
    this.#timeslices += counters.timeslices - thread.timeslices;
    thread.cpuNs = counters.cpuNs;
    thread.queuedNs = counters.queuedNs;
    thread.timeslices = counters.timeslices;
    return true;
  }
}

interface Counters {
  readonly cpuNs: number;
  readonly queuedNs: number;
  readonly timeslices: number;
}

/** Reads an open schedstat file. Undefined if its thread has ended. */
function readCounters(fd: number): Counters | undefined {
  let bytes: number;
  try {
    bytes = readSync(fd, lineBuffer, 0, LINE_BYTES, 0);
  } catch {
    return undefined;
  }
  return parseSchedstat(lineBuffer, bytes);
}

/** Parses a schedstat line: time on a core and time waiting for one, ns, and the number of timeslices. */
export function parseSchedstat(line: Uint8Array, length: number): Counters | undefined {
  const space = line.indexOf(SPACE);
  const second = space === -1 ? -1 : line.indexOf(SPACE, space + 1);
  if (second === -1 || second >= length) return undefined;
  const cpuNs = numberIn(line, 0, space);
  const queuedNs = numberIn(line, space + 1, second);
  const end = line.indexOf(NEW_LINE, second);
  const timeslices = numberIn(line, second + 1, end === -1 || end > length ? length : end);
  if (cpuNs === undefined || queuedNs === undefined || timeslices === undefined) return undefined;
  return { cpuNs, queuedNs, timeslices };
}

const SPACE = 0x20;
const NEW_LINE = 0x0a;

function numberIn(line: Uint8Array, from: number, to: number): number | undefined {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (line[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return to > from ? value : undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function closeFiles({ fd, childrenFd }: Thread): void {
  closeSync(fd);
  if (childrenFd !== undefined) closeSync(childrenFd);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** Adds the running processes that a thread started. */
function addChildren(fd: number, pids: number[]): void {
  let text = '';
  try {
    for (let bytes = -1; bytes !== 0; ) {
      bytes = readSync(fd, childrenBuffer, 0, CHILDREN_BYTES, text.length);
      text += childrenBuffer.toString('latin1', 0, bytes);
    }
  } catch {
    // ESRCH: the thread has ended.
    return;
  }
  for (const pid of text.split(' ')) if (pid !== '') pids.push(Number(pid));
}
