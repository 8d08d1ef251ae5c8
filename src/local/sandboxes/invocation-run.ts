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

/** One invocation in progress: its clock, its time limit and its timer. */
export class InvocationRun {
  readonly invocation: Invocation;
  readonly init: MeasuredInit | undefined;
  /** When its time is over; monotonic, ms. */
  readonly deadlineMs: number;
  readonly #countedFromMs: number;
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
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onDeadline, this.leftMs(nowMs));
  }

  unwatch(): void {
    clearTimeout(this.#timer);
  }
}
