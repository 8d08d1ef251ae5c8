import type { Slot } from '../wire/slot.ts';

/** How long slots that were removed from use stay so at least, ms. */
const READMIT_MS = 1000;

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
  /** The slots that were removed from use. */
  readonly #retired: Slot[] = [];
  /** How many slots are in use without another removal so far. Undefined if all are. */
  #allowed: number | undefined;
  #readmitAtMs = Number.POSITIVE_INFINITY;
  #readmitCount = 1;

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
  retire(slot: Slot, isLastNeeded: boolean, nowMs: number): boolean {
    const isNeeded = isLastNeeded && this.opening === 0 && !this.all.some(({ isConnected }) => isConnected);
    if (isNeeded || slot.isConnected) return false;
    this.#retired.push(slot);
    this.#allowed = this.all.length - this.#retired.length;
    this.#readmitAtMs = nowMs + READMIT_MS;
    this.#readmitCount = 1;
    return true;
  }

  /**
   * Returns one removed slot to use each second, because other programs or threads may have closed files. The number
   * doubles while no slot is removed again.
   */
  readmit(nowMs: number): void {
    if (nowMs < this.#readmitAtMs || this.isStarved) return;
    this.#allowed = this.#retired.length === 0 ? undefined : this.all.length - this.#retired.length;
    this.#readmitAtMs = this.#allowed === undefined ? Number.POSITIVE_INFINITY : nowMs + READMIT_MS;
    this.#vacant.push(...this.#retired.splice(-this.#readmitCount));
    this.#readmitCount *= 2;
  }

  /** Whether every slot was removed from use. */
  get isStarved(): boolean {
    return this.all.length > 0 && this.#retired.length === this.all.length;
  }

  /** How many connections are possible: the limit, or fewer if slots were removed from use. */
  get allowed(): number {
    return this.#allowed ?? this.#limit;
  }

  /** How many connections are open. */
  get connected(): number {
    return this.all.reduce((count, { isConnected }) => count + Number(isConnected), 0);
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
