/** Node's timers count to 2^31 − 1 ms. A call that is due later is looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** In the last microseconds another turn of the event loop could come back too late. */
const LAST_WAIT_MS = 0.02;

/**
 * Node's timers have a resolution of 1 ms and fire up to 1 ms late. The alarm's timer therefore fires this much before a
 * call is due, and the event loop turns without sleeping until then. Answers are read meanwhile.
 */
export const WAKE_EARLY_MS = 2;

/** Says when the next call of an open loop falls due, more precisely than a timer can. */
export class DueAlarm {
  /** Time during which the thread only turned until a call was due, ms: it was free for other work. */
  spunMs = 0;
  readonly #ring: () => void;
  readonly #nowMs: () => number;
  readonly #workDone: () => number;
  readonly #wakeEarlyMs: number;
  #dueMs = Number.NaN;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #turnMs = 0;
  #workAtTurn = 0;

  /**
   * @param ring called once per `set`, at the due time or after it
   * @param clock `nowMs`: monotonic ms; `workDone`: a number that changes whenever the thread sends or reads;
   *   `wakeEarlyMs`: how long before a call is due the thread stops sleeping, 0 for timers alone
   */
  constructor(
    ring: () => void,
    clock: {
      readonly nowMs: () => number;
      readonly workDone: () => number;
      readonly wakeEarlyMs: number;
    },
  ) {
    this.#ring = ring;
    this.#nowMs = clock.nowMs;
    this.#workDone = clock.workDone;
    this.#wakeEarlyMs = clock.wakeEarlyMs;
  }

  /** Rings at `dueMs`, monotonic ms; an alarm for another time is replaced, `undefined` clears it. */
  set(dueMs: number | undefined, nowMs: number): void {
    if (dueMs === this.#dueMs) return;
    this.clear();
    if (dueMs === undefined) return;
    this.#dueMs = dueMs;
    this.#wait(nowMs);
  }

  clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#dueMs = Number.NaN;
  }

  #wait(nowMs: number): void {
    const leftMs = this.#dueMs - nowMs;
    // A timer of 1 ms may take 2.
    const sleepMs = this.#wakeEarlyMs > 0 ? Math.floor(leftMs - this.#wakeEarlyMs) : Math.ceil(leftMs);
    if (this.#wakeEarlyMs > 0 && sleepMs < 1) {
      this.#startTurning(nowMs);
      return;
    }
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#wakeEarlyMs > 0) this.#startTurning(this.#nowMs());
        else this.#end();
      },
      Math.min(MAX_TIMER_MS, Math.max(1, sleepMs)),
    );
  }

  #startTurning(nowMs: number): void {
    if (nowMs < this.#dueMs - this.#wakeEarlyMs - 1) {
      this.#wait(nowMs);
      return;
    }
    this.#turnMs = nowMs;
    this.#workAtTurn = this.#workDone();
    this.#immediate = setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    let nowMs = this.#nowMs();
    const work = this.#workDone();
    if (this.#dueMs - nowMs < LAST_WAIT_MS) {
      while (nowMs < this.#dueMs) nowMs = this.#nowMs();
    }
    if (work === this.#workAtTurn) this.spunMs += nowMs - this.#turnMs;
    this.#turnMs = nowMs;
    this.#workAtTurn = work;
    if (nowMs >= this.#dueMs) this.#end();
    else this.#immediate = setImmediate(this.#turn);
  };

  #end(): void {
    this.#immediate = undefined;
    this.#dueMs = Number.NaN;
    this.#ring();
  }
}
