import { type ClockOffset, ServerClock } from '../measure/server-clock.ts';
import type { Slot } from '../wire/slot.ts';

/** Reads the Date header of an answer now and then, so that the run can be placed in server time. */
export class DateReader {
  readonly #clock = new ServerClock();
  readonly #epochAtZeroMs: number;

  /** @param epochAtZeroMs the epoch time at which the monotonic clock read 0, ms */
  constructor(epochAtZeroMs: number) {
    this.#epochAtZeroMs = epochAtZeroMs;
  }

  /** Has the Date header of this slot's next answer read. Asked for from outside, so that an ordinary call asks nothing. */
  want(slot: Slot | undefined): void {
    if (slot !== undefined) slot.wantDate = true;
  }

  /** Takes the Date header that the slot has just read. */
  take(slot: Slot, text: string, nowMs: number): void {
    slot.dateText = undefined;
    this.#clock.sample(text, this.#epochAtZeroMs + slot.sentMs, this.#epochAtZeroMs + nowMs);
  }

  /** Client clock minus server clock; undefined before the first Date header. */
  get offset(): ClockOffset | undefined {
    return this.#clock.offset;
  }
}
