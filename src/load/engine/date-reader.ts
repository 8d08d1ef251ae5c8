import { type ClockOffset, ServerClock } from '../measure/server-clock.ts';
import type { Slot } from '../wire/slot.ts';

/** Reads the Date header of some answers, to relate the run to the server's clock. */
export class DateReader {
  readonly #clock = new ServerClock();
  readonly #epochAtZeroMs: number;

  /** @param epochAtZeroMs the epoch time at which the monotonic clock read 0, ms */
  constructor(epochAtZeroMs: number) {
    this.#epochAtZeroMs = epochAtZeroMs;
  }

  /** Makes the slot's parser read the Date header of its next answer. All other answers skip it. */
  want(slot: Slot | undefined): void {
    if (slot !== undefined) slot.wantDate = true;
  }

  /** Takes the Date header that the slot has read. */
  take(slot: Slot, text: string, nowMs: number): void {
    slot.dateText = undefined;
    this.#clock.sample(text, this.#epochAtZeroMs + slot.sentMs, this.#epochAtZeroMs + nowMs);
  }

  /** Client clock minus server clock; undefined before the first Date header. */
  get offset(): ClockOffset | undefined {
    return this.#clock.offset;
  }
}
