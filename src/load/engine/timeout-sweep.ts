import type { Slot } from '../wire/slot.ts';
import { WIRE_ERROR } from '../wire/wire-error.ts';

/** How often timeouts are checked. */
export const SWEEP_MS = 100;
/** If a check is later than this, the whole thread stood still. */
const STANDSTILL_MS = 400;

/** The time limits of an attempt and of opening a connection, ms. */
export interface TimeLimits {
  readonly attemptMs: number;
  readonly connectMs: number;
}

/**
 * Ends attempts and connections that take too long. A thread that stood still (it was stopped, or the machine slept)
 * could not read answers that had arrived. Such time does not count against the server, and every check comes after a
 * round of reading.
 */
export class TimeoutSweep {
  /** For how long the thread stood still during the whole load, ms. */
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

  /** Starts to check `slots` ten times a second. `then` is called after each check. */
  start(slots: readonly Slot[], then: (nowMs: number) => void): void {
    if (this.#timer !== undefined) return;
    this.#lastMs = this.#nowMs();
    this.#timer = setInterval(() => {
      this.noteStandstill(this.#nowMs());
      // In a turn of the event loop timers come before reads, and immediates after them.
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

  /**
   * Records whether the thread stood still since the last check. After a standstill, reads may come before the timer.
   */
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
