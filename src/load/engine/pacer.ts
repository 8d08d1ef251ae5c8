import type { Schedule } from '../schedule.ts';

/** Says which call may be sent when. There is one per thread and phase. Calls are numbered from 0 over the whole run. */
export interface Pacer {
  /** When the call that `claim` gave last was due, monotonic ms; NaN in the closed loop, where a call is due when sent. */
  readonly intendedMs: number;
  /** How many calls may be sent now; infinite where time alone bounds them. */
  pending(nowMs: number): number;
  /** The number of the next call to send now, or -1 while none is due. */
  claim(nowMs: number): number;
  /** When the next call falls due, monotonic ms; undefined where waiting brings none. */
  nextDueMs(): number | undefined;
  /** Whether no call will ever be due again. */
  isExhausted(nowMs: number): boolean;
  /** Ends the phase: nothing more is due. */
  stop(nowMs: number): void;
  /** Calls that were due but never claimed. */
  readonly notSent: number;
}

/** Numbers calls one by one; several threads share one through a `SharedArrayBuffer`. */
export interface CallCounter {
  /** Takes the next number. */
  next(): number;
  /** The number that `next` would give. */
  peek(): number;
  /** Skips so many numbers. */
  skip(count: number): void;
}

export function createCallCounter(first = 0): CallCounter {
  let at = first;
  return {
    next: () => at++,
    peek: () => at,
    skip: (count) => {
      at += count;
    },
  };
}

/** The memory of a counter that threads share; it starts at 0. */
export function createCounterMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
}

/** A counter over shared memory; all over the same memory count as one. Exact up to 2^53. */
export function createSharedCounter(memory: SharedArrayBuffer): CallCounter {
  const count = new BigInt64Array(memory);
  return {
    next: () => Number(Atomics.add(count, 0, 1n)),
    peek: () => Number(Atomics.load(count, 0)),
    skip: (calls) => {
      Atomics.add(count, 0, BigInt(calls));
    },
  };
}

/** Closed loop: the next call is due at once, until the numbers reach `limit` or the clock `endMs`. */
export class ClosedPacer implements Pacer {
  readonly intendedMs = Number.NaN;
  readonly notSent = 0;
  readonly #counter: CallCounter;
  readonly #limit: number;
  readonly #endMs: number;
  #stopped = false;

  constructor(counter: CallCounter, bounds: { readonly limit: number; readonly endMs: number }) {
    this.#counter = counter;
    this.#limit = bounds.limit;
    this.#endMs = bounds.endMs;
  }

  pending(nowMs: number): number {
    return this.isExhausted(nowMs) ? 0 : this.#limit - this.#counter.peek();
  }

  claim(nowMs: number): number {
    if (this.isExhausted(nowMs)) return -1;
    const call = this.#counter.next();
    // Another thread may have taken the last one in between.
    return call < this.#limit ? call : -1;
  }

  nextDueMs(): undefined {
    return undefined;
  }

  isExhausted(nowMs: number): boolean {
    return this.#stopped || nowMs >= this.#endMs || this.#counter.peek() >= this.#limit;
  }

  stop(): void {
    this.#stopped = true;
  }
}

/** Late calls are still sent for this long after the schedule's end. Then they count as not sent. */
export const BACKLOG_GRACE_MS = 5000;

export interface OpenBounds {
  /** Monotonic time of the schedule's start. */
  readonly startMs: number;
  /** Calls due at or after this belong to the next round. */
  readonly endMs: number;
  /** The first call of the schedule that is this thread's, and the distance to its next. */
  readonly first: number;
  readonly stride: number;
  /** What a call's number is above its place in the schedule. */
  readonly numberedFrom: number;
}

/** Open loop: call k is due when the schedule says, whatever became of the calls before it. */
export class OpenPacer implements Pacer {
  intendedMs = 0;
  readonly #schedule: Schedule;
  readonly #bounds: OpenBounds;
  /** Whether the schedule ends in this round. Then late calls have their grace; else the next round sends them. */
  readonly #isLast: boolean;
  /** The next call to send, and the first that is not yet due. */
  #next: number;
  #due: number;
  #dueAtMs: number;
  #stopped = false;

  constructor(schedule: Schedule, bounds: OpenBounds) {
    this.#schedule = schedule;
    this.#bounds = bounds;
    this.#isLast = bounds.endMs >= bounds.startMs + schedule.durationMs;
    this.#next = bounds.first;
    this.#due = bounds.first;
    this.#dueAtMs = this.#timeOf(bounds.first);
  }

  /** Where the next round of the same schedule goes on: with what fell due in this one and was not sent. */
  get resumeAt(): number {
    return this.#next;
  }

  /** Calls that fell due and were not claimed yet. */
  get waiting(): number {
    return (this.#due - this.#next) / this.#bounds.stride;
  }

  get notSent(): number {
    return this.#isLast || this.#stopped ? this.waiting : 0;
  }

  pending(nowMs: number): number {
    return this.isExhausted(nowMs) ? 0 : this.waiting;
  }

  claim(nowMs: number): number {
    if (this.pending(nowMs) <= 0) return -1;
    const call = this.#next;
    this.intendedMs = this.#timeOf(call);
    this.#next += this.#bounds.stride;
    return call + this.#bounds.numberedFrom;
  }

  nextDueMs(): number | undefined {
    if (this.#stopped) return undefined;
    if (Number.isFinite(this.#dueAtMs)) return this.#dueAtMs;
    if (this.waiting > 0) return this.#lastMs();
    return this.#isPlayedOut ? undefined : this.#endMs;
  }

  isExhausted(nowMs: number): boolean {
    if (this.#stopped) return true;
    this.#fallDue(nowMs);
    if (Number.isFinite(this.#dueAtMs)) return false;
    // A silence is played to its end as well: its time counts, and the next round comes after it.
    return this.waiting === 0 ? this.#isPlayedOut || nowMs >= this.#endMs : nowMs >= this.#lastMs();
  }

  stop(nowMs: number): void {
    this.#fallDue(nowMs);
    this.#stopped = true;
  }

  #fallDue(nowMs: number): void {
    while (this.#dueAtMs <= nowMs) {
      this.#due += this.#bounds.stride;
      this.#dueAtMs = this.#timeOf(this.#due);
    }
  }

  /** Monotonic ms; infinite for calls beyond this round or the schedule. */
  #timeOf(call: number): number {
    if (call >= this.#schedule.calls) return Number.POSITIVE_INFINITY;
    const atMs = this.#bounds.startMs + this.#schedule.dueMs(call);
    return atMs < this.#bounds.endMs ? atMs : Number.POSITIVE_INFINITY;
  }

  /** When this round's part of the schedule ends, monotonic ms. */
  get #endMs(): number {
    return Math.min(this.#bounds.endMs, this.#bounds.startMs + this.#schedule.durationMs);
  }

  get #isPlayedOut(): boolean {
    return this.#schedule.isCut && this.#due >= this.#schedule.calls;
  }

  /** Until when calls that are late are still sent. */
  #lastMs(): number {
    if (!this.#isLast) return this.#bounds.endMs;
    return this.#bounds.startMs + this.#schedule.durationMs + BACKLOG_GRACE_MS;
  }
}
