import type { Slot } from '../wire/slot.ts';

/** The slots of an engine, grouped by state. A slot that carries a call is neither idle nor vacant. */
export class SlotPool {
  /** All slots. */
  readonly all: Slot[] = [];
  /** How many slots are opening a connection that is not for a certain call. */
  opening = 0;
  readonly #create: () => Slot;
  readonly #limit: number;
  readonly #idle: Slot[] = [];
  readonly #vacant: Slot[] = [];
  /** How many slots were removed from use. */
  #retired = 0;
  #mostOpen = 0;

  /**
   * @param create creates a slot when one is needed
   * @param limit the largest number of slots
   */
  constructor(create: () => Slot, limit: number) {
    this.#create = create;
    this.#limit = limit;
  }

  /**
   * Takes a slot with an open connection, the most recently used one first. So connections that are not needed become
   * idle for long and are closed.
   */
  takeIdle(nowMs: number): Slot | undefined {
    for (let slot = this.#idle.pop(); slot !== undefined; slot = this.#idle.pop()) {
      if (!slot.isStale(nowMs)) return slot;
      slot.close();
      this.#vacant.push(slot);
    }
    return undefined;
  }

  /** The slot that is likely to get the next answer: a busy one, otherwise the idle one that will be used next. */
  get nextToAnswer(): Slot | undefined {
    return this.all.find(({ isBusy }) => isBusy) ?? this.#idle.at(-1);
  }

  /** Returns a slot without a call to the pool, with or without a connection. */
  give(slot: Slot): void {
    (slot.isFree ? this.#idle : this.#vacant).push(slot);
  }

  /** Begins to open another connection. Returns false at the limit. */
  open(nowMs: number): boolean {
    const slot = this.#vacant.pop() ?? this.#more();
    if (slot === undefined) return false;
    this.opening++;
    slot.open(nowMs);
    return true;
  }

  /** Makes an idle slot whose connection is lost vacant. Returns whether it was idle. */
  demote(slot: Slot): boolean {
    const at = this.#idle.indexOf(slot);
    if (at < 0) return false;
    this.#idle.splice(at, 1);
    this.#vacant.push(slot);
    return true;
  }

  /**
   * Removes a slot without a connection from use.
   * @param isLastNeeded whether at least one connection must remain open or opening
   * @returns false if this slot is needed
   */
  retire(slot: Slot, isLastNeeded: boolean): boolean {
    const isNeeded = isLastNeeded && this.opening === 0 && !this.all.some(({ isConnected }) => isConnected);
    if (isNeeded || slot.isConnected) return false;
    this.#retired++;
    return true;
  }

  /** Whether every slot was removed from use. */
  get isStarved(): boolean {
    return this.all.length > 0 && this.#retired === this.all.length;
  }

  /**
   * How many connections are possible: the limit, or, if slots were removed from use, the largest number that was open
   * at once.
   */
  get allowed(): number {
    return this.#retired === 0 ? this.#limit : this.#mostOpen;
  }

  /** How many connections are open. */
  get connected(): number {
    return this.all.reduce((count, { isConnected }) => count + Number(isConnected), 0);
  }

  /** Records the number of open connections if slots were removed from use. */
  noteOpen(): void {
    if (this.#retired > 0) this.#mostOpen = Math.max(this.#mostOpen, this.connected);
  }

  /** Since when the slot that is idle longest has been idle, monotonic ms. Infinite without an idle slot. */
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
