/**
 * How long work takes under Lambda's CPU limit: the bandwidth control of Linux's fair scheduler (CFS) with Lambda's
 * settings. A group of threads may use a quota of CPU time in each period. The scheduler notices an overrun only at its
 * ticks, so that a thread runs on until the next tick; the next quotas then repay what it took too much. The model has
 * one thread: all threads of a function share one quota, and below 1,769 MB the quota is less than one core.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (1,769 MB are one vCPU)
 * @see https://www.kernel.org/doc/html/latest/scheduler/sched-bwc.html
 * @see https://github.com/ubc-cirrus-lab/demystifying-serverless-costs (EuroSys '26: period, tick, quota on Lambda)
 */

/** The memory size, in MB, that has one whole vCPU. */
export const FULL_CORE_MEMORY_MB = 1769;

/** The length of a period, in ms. */
export const PERIOD_MS = 20;
/** The time between two checks of the usage, in ms: Lambda's hosts have a kernel of 250 Hz. */
const TICK_MS = 4;
/** What a core takes from the group's quota at once, in ms (`sched_cfs_bandwidth_slice_us`). */
const SLICE_MS = 5;
/** What a core keeps of its slice while the group waits, in ms (`min_cfs_rq_runtime`). */
const KEPT_SLICE_MS = 1;
/** Times are compared with this tolerance, in ms. */
const TOLERANCE_MS = 1e-9;
/** A group is let run again once it has this much, in ms: the kernel asks for one nanosecond. */
const SMALLEST_RUNTIME_MS = 1e-6;

/** A stretch of work: CPU time, then a wait for something else. Both in ms, at least 0. */
export interface Burst {
  readonly cpuMs: number;
  readonly waitMs: number;
}

/** An elapsed time in ms and its probability; the probabilities of a distribution add up to 1. */
export interface WeightedMs {
  readonly ms: number;
  readonly weight: number;
}

/**
 * Where in a period an invocation begins. Three of four begin with a period of their own, since an environment at rest
 * has no running period; the others begin in the first 9 ms of one. Chosen by the error against the measurements of
 * EuroSys '26: 4.9 %, where a start at the period's begin alone gives 6.0 % and a uniform start 11.6 %.
 */
const START_OFFSETS: readonly { readonly offsetMs: number; readonly weight: number }[] = [
  { offsetMs: 0, weight: 0.75 },
  ...Array.from({ length: 9 }, (_, offsetMs) => ({ offsetMs, weight: 0.25 / 9 })),
];

/**
 * The place in a period, in ms, that a share of all invocations begins at or before.
 * @param probability from 0 to 1; evenly spread numbers give the places in their proportions
 */
export function startOffsetMs(probability: number): number {
  let below = 0;
  for (const { offsetMs, weight } of START_OFFSETS) {
    below += weight;
    if (probability < below) return offsetMs;
  }
  return START_OFFSETS.at(-1)?.offsetMs ?? 0;
}

/** The CPU time, in ms, that a function may use in each period of 20 ms. */
export function quotaMs(memoryMB: number): number {
  return (PERIOD_MS * memoryMB) / FULL_CORE_MEMORY_MB;
}

/**
 * The time in ms that the bursts take at a memory size, begun `startOffsetMs` (0 to 20) after the start of a period
 * with its whole quota. From 1,769 MB on it is the sum of the bursts.
 * @param tickOffsetMs how long after the start of a period the first tick comes, 0 to 4; 0 on Lambda, by the data of
 *   EuroSys '26
 */
export function elapsedMs(
  bursts: readonly Burst[],
  memoryMB: number,
  startOffsetMs: number,
  tickOffsetMs = 0,
): number {
  if (memoryMB >= FULL_CORE_MEMORY_MB) {
    return bursts.reduce((total, { cpuMs, waitMs }) => total + cpuMs + waitMs, 0);
  }
  const group = new ThrottledGroup(quotaMs(memoryMB), startOffsetMs, tickOffsetMs);
  for (const { cpuMs, waitMs } of bursts) {
    group.run(cpuMs);
    group.wait(waitMs);
  }
  return group.nowMs - startOffsetMs;
}

/** How long the bursts take at a memory size, over the places in a period where an invocation may begin. */
export function elapsedDistribution(bursts: readonly Burst[], memoryMB: number): WeightedMs[] {
  if (memoryMB >= FULL_CORE_MEMORY_MB) return [{ ms: elapsedMs(bursts, memoryMB, 0), weight: 1 }];
  return START_OFFSETS.map(({ offsetMs, weight }) => ({ ms: elapsedMs(bursts, memoryMB, offsetMs), weight }));
}

/** The mean, in ms, of `elapsedDistribution`. */
export function meanElapsedMs(bursts: readonly Burst[], memoryMB: number): number {
  return elapsedDistribution(bursts, memoryMB).reduce((total, { ms, weight }) => total + ms * weight, 0);
}

/** One group under bandwidth control. Time begins at the start of a period with a whole quota. */
class ThrottledGroup {
  /** Time in ms. */
  nowMs: number;
  readonly #quotaMs: number;
  readonly #tickOffsetMs: number;
  #period = 0;
  /** What is left of the period's quota, in ms. */
  #poolMs: number;
  /** What the core has taken from the pool and not used yet, in ms; below 0 it is a debt. */
  #localMs = 0;

  constructor(quota: number, startOffsetMs: number, tickOffsetMs: number) {
    this.#tickOffsetMs = tickOffsetMs;
    this.#quotaMs = quota;
    this.#poolMs = quota;
    this.nowMs = startOffsetMs;
  }

  /** Lets time pass until the thread has used `cpuMs` of CPU time. */
  run(cpuMs: number): void {
    this.#refill();
    let isThrottled = this.#localMs <= 0 && !this.#takeSlice();
    let leftMs = cpuMs;
    while (leftMs > TOLERANCE_MS) {
      if (isThrottled) {
        isThrottled = !this.#awaitNextPeriod();
        continue;
      }
      const ticks = Math.floor((this.nowMs - this.#tickOffsetMs + TOLERANCE_MS) / TICK_MS);
      const nextTickMs = (ticks + 1) * TICK_MS + this.#tickOffsetMs;
      const ranMs = Math.min(nextTickMs - this.nowMs, leftMs);
      leftMs -= ranMs;
      this.#localMs -= ranMs;
      this.nowMs += ranMs;
      this.#refill();
      if (leftMs > TOLERANCE_MS && this.#localMs <= 0) isThrottled = !this.#takeSlice();
    }
  }

  /** Lets time pass without CPU time. What the core holds beyond 1 ms goes back to the pool; a debt stays. */
  wait(waitMs: number): void {
    if (waitMs <= 0) return;
    if (this.#localMs > KEPT_SLICE_MS) {
      this.#poolMs = Math.min(this.#quotaMs, this.#poolMs + this.#localMs - KEPT_SLICE_MS);
      this.#localMs = KEPT_SLICE_MS;
    }
    this.nowMs += waitMs;
    this.#refill();
  }

  /** Gives the pool a whole quota where a new period has begun. An unused quota does not add up. */
  #refill(): void {
    const period = Math.floor((this.nowMs + TOLERANCE_MS) / PERIOD_MS);
    if (period <= this.#period) return;
    this.#period = period;
    this.#poolMs = this.#quotaMs;
  }

  /** Takes a slice and repays the debt from the pool; true where the thread may run on. */
  #takeSlice(): boolean {
    this.#take(SLICE_MS - this.#localMs);
    return this.#localMs > 0;
  }

  /** Stands still until the next period, whose quota repays the debt first; true where the thread may run on. */
  #awaitNextPeriod(): boolean {
    this.nowMs = (this.#period + 1) * PERIOD_MS;
    this.#refill();
    this.#take(SMALLEST_RUNTIME_MS - this.#localMs);
    return this.#localMs > 0;
  }

  #take(wantedMs: number): void {
    const takenMs = Math.max(0, Math.min(wantedMs, this.#poolMs));
    this.#poolMs -= takenMs;
    this.#localMs += takenMs;
  }
}
