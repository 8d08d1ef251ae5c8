import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** What the threads of a sandbox have used and waited for since they began, in ms. */
export interface CpuReading {
  /** CPU time of all threads and of the processes that the sandbox started. */
  readonly cpuMs: number;
  /** Time in which threads could have run and no core was free. Under a quota it also holds the time they were stopped. */
  readonly queuedMs: number;
}

/** Reads the CPU time of a sandbox from outside of it, so that no measuring counts as the function's own work. */
export interface CpuMeter {
  /**
   * The reading now; undefined once the process is gone. It asks only the threads that did a fiftieth or more of the
   * work between the last two looks, since each costs 2.5 µs. Most threads of a runtime hardly ever work.
   */
  read(): CpuReading | undefined;
  /**
   * Looks for threads and processes that are new, and asks every thread. To be called where it costs nothing that is
   * measured: it takes about 20 µs, and 5 µs a thread.
   */
  look(): CpuReading | undefined;
  close(): void;
}

/**
 * The meter of the process `pid`; undefined on systems that do not tell the CPU time of another process finely enough.
 * `/proc/PID/stat` counts in steps of 10 ms; `/proc/PID/task/TID/schedstat` counts ns.
 * @see https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html (the section on /proc/<pid>/schedstat)
 */
export function openCpuMeter(
  pid: number,
  platform: string = process.platform,
  procFolder = '/proc',
): CpuMeter | undefined {
  return platform === 'linux' ? new SchedulerMeter(pid, procFolder) : undefined;
}

/** A thread that does less than this share of a sandbox's work is asked at looks only. */
const IDLE_SHARE = 0.02;
const LINE_BYTES = 64;
const lineBuffer = Buffer.allocUnsafe(LINE_BYTES);
const CHILDREN_BYTES = 4096;
const childrenBuffer = Buffer.allocUnsafe(CHILDREN_BYTES);

/** One thread's files, kept open, and what they said last. */
interface Thread {
  readonly fd: number;
  /** Of the list of processes that the thread started; undefined on a kernel without these lists. */
  readonly childrenFd: number | undefined;
  cpuNs: number;
  queuedNs: number;
  /** What `cpuNs` was at the last look; undefined before the first one. */
  lookedCpuNs: number | undefined;
  hasEnded: boolean;
}

/** Adds up the threads' own counters. What a thread had used when it ended stays in the sum. */
class SchedulerMeter implements CpuMeter {
  readonly #pid: number;
  readonly #procFolder: string;
  readonly #threads = new Map<string, Thread>();
  #active: Thread[] = [];
  #cpuNs = 0;
  #queuedNs = 0;
  /** What `#cpuNs` was at the last look. */
  #lookedCpuNs = 0;

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
      : { cpuMs: this.#cpuNs / NS_PER_MS, queuedMs: this.#queuedNs / NS_PER_MS };
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
    this.#chooseActive();
    return this.#sum();
  }

  close(): void {
    for (const thread of this.#threads.values()) closeFiles(thread);
    this.#threads.clear();
    this.#active = [];
  }

  /** The thread of a folder in /proc, whose files are opened when it is seen for the first time. */
  #open(folder: string): Thread | undefined {
    const known = this.#threads.get(folder);
    if (known !== undefined) return known;
    const fd = openIfThere(`${folder}/schedstat`);
    // The thread ended between the look and the opening: what it used is lost, at most some µs.
    if (fd === undefined) return undefined;
    const childrenFd = openIfThere(`${folder}/children`);
    const thread = { fd, childrenFd, cpuNs: 0, queuedNs: 0, lookedCpuNs: undefined, hasEnded: false };
    this.#threads.set(folder, thread);
    return thread;
  }

  /** A new thread is one that works until it has been looked at twice. */
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

  /** False once the thread has ended; its last figures then stay. */
  #readThread(thread: Thread): boolean {
    const counters = readCounters(thread.fd);
    if (counters === undefined) {
      thread.hasEnded = true;
      return false;
    }
    this.#cpuNs += counters.cpuNs - thread.cpuNs;
    this.#queuedNs += counters.queuedNs - thread.queuedNs;
    thread.cpuNs = counters.cpuNs;
    thread.queuedNs = counters.queuedNs;
    return true;
  }
}

interface Counters {
  readonly cpuNs: number;
  readonly queuedNs: number;
}

/** What an open schedstat file says now; undefined once its thread has ended. */
function readCounters(fd: number): Counters | undefined {
  let bytes: number;
  try {
    bytes = readSync(fd, lineBuffer, 0, LINE_BYTES, 0);
  } catch {
    return undefined;
  }
  return parseSchedstat(lineBuffer, bytes);
}

/** The first two numbers of a schedstat line: time on a core and time waiting for one, in ns. */
export function parseSchedstat(line: Uint8Array, length: number): Counters | undefined {
  const space = line.indexOf(SPACE);
  const second = space === -1 ? -1 : line.indexOf(SPACE, space + 1);
  if (second === -1 || second >= length) return undefined;
  const cpuNs = numberIn(line, 0, space);
  const queuedNs = numberIn(line, space + 1, second);
  return cpuNs === undefined || queuedNs === undefined ? undefined : { cpuNs, queuedNs };
}

const SPACE = 0x20;

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

/** Adds the processes that a thread started and that have not ended. A thread that has ended has none. */
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
