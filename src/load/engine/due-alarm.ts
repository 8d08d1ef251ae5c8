/** The longest time of a Node timer. A call that is due later gets another timer after this one. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/**
 * From this long before a call is due the alarm reads the clock in a loop, ms. Another turn of the event loop could end
 * too late.
 */
const LAST_WAIT_MS = 0.02;

/**
 * Node's timers have a resolution of 1 ms and fire up to 1 ms late. The alarm's timer therefore fires this much before
 * a call is due. Until the call is due, the event loop then polls instead of sleeping, and still reads answers.
 */
export const WAKE_EARLY_MS = 2;
/** The limit of the same time. It grows towards this limit after a timer that fired too late. */
const MAX_WAKE_EARLY_MS = 6;
/** How much of the additional time remains from one call to the next. */
const WAKE_EARLY_DECAY = 0.95;

/** After a sleep the thread rehearses sending from this long before a call is due, ms. */
const REHEARSE_FROM_MS = 1;
/** The thread stops rehearsing this long before a call is due, ms, so that the last answer has arrived by then. */
const REHEARSE_UNTIL_MS = 0.06;

/** Signals when the next call of an open loop is due, more precisely than a timer can. */
export class DueAlarm {
  /** For how long the thread only polled until a call was due, ms. It could have done other work in that time. */
  spunMs = 0;
  readonly #ring: () => void;
  readonly #nowMs: () => number;
  readonly #workDone: () => number;
  readonly #rehearse: () => void;
  readonly #wakeEarlyMs: number;
  /** How long before a call is due the timer fires, ms: `#wakeEarlyMs`, and more after timers that were late. */
  #earlyMs: number;
  /** Whether the thread slept before it began to poll. */
  #hasSlept = false;
  #dueMs = Number.NaN;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #turnMs = 0;
  #workAtTurn = 0;

  /**
   * @param ring called once per `set`, at the due time or after it
   * @param clock `nowMs`: monotonic ms; `workDone`: a number that changes whenever the thread sends or reads;
   *   `wakeEarlyMs`: how long before a call is due the thread stops sleeping, 0 for timers alone; `rehearse`: is called
   *   some times between a sleep and a due call
   */
  constructor(
    ring: () => void,
    clock: {
      readonly nowMs: () => number;
      readonly workDone: () => number;
      readonly rehearse: () => void;
      readonly wakeEarlyMs: number;
    },
  ) {
    this.#ring = ring;
    this.#nowMs = clock.nowMs;
    this.#workDone = clock.workDone;
    this.#rehearse = clock.rehearse;
    this.#wakeEarlyMs = clock.wakeEarlyMs;
    this.#earlyMs = clock.wakeEarlyMs;
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
    const sleepMs = this.#wakeEarlyMs > 0 ? Math.floor(leftMs - this.#earlyMs) : Math.ceil(leftMs);
    if (this.#wakeEarlyMs > 0 && sleepMs < 1) {
      this.#hasSlept = false;
      this.#startTurning(nowMs);
      return;
    }
    const timerMs = Math.min(MAX_TIMER_MS, Math.max(1, sleepMs));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#wakeEarlyMs > 0) this.#wake(this.#nowMs(), nowMs + timerMs);
      else this.#end();
    }, timerMs);
  }

  /** Ends a sleep. If the timer was late, the next sleeps end earlier. */
  #wake(nowMs: number, plannedMs: number): void {
    const usualMs = this.#wakeEarlyMs + (this.#earlyMs - this.#wakeEarlyMs) * WAKE_EARLY_DECAY;
    // A timer may always fire 1 ms late.
    this.#earlyMs = Math.min(MAX_WAKE_EARLY_MS, Math.max(usualMs, nowMs - plannedMs + 1));
    this.#hasSlept = true;
    this.#startTurning(nowMs);
  }

  #startTurning(nowMs: number): void {
    if (nowMs < this.#dueMs - this.#earlyMs - 1) {
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
    const leftMs = this.#dueMs - nowMs;
    if (this.#hasSlept && leftMs < REHEARSE_FROM_MS && leftMs > REHEARSE_UNTIL_MS) this.#rehearse();
    if (nowMs >= this.#dueMs) this.#end();
    else this.#immediate = setImmediate(this.#turn);
  };

  #end(): void {
    this.#immediate = undefined;
    this.#dueMs = Number.NaN;
    this.#ring();
  }
}
