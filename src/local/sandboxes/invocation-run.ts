import type { CpuReading } from './cpu-meter.ts';
import type { Invocation } from './environment-plan.ts';

/** The init of a cold start, and the CPU time that it used where the system tells. */
export interface MeasuredInit {
  readonly durationMs: number;
  readonly cpu: CpuReading | undefined;
}

/** What of an invocation was over when its event was handed to the runtime. */
export interface RunStart {
  /** Monotonic, ms. */
  readonly startedMs: number;
  /** What a suppressed init has already taken of the invocation's duration. */
  readonly spentMs: number;
  /** On a cold start. */
  readonly init: MeasuredInit | undefined;
  readonly timeoutMs: number;
}

/** One invocation under way in an environment: its clock, its limit and its timer. */
export class InvocationRun {
  readonly invocation: Invocation;
  readonly init: MeasuredInit | undefined;
  /** Monotonic, ms: when its time is over. */
  readonly deadlineMs: number;
  readonly #countedFromMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(invocation: Invocation, start: RunStart) {
    this.invocation = invocation;
    this.init = start.init;
    this.#countedFromMs = start.startedMs - start.spentMs;
    this.deadlineMs = this.#countedFromMs + start.timeoutMs;
  }

  /** Its duration in ms if it ends at `atMs` of the monotonic clock, a suppressed init included. */
  durationMs(atMs: number): number {
    return Math.max(0, atMs - this.#countedFromMs);
  }

  /** What is left of its time, in ms, at least 1. */
  leftMs(nowMs: number): number {
    return Math.max(1, this.deadlineMs - nowMs);
  }

  /** Calls back when its time is over, unless `unwatch` comes first; replaces an earlier watch. */
  watch(nowMs: number, onDeadline: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onDeadline, this.leftMs(nowMs));
  }

  unwatch(): void {
    clearTimeout(this.#timer);
  }
}
