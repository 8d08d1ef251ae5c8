import { execFile } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Memory of a sandbox, all of its processes together, in KiB. */
export interface MemoryReading {
  /** Highest resident memory so far, pages of program files included. */
  readonly peakKiB: number;
  /**
   * Highest memory so far that no kernel could take back: what was allocated, without the pages of program files,
   * which under a memory limit are dropped and read again.
   */
  readonly peakAllocatedKiB: number;
}

/** Reads how much memory a sandbox has used at most. */
export interface MemoryMeter {
  /** The reading now; undefined once the process is gone. */
  read(): MemoryReading | undefined;
  /** As `read`, and also looks at the processes that the sandbox started. */
  readTree(): MemoryReading | undefined;
  close(): void;
}

/** The meter that this platform offers for the process `pid`, leader of its process group. */
export function openMemoryMeter(pid: number, platform: string = process.platform): MemoryMeter {
  return platform === 'linux' ? new LinuxMemoryMeter(pid) : new PsMemoryMeter(pid);
}

const STATUS_BYTES = 4096;
const statusBuffer = Buffer.allocUnsafe(STATUS_BYTES);

/** Reads `/proc/<pid>/status`, kept open: a tenth of a millisecond's tenth. */
class LinuxMemoryMeter implements MemoryMeter {
  readonly #pid: number;
  #fd: number | undefined;
  #peakKiB = 0;
  #peakAllocatedKiB = 0;
  /** What the children held when last seen; they are seldom there at all. */
  #children: MemoryReading = { peakKiB: 0, peakAllocatedKiB: 0 };

  constructor(pid: number) {
    this.#pid = pid;
    try {
      this.#fd = openSync(`/proc/${pid}/status`, 'r');
    } catch {
      // It ended before it was looked at: there is nothing to read.
      this.#fd = undefined;
    }
  }

  read(): MemoryReading | undefined {
    if (this.#fd === undefined) return undefined;
    let bytes: number;
    try {
      bytes = readSync(this.#fd, statusBuffer, 0, STATUS_BYTES, 0);
    } catch {
      // ESRCH: the process ended.
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
 * What a process's status says. The peak of allocated memory is the peak of all resident memory less the pages of
 * files that are resident now, which seldom shrink.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function parseProcStatus(status: string): MemoryReading | undefined {
  const peakKiB = kiBOf(status, '\nVmHWM:');
  // A process that has ended but was not waited for yet has no memory left to tell of.
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

/** Asks `ps` in the background and answers with what it said last: there is no cheap reading on macOS. */
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
      // ps does not tell program files from allocated memory.
      this.#reading = { peakKiB, peakAllocatedKiB: peakKiB };
    });
  }
}

/** Sums the resident memory of a process group in the output of `ps -A -o pgid=,rss=`. */
export function groupRssKiB(output: string, pgid: number): number {
  let total = 0;
  for (const line of output.split('\n')) {
    const [group, rss] = line.trim().split(/\s+/);
    if (group !== undefined && rss !== undefined && Number(group) === pgid) total += Number(rss);
  }
  return total;
}
