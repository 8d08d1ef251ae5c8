import type { Slot } from '../wire/slot.ts';
import { WIRE_ERROR } from '../wire/wire-error.ts';

/** How often timeouts are looked for. */
export const SWEEP_MS = 100;
/** A look that comes so much later than it should means that the whole thread stood still. */
const STANDSTILL_MS = 400;

/** How long an attempt and the opening of a connection may take, ms. */
export interface TimeLimits {
  readonly attemptMs: number;
  readonly connectMs: number;
}

/**
 * Cuts the attempts and openings that take too long. A thread that stood still (it was stopped, or the machine slept)
 * could not read what had arrived: its standstill is not counted against the server, and every look comes after a round
 * of reading.
 */
export class TimeoutSweep {
  /** How long the thread stood still over the whole load, ms. */
  stoodStillMs = 0;
  readonly #limits: TimeLimits;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;
  #standstill = { endMs: Number.NEGATIVE_INFINITY, ms: 0 };

  constructor(limits: TimeLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Looks at `slots` from now on, ten times a second; `then` is called after each look. */
  start(slots: readonly Slot[], then: (nowMs: number) => void): void {
    if (this.#timer !== undefined) return;
    this.#lastMs = this.#nowMs();
    this.#timer = setInterval(() => {
      this.noteStandstill(this.#nowMs());
      // Timers come before reads in a turn of the event loop, immediates after them.
      setImmediate(() => {
        if (this.#timer === undefined) return;
        const nowMs = this.#nowMs();
        for (const slot of slots) this.#judge(slot, nowMs);
        then(nowMs);
      });
    }, SWEEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Notes whether the thread stood still since the last look. After a standstill, reads may come before the timer. */
  noteStandstill(nowMs: number): void {
    if (this.#timer === undefined) return;
    const lateMs = nowMs - this.#lastMs - SWEEP_MS;
    this.#lastMs = nowMs;
    if (lateMs < STANDSTILL_MS) return;
    this.stoodStillMs += lateMs;
    this.#standstill = { endMs: nowMs, ms: lateMs };
  }

  #judge(slot: Slot, nowMs: number): void {
    if (slot.isBusy) {
      if (this.#waitedMs(slot.sentMs, nowMs) > this.#limits.attemptMs) slot.cut(WIRE_ERROR.timeout);
    } else if (slot.isOpening && this.#waitedMs(slot.sinceMs, nowMs) > this.#limits.connectMs) {
      slot.cut(slot.isReached ? WIRE_ERROR.handshakeTimeout : WIRE_ERROR.connectTimeout);
    }
  }

  #waitedMs(sinceMs: number, nowMs: number): number {
    const { endMs, ms } = this.#standstill;
    return nowMs - sinceMs - (sinceMs < endMs ? ms : 0);
  }
}
