import type { Phase } from './engine.ts';
import type { Pacer } from './pacer.ts';

/** One phase while it runs: which calls are due, how many are under way, and when the phase is over. */
export class RunningPhase {
  readonly pacer: Pacer;
  readonly isOpenLoop: boolean;
  /** Monotonic ms of the phase's start. */
  readonly startMs: number;
  /** Monotonic ms from when on nothing more is sent, retries included. */
  readonly overMs: number;
  /** Monotonic ms of the end of the last call; the start while no call has ended. */
  lastEndMs: number;
  /** Calls that have begun and not ended. */
  active = 0;
  /** Settles once nothing is due and nothing is under way any more. */
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

  /** Where a moment lies in the timeline of the whole run, ms. */
  timelineMs(nowMs: number): number {
    return this.#measuredBeforeMs + nowMs - this.startMs;
  }

  /** Ends the phase if nothing is due and nothing is under way; returns whether it ended just now. */
  endIfDone(nowMs: number): boolean {
    if (this.#isOver || this.active > 0 || !this.pacer.isExhausted(nowMs)) return false;
    this.#isOver = true;
    this.#settle();
    return true;
  }
}
