import { scrypt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

/** How fast this machine computes now. */
export interface MachinePace {
  /** The CPU time of a fixed computation here, divided by its CPU time on the reference machine: 2 on a core half as fast. */
  readonly slowness: number;
  /** The part of all cores that shedbench gets while it keeps all of them busy, above 0, at most 1. 1 on a quiet machine. */
  readonly coreShare: number;
}

/** The pace of the reference machine while nothing else runs on it. The typical figures of the estimate were measured there. */
export const REFERENCE_PACE: MachinePace = { slowness: 1, coreShare: 1 };

/** The times of a computation that ran on several threads at once. */
export interface PaceReading {
  readonly threads: number;
  /** From the start of the first thread to the end of the last, ms. */
  readonly wallMs: number;
  /** The CPU time of all threads together, ms. */
  readonly cpuMs: number;
}

/**
 * scrypt is plain C in OpenSSL, without instructions that only some processors have, and this cost fits into the second
 * cache level. So its time shows the speed of a core, and not that of one instruction or of the memory.
 * @see https://docs.openssl.org/3.0/man7/EVP_KDF-SCRYPT/
 */
const COST = { N: 1024, r: 8, p: 60 } as const;
/**
 * What `npm run bench:estimate` printed on the quiet reference machine, two hardware threads of one Xeon core at 2.1 GHz:
 * the CPU time of one computation, ms, and its part of the time from the first start to the last end. That part is below 1
 * because one thread starts and ends after the other.
 */
const REFERENCE_CPU_MS = 167;
const REFERENCE_SHARE = 0.9;
/** libuv runs at most four computations at once. @see https://docs.libuv.org/en/v1.x/threadpool.html */
const MOST_THREADS = 4;
const KEY_BYTES = 64;
const US_PER_MS = 1000;

/**
 * The number of readings, of which the fastest counts. The end of a deploy or another guest of the same host slows a
 * reading for a moment, but not a long bench.
 */
const READINGS = 3;
/** Shorter work gets one reading. If that makes its estimate wrong by a half, it is wrong by less than 15 s. */
const LONG_WORK_MS = 30_000;

/**
 * Keeps all cores, at most four, busy for about 0.2 s per reading and measures what this program gets of them.
 * @param workMs how long the work that is estimated takes on the reference machine
 */
export async function measurePace(
  workMs: number,
  read: () => Promise<PaceReading> = readPace,
): Promise<MachinePace> {
  let fastest = await read();
  const more = workMs < LONG_WORK_MS ? 0 : READINGS - 1;
  for (let taken = 0; taken < more; taken += 1) {
    const reading = await read();
    if (reading.wallMs < fastest.wallMs) fastest = reading;
  }
  return paceOf(fastest);
}

/** Runs the fixed computation on all cores at once, at most four. */
export async function readPace(): Promise<PaceReading> {
  const threads = Math.min(availableParallelism(), MOST_THREADS);
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  await Promise.all(Array.from({ length: threads }, computeOnce));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { threads, wallMs: performance.now() - startMs, cpuMs: (user + system) / US_PER_MS };
}

function computeOnce(): Promise<void> {
  return new Promise((resolve, reject) => {
    scrypt('shedbench', 'pace', KEY_BYTES, COST, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** The pace that a reading shows. */
export function paceOf({ threads, wallMs, cpuMs }: PaceReading): MachinePace {
  return {
    slowness: cpuMs / threads / REFERENCE_CPU_MS,
    coreShare: Math.min(1, cpuMs / Math.max(threads * wallMs, Number.MIN_VALUE) / REFERENCE_SHARE),
  };
}

/**
 * The share of all cores that a bench uses for its other work than calls. A report, the start of a function and an
 * update of a stack are mostly the work of one thread, which is one of the two cores of the reference machine.
 */
const BUSY_SHARE = 0.5;

/** How many times as long the work of a bench besides its calls takes as on the quiet reference machine. */
export function slowdown({ slowness, coreShare }: MachinePace): number {
  return slowness * Math.max(1, BUSY_SHARE / coreShare);
}
