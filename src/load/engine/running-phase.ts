import type { Phase } from './engine.ts';
import type { Pacer } from './pacer.ts';

/** A phase while it runs: its pacer, the number of calls in progress, and whether it is over. */
export class RunningPhase {
  readonly pacer: Pacer;
  readonly isOpenLoop: boolean;
  /** Monotonic ms of the phase's start. */
  readonly startMs: number;
  /** When sending ends, retries included; monotonic ms. */
  readonly overMs: number;
  /** When the last call ended, monotonic ms. The phase's start until a call has ended. */
  lastEndMs: number;
  /** How many calls have begun and not ended. */
  active = 0;
  /** Resolves when no call is due or in progress any more. */
  readonly over: Promise<void>;
  readonly #measuredBeforeMs: number;
  #settle: () => void = () => undefined;
  #isOver = false;

  constructor(phase: Phase, pacer: Pacer, nowMs: number) {
    this.pacer = pacer;
    this.isOpenLoop = phase.open !== undefined;
    this.startMs = nowMs;
    this.overMs = nowMs + phase.planLeftMs;
    this.lastEndMs = nowMs;
    this.#measuredBeforeMs = phase.measuredBeforeMs;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Converts a moment to its place in the timeline of the whole run, ms. */
  timelineMs(nowMs: number): number {
    return this.#measuredBeforeMs + nowMs - this.startMs;
  }

  /** Ends the phase if no call is due or in progress. Returns true if it ended now. */
  endIfDone(nowMs: number): boolean {
    if (this.#isOver || this.active > 0 || !this.pacer.isExhausted(nowMs)) return false;
    this.#isOver = true;
    this.#settle();
    return true;
  }
}
