import type { CpuReading } from './cpu-meter.ts';
import type { Invocation } from './environment-plan.ts';

/** The init of a cold start, with its CPU time if the system reports it. */
export interface MeasuredInit {
  readonly durationMs: number;
  readonly cpu: CpuReading | undefined;
}

/** The state of an invocation when its event was passed to the runtime. */
export interface RunStart {
  /** Monotonic, ms. */
  readonly startedMs: number;
  /** The part of the invocation's duration that a suppressed init took. */
  readonly spentMs: number;
  /** Set on a cold start. */
  readonly init: MeasuredInit | undefined;
  readonly timeoutMs: number;
}

const TIMER_BELOW_MS = 200;

/** One invocation in progress: its clock, its time limit and its timer. */
export class InvocationRun {
  readonly invocation: Invocation;
  readonly init: MeasuredInit | undefined;
  /** When its time is over; monotonic, ms. */
  readonly deadlineMs: number;
  readonly #countedFromMs: number;
  #onDeadline: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(invocation: Invocation, start: RunStart) {
    this.invocation = invocation;
    this.init = start.init;
    this.#countedFromMs = start.startedMs - start.spentMs;
    this.deadlineMs = this.#countedFromMs + start.timeoutMs;
  }

  /** Its duration in ms if it ends at `atMs` of the monotonic clock. It includes a suppressed init. */
  durationMs(atMs: number): number {
    return Math.max(0, atMs - this.#countedFromMs);
  }

  /** The time that remains, ms, at least 1. */
  leftMs(nowMs: number): number {
    return Math.max(1, this.deadlineMs - nowMs);
  }

  /** Calls back when its time is over, unless `unwatch` is called first. Replaces an earlier watch. */
  watch(nowMs: number, onDeadline: () => void): void {
    this.unwatch();
    this.#onDeadline = onDeadline;
    this.tick(nowMs);
  }

  /**
   * Sets a timer if the time is nearly over. To be called more often than `TIMER_BELOW_MS`. Nearly all invocations end
   * long before, and need none.
   */
  tick(nowMs: number): void {
    if (this.#onDeadline === undefined || this.#timer !== undefined) return;
    const leftMs = this.leftMs(nowMs);
    if (leftMs < TIMER_BELOW_MS) this.#timer = setTimeout(this.#onDeadline, leftMs);
  }

  unwatch(): void {
    this.#onDeadline = undefined;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
