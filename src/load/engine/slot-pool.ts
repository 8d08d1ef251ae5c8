import type { Slot } from '../wire/slot.ts';

/** The slots of an engine by what can be done with them. Slots that carry a call are in none of its lists. */
export class SlotPool {
  /** Every slot there is, for sweeping over. */
  readonly all: Slot[] = [];
  /** Slots that open a connection for whichever call comes. */
  opening = 0;
  readonly #create: () => Slot;
  readonly #limit: number;
  readonly #idle: Slot[] = [];
  readonly #vacant: Slot[] = [];

  /** @param limit of slots; they are made as they are needed */
  constructor(create: () => Slot, limit: number) {
    this.#create = create;
    this.#limit = limit;
  }

  /** A slot with an open connection, the last used first, so that those not needed grow old and are let go. */
  takeIdle(nowMs: number): Slot | undefined {
    for (let slot = this.#idle.pop(); slot !== undefined; slot = this.#idle.pop()) {
      if (!slot.isStale(nowMs)) return slot;
      slot.close();
      this.#vacant.push(slot);
    }
    return undefined;
  }

  /** The slot whose answer comes next: one that carries a call, else the idle one that goes first. */
  get nextToAnswer(): Slot | undefined {
    return this.all.find(({ isBusy }) => isBusy) ?? this.#idle.at(-1);
  }

  /** Takes back a slot that carries nothing, with or without a connection. */
  give(slot: Slot): void {
    (slot.isFree ? this.#idle : this.#vacant).push(slot);
  }

  /** Starts to open one more connection; false at the limit. */
  open(nowMs: number): boolean {
    const slot = this.#vacant.pop() ?? this.#more();
    if (slot === undefined) return false;
    this.opening++;
    slot.open(nowMs);
    return true;
  }

  /** Whether this idle slot, whose connection is gone, was in the pool; it stays there without one. */
  demote(slot: Slot): boolean {
    const at = this.#idle.indexOf(slot);
    if (at < 0) return false;
    this.#idle.splice(at, 1);
    this.#vacant.push(slot);
    return true;
  }

  /** Since when the longest idle slot is idle, monotonic ms; infinite without one. */
  get oldestIdleMs(): number {
    return this.#idle.reduce((oldest, slot) => Math.min(oldest, slot.sinceMs), Number.POSITIVE_INFINITY);
  }

  #more(): Slot | undefined {
    if (this.all.length >= this.#limit) return undefined;
    const slot = this.#create();
    this.all.push(slot);
    return slot;
  }
}
