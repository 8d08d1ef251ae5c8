import type { Slot } from '../wire/slot.ts';

/** The slots of an engine, by what can be done with them. A slot that carries a call is neither idle nor vacant. */
export class SlotPool {
  /** Every slot there is. */
  readonly all: Slot[] = [];
  /** How many slots open a connection for whichever call comes. */
  opening = 0;
  readonly #create: () => Slot;
  readonly #limit: number;
  readonly #isAlone: boolean;
  readonly #idle: Slot[] = [];
  readonly #vacant: Slot[] = [];
  /** How many slots were taken out of use. */
  #retired = 0;
  #mostOpen = 0;

  /**
   * @param create makes a slot when one is needed
   * @param limit how many slots there may be
   * @param isAlone whether no other thread shares the load
   */
  constructor(create: () => Slot, limit: number, isAlone: boolean) {
    this.#create = create;
    this.#limit = limit;
    this.#isAlone = isAlone;
  }

  /** Takes a slot with an open connection, the last used first: connections that are not needed grow old and are closed. */
  takeIdle(nowMs: number): Slot | undefined {
    for (let slot = this.#idle.pop(); slot !== undefined; slot = this.#idle.pop()) {
      if (!slot.isStale(nowMs)) return slot;
      slot.close();
      this.#vacant.push(slot);
    }
    return undefined;
  }

  /** The slot whose answer is likely to come next: one that carries a call, else the idle one that is used next. */
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

  /** Moves an idle slot whose connection is gone to the vacant ones; returns whether it was idle. */
  demote(slot: Slot): boolean {
    const at = this.#idle.indexOf(slot);
    if (at < 0) return false;
    this.#idle.splice(at, 1);
    this.#vacant.push(slot);
    return true;
  }

  /**
   * Takes a slot without a connection out of use, as long as others have a connection or are opening one, or other
   * threads may have one.
   * @returns false where this slot is needed
   */
  retire(slot: Slot): boolean {
    const isNeeded = this.#isAlone && this.opening === 0 && !this.all.some(({ isConnected }) => isConnected);
    if (isNeeded || slot.isConnected) return false;
    this.#retired++;
    return true;
  }

  /** Whether every slot was taken out of use. */
  get isStarved(): boolean {
    return this.all.length > 0 && this.#retired === this.all.length;
  }

  /** How many connections there may be: the limit, or where slots were taken out of use as many as were open at once. */
  get allowed(): number {
    return this.#retired === 0 ? this.#limit : this.#mostOpen;
  }

  /** Counts the open connections, if slots were taken out of use. */
  noteOpen(): void {
    if (this.#retired === 0) return;
    const open = this.all.reduce((count, { isConnected }) => count + Number(isConnected), 0);
    this.#mostOpen = Math.max(this.#mostOpen, open);
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
