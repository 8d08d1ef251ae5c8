import type { Slot } from '../wire/slot.ts';
import { WIRE_ERROR } from '../wire/wire-error.ts';

/** How long the pause between two checks is at most, ms. It is shorter if a time limit ends earlier. */
export const SWEEP_MS = 100;
/** How long the pause between two checks is at least, ms. A check looks at every connection. */
const MIN_PAUSE_MS = 5;
/** An answer is accepted after its time limit if the check is later than this: it may have arrived in time. */
const BUSY_MS = 10;
/** If a check is later than this, the whole thread was busy or stood still. */
const STANDSTILL_MS = 400;
/** A process that took less CPU time than this share of a delay was stopped. Otherwise its thread was busy. */
const BUSY_SHARE = 0.5;

/** The time limits of an attempt and of opening a connection, ms. */
export interface TimeLimits {
  readonly attemptMs: number;
  readonly connectMs: number;
}

/** The clocks of a sweep, ms: the monotonic one, and the CPU time of this process. */
export interface SweepClocks {
  readonly nowMs: () => number;
  readonly cpuMs: () => number;
}

/**
 * Ends attempts and connections that take too long. A thread that was busy for long or stood still (it was stopped, or
 * the machine slept) could not read answers that had arrived. Such time does not count against the server, and every
 * check comes after a round of reading.
 */
export class TimeoutSweep {
  /** For how long the thread stood still during the whole load, without being busy, ms. */
  stoodStillMs = 0;
  readonly #limits: TimeLimits;
  readonly #nowMs: () => number;
  readonly #cpuMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** When the next check is due, monotonic ms. */
  #dueMs = 0;
  /** The CPU time of this process at the last check, ms. */
  #cpuBeforeMs = 0;
  #standstill = { endMs: Number.NEGATIVE_INFINITY, ms: 0 };

  constructor(limits: TimeLimits, { nowMs, cpuMs }: SweepClocks) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#cpuMs = cpuMs;
  }

  /** Starts to check `slots`, at least ten times a second. `then` is called after each check. */
  start(slots: readonly Slot[], then: (nowMs: number) => void): void {
    if (this.#timer === undefined) this.#plan(slots, then, this.#nowMs());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Records whether the thread was busy or stood still since the last check. After a standstill, reads may come before
   * the timer.
   */
  noteStandstill(nowMs: number): void {
    if (this.#timer === undefined) return;
    const lateMs = nowMs - this.#dueMs;
    if (lateMs < STANDSTILL_MS) return;
    this.#dueMs = nowMs;
    const workedMs = this.#cpuMs() - this.#cpuBeforeMs;
    this.#cpuBeforeMs += workedMs;
    if (workedMs < lateMs * BUSY_SHARE) this.stoodStillMs += lateMs;
    this.#standstill = { endMs: nowMs, ms: lateMs };
  }

  /**
   * Whether an answer that is read now came after the time limit of its attempt. If the check is late, the thread was
   * late to read too, and the answer is accepted.
   */
  isTooLate(sentMs: number, nowMs: number): boolean {
    return nowMs - this.#dueMs < BUSY_MS && this.#waitedMs(sentMs, nowMs) > this.#limits.attemptMs;
  }

  #plan(slots: readonly Slot[], then: (nowMs: number) => void, fromMs: number): void {
    const { attemptMs, connectMs } = this.#limits;
    let pauseMs = Math.min(SWEEP_MS, attemptMs, connectMs);
    for (const slot of slots) {
      if (slot.isBusy) pauseMs = Math.min(pauseMs, attemptMs - this.#waitedMs(slot.sentMs, fromMs));
      else if (slot.isOpening) pauseMs = Math.min(pauseMs, connectMs - this.#waitedMs(slot.sinceMs, fromMs));
    }
    // A limit is exceeded only after its last millisecond.
    pauseMs = Math.max(MIN_PAUSE_MS, Math.floor(pauseMs) + 1);
    this.#dueMs = fromMs + pauseMs;
    this.#cpuBeforeMs = this.#cpuMs();
    this.#timer = setTimeout(() => {
      this.noteStandstill(this.#nowMs());
      // In a turn of the event loop timers come before reads, and immediates after them.
      setImmediate(() => {
        if (this.#timer === undefined) return;
        const nowMs = this.#nowMs();
        // The thread can also stand still between the timer and this immediate.
        this.noteStandstill(nowMs);
        for (const slot of slots) this.#judge(slot, nowMs);
        then(nowMs);
        if (this.#timer !== undefined) this.#plan(slots, then, nowMs);
      });
    }, pauseMs);
  }

  #judge(slot: Slot, nowMs: number): void {
    if (slot.isBusy) {
      if (this.#waitedMs(slot.sentMs, nowMs) > this.#limits.attemptMs) slot.cut(WIRE_ERROR.timeout);
    } else if (slot.isOpening && this.#waitedMs(slot.sinceMs, nowMs) > this.#limits.connectMs) {
      slot.cutOpening();
    }
  }

  #waitedMs(sinceMs: number, nowMs: number): number {
    const { endMs, ms } = this.#standstill;
    return nowMs - sinceMs - (sinceMs < endMs ? ms : 0);
  }
}
