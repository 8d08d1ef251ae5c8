import { execFile } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** The memory of all processes of a sandbox together, KiB. */
export interface MemoryReading {
  /** The highest resident memory so far, including pages of program files. */
  readonly peakKiB: number;
  /**
   * The highest allocated memory so far, which the kernel can't reclaim. It excludes pages of program files, which the
   * kernel drops under a memory limit and reads again.
   */
  readonly peakAllocatedKiB: number;
}

/** Measures the highest memory use of a sandbox. */
export interface MemoryMeter {
  /** Reads the memory now. Undefined if the process has ended. */
  read(): MemoryReading | undefined;
  /** Like `read`, but includes the processes that the sandbox started. */
  readTree(): MemoryReading | undefined;
  close(): void;
}

/** Opens this platform's meter for the process `pid`, which leads its process group. */
export function openMemoryMeter(pid: number, platform: string = process.platform): MemoryMeter {
  return platform === 'linux' ? new LinuxMemoryMeter(pid) : new PsMemoryMeter(pid);
}

const STATUS_BYTES = 4096;
const statusBuffer = Buffer.allocUnsafe(STATUS_BYTES);

/** Reads `/proc/<pid>/status`, which is kept open. A reading takes about 10 µs. */
class LinuxMemoryMeter implements MemoryMeter {
  readonly #pid: number;
  #fd: number | undefined;
  #peakKiB = 0;
  #peakAllocatedKiB = 0;
  /** The last known memory of the children. Most sandboxes have none. */
  #children: MemoryReading = { peakKiB: 0, peakAllocatedKiB: 0 };

  constructor(pid: number) {
    this.#pid = pid;
    try {
      this.#fd = openSync(`/proc/${pid}/status`, 'r');
    } catch {
      // The process has ended already.
      this.#fd = undefined;
    }
  }

  read(): MemoryReading | undefined {
    if (this.#fd === undefined) return undefined;
    let bytes: number;
    try {
      bytes = readSync(this.#fd, statusBuffer, 0, STATUS_BYTES, 0);
    } catch {
      // ESRCH: the process has ended.
      return undefined;
    }
    const own = parseProcStatus(statusBuffer.toString('latin1', 0, bytes));
    if (own === undefined) return undefined;
    this.#peakKiB = Math.max(this.#peakKiB, own.peakKiB + this.#children.peakKiB);
    this.#peakAllocatedKiB = Math.max(
      this.#peakAllocatedKiB,
      own.peakAllocatedKiB + this.#children.peakAllocatedKiB,
    );
    return { peakKiB: this.#peakKiB, peakAllocatedKiB: this.#peakAllocatedKiB };
  }

  readTree(): MemoryReading | undefined {
    let peakKiB = 0;
    let peakAllocatedKiB = 0;
    for (const pid of descendants(this.#pid)) {
      const reading = readStatusOf(pid);
      peakKiB += reading?.peakKiB ?? 0;
      peakAllocatedKiB += reading?.peakAllocatedKiB ?? 0;
    }
    this.#children = { peakKiB, peakAllocatedKiB };
    return this.read();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/**
 * Parses the status of a process. Its peak of allocated memory is estimated as the peak of all resident memory minus
 * the resident pages of files now, which seldom shrink.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function parseProcStatus(status: string): MemoryReading | undefined {
  const peakKiB = kiBOf(status, '\nVmHWM:');
  // A process that has ended and was not waited for has no memory.
  if (peakKiB === undefined) return undefined;
  return { peakKiB, peakAllocatedKiB: Math.max(0, peakKiB - (kiBOf(status, '\nRssFile:') ?? 0)) };
}

function kiBOf(status: string, label: string): number | undefined {
  const at = status.indexOf(label);
  if (at === -1) return undefined;
  const value = Number.parseInt(status.slice(at + label.length, at + label.length + 16), 10);
  return Number.isNaN(value) ? undefined : value;
}

function readStatusOf(pid: number): MemoryReading | undefined {
  try {
    return parseProcStatus(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return undefined;
  }
}

function descendants(pid: number): number[] {
  const found: number[] = [];
  const open = [pid];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of childrenOf(parent)) {
      found.push(child);
      open.push(child);
    }
  }
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .split(' ')
      .filter((part) => part !== '')
      .map(Number);
  } catch {
    return [];
  }
}

/** Runs `ps` in the background and returns its last result, because macOS has no fast way to read memory. */
class PsMemoryMeter implements MemoryMeter {
  readonly #pid: number;
  #reading: MemoryReading | undefined;
  #isAsking = false;
  #isClosed = false;

  constructor(pid: number) {
    this.#pid = pid;
    this.#ask();
  }

  read(): MemoryReading | undefined {
    return this.#reading;
  }

  readTree(): MemoryReading | undefined {
    this.#ask();
    return this.#reading;
  }

  close(): void {
    this.#isClosed = true;
  }

  #ask(): void {
    if (this.#isAsking || this.#isClosed) return;
    this.#isAsking = true;
    execFile('ps', ['-A', '-o', 'pgid=,rss='], (error, stdout) => {
      this.#isAsking = false;
      if (error !== null || this.#isClosed) return;
      const rssKiB = groupRssKiB(stdout, this.#pid);
      if (rssKiB === 0) return;
      const peakKiB = Math.max(rssKiB, this.#reading?.peakKiB ?? 0);
      // ps does not distinguish pages of program files from allocated memory.
      this.#reading = { peakKiB, peakAllocatedKiB: peakKiB };
    });
  }
}

/** Sums the resident memory of a process group in the output of `ps -A -o pgid=,rss=`, KiB. */
export function groupRssKiB(output: string, pgid: number): number {
  let total = 0;
  for (const line of output.split('\n')) {
    const [group, rss] = line.trim().split(/\s+/);
    if (group !== undefined && rss !== undefined && Number(group) === pgid) total += Number(rss);
  }
  return total;
}
