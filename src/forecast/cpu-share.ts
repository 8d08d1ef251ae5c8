import { MB_PER_VCPU } from '../model/vcpu.ts';

/**
 * The elapsed time of work under Lambda's CPU limit: the bandwidth control of Linux's fair scheduler (CFS) with
 * Lambda's settings. A group of threads may use a quota of CPU time in each period. The scheduler notices an overrun
 * only at its ticks, so a thread continues until the next tick, and the following quotas repay the overrun. The model
 * has one thread, because all threads of a function share one quota, and below 1,769 MB the quota is less than one
 * core.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (1,769 MB are one vCPU)
 * @see https://www.kernel.org/doc/html/latest/scheduler/sched-bwc.html
 * @see https://github.com/ubc-cirrus-lab/demystifying-serverless-costs (EuroSys '26: period, tick, quota on Lambda)
 */

/** The length of a period, in ms. */
export const PERIOD_MS = 20;
/** The time between two checks of the usage, in ms. The kernel of Lambda's hosts has 250 ticks per second. */
const TICK_MS = 4;
/** The time that a core takes from the group's quota at once, in ms (`sched_cfs_bandwidth_slice_us`). */
const SLICE_MS = 5;
/** The part of its slice that a core keeps while the group waits, in ms (`min_cfs_rq_runtime`). */
const KEPT_SLICE_MS = 1;
/** Times are compared with this tolerance, in ms. */
const TOLERANCE_MS = 1e-9;
/** The quota, in ms, with which a stopped group continues. The kernel requires one nanosecond. */
const SMALLEST_RUNTIME_MS = 1e-6;

/** One stretch of work: CPU time, then a wait for something else. Both in ms, at least 0. */
export interface Burst {
  readonly cpuMs: number;
  readonly waitMs: number;
}

/** An elapsed time in ms and its probability. The probabilities of a distribution add up to 1. */
export interface WeightedMs {
  readonly ms: number;
  readonly weight: number;
}

/**
 * The distribution of an invocation's start within a period. Three of four invocations start a new period, because an
 * idle environment has no running period; the others start in the first 9 ms of one. It was chosen by the error against
 * the measurements of EuroSys '26: 4.9 %. A start only at the beginning of the period gives 6.0 %, and a uniform
 * distribution 11.6 %.
 */
const START_OFFSETS: readonly { readonly offsetMs: number; readonly weight: number }[] = [
  { offsetMs: 0, weight: 0.75 },
  ...Array.from({ length: 9 }, (_, offsetMs) => ({ offsetMs, weight: 0.25 / 9 })),
];

/**
 * The quantile of the start within a period, in ms.
 * @param probability from 0 to 1; evenly spread numbers give starts in their proportions
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
  return (PERIOD_MS * memoryMB) / MB_PER_VCPU;
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
  const cpu = cpuOf(memoryMB);
  cpu.start(startOffsetMs, tickOffsetMs);
  for (const { cpuMs, waitMs } of bursts) {
    cpu.run(cpuMs);
    cpu.wait(waitMs);
  }
  return cpu.elapsedMs;
}

/** The CPU of a function at a memory size, for one invocation after another. All times in ms. */
export interface FunctionCpu {
  /** The time since the start of the invocation. */
  readonly elapsedMs: number;
  /** Begins an invocation. The arguments are those of `elapsedMs`. */
  start(startOffsetMs: number, tickOffsetMs: number): void;
  /** Advances the time until the invocation has used `cpuMs` of CPU time. */
  run(cpuMs: number): void;
  /** Advances the time without CPU time. */
  wait(waitMs: number): void;
}

/** The CPU of a function at a memory size. From 1,769 MB on it is never throttled. */
export function cpuOf(memoryMB: number): FunctionCpu {
  return memoryMB >= MB_PER_VCPU ? new WholeCore() : new ThrottledGroup(quotaMs(memoryMB));
}

/** A core that is never throttled. */
class WholeCore implements FunctionCpu {
  elapsedMs = 0;

  start(): void {
    this.elapsedMs = 0;
  }

  run(cpuMs: number): void {
    this.elapsedMs += cpuMs;
  }

  wait(waitMs: number): void {
    this.elapsedMs += waitMs;
  }
}

/** The distribution of the bursts' elapsed time at a memory size, over the starts within a period. */
export function elapsedDistribution(bursts: readonly Burst[], memoryMB: number): WeightedMs[] {
  if (memoryMB >= MB_PER_VCPU) return [{ ms: elapsedMs(bursts, memoryMB, 0), weight: 1 }];
  return START_OFFSETS.map(({ offsetMs, weight }) => ({ ms: elapsedMs(bursts, memoryMB, offsetMs), weight }));
}

/** The mean, in ms, of `elapsedDistribution`. */
export function meanElapsedMs(bursts: readonly Burst[], memoryMB: number): number {
  return elapsedDistribution(bursts, memoryMB).reduce((total, { ms, weight }) => total + ms * weight, 0);
}

/** One group of threads under bandwidth control. Time begins at the start of a period with a whole quota. */
class ThrottledGroup implements FunctionCpu {
  readonly #quotaMs: number;
  #startMs = 0;
  #nowMs = 0;
  #tickOffsetMs = 0;
  #period = 0;
  /** The remaining quota of the period, in ms. */
  #poolMs = 0;
  /** The time that the core has taken from the pool and not used yet, in ms. A negative value is a debt. */
  #localMs = 0;

  constructor(quota: number) {
    this.#quotaMs = quota;
  }

  get elapsedMs(): number {
    return this.#nowMs - this.#startMs;
  }

  start(startOffsetMs: number, tickOffsetMs: number): void {
    this.#startMs = startOffsetMs;
    this.#nowMs = startOffsetMs;
    this.#tickOffsetMs = tickOffsetMs;
    this.#period = 0;
    this.#poolMs = this.#quotaMs;
    this.#localMs = 0;
  }

  /** Advances the time until the thread has used `cpuMs` of CPU time. */
  run(cpuMs: number): void {
    this.#refill();
    let isThrottled = this.#localMs <= 0 && !this.#takeSlice();
    let leftMs = cpuMs;
    while (leftMs > TOLERANCE_MS) {
      if (isThrottled) {
        isThrottled = !this.#awaitNextPeriod();
        continue;
      }
      const ticks = Math.floor((this.#nowMs - this.#tickOffsetMs + TOLERANCE_MS) / TICK_MS);
      const nextTickMs = (ticks + 1) * TICK_MS + this.#tickOffsetMs;
      const ranMs = Math.min(nextTickMs - this.#nowMs, leftMs);
      leftMs -= ranMs;
      this.#localMs -= ranMs;
      this.#nowMs += ranMs;
      this.#refill();
      if (leftMs > TOLERANCE_MS && this.#localMs <= 0) isThrottled = !this.#takeSlice();
    }
  }

  /** Advances the time without CPU time. The core returns its slice except for 1 ms; a debt remains. */
  wait(waitMs: number): void {
    if (waitMs <= 0) return;
    if (this.#localMs > KEPT_SLICE_MS) {
      this.#poolMs = Math.min(this.#quotaMs, this.#poolMs + this.#localMs - KEPT_SLICE_MS);
      this.#localMs = KEPT_SLICE_MS;
    }
    this.#nowMs += waitMs;
    this.#refill();
  }

  /** Sets the pool to a whole quota if a new period has begun. Unused quota is lost. */
  #refill(): void {
    const period = Math.floor((this.#nowMs + TOLERANCE_MS) / PERIOD_MS);
    if (period <= this.#period) return;
    this.#period = period;
    this.#poolMs = this.#quotaMs;
  }

  /** Takes a slice from the pool, which first repays the debt. Returns whether the thread may continue. */
  #takeSlice(): boolean {
    this.#take(SLICE_MS - this.#localMs);
    return this.#localMs > 0;
  }

  /** Waits until the next period, whose quota first repays the debt. Returns whether the thread may continue. */
  #awaitNextPeriod(): boolean {
    this.#nowMs = (this.#period + 1) * PERIOD_MS;
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
