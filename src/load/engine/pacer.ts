import type { Schedule } from '../schedule.ts';

/**
 * Decides which call may be sent when. There is one pacer per thread and phase. Calls are numbered from 0 over the
 * whole run.
 */
export interface Pacer {
  /** When the last claimed call was due, monotonic ms. NaN in the closed loop, where a call is due when it is sent. */
  readonly intendedMs: number;
  /** How many calls may be sent now. Infinite if only time bounds them. */
  pending(nowMs: number): number;
  /** Returns the number of the next call to send, or -1 if none is due. */
  claim(nowMs: number): number;
  /** When the next call will be due, monotonic ms. Undefined if none will become due by waiting. */
  nextDueMs(): number | undefined;
  /** Whether no call will be due any more. */
  isExhausted(nowMs: number): boolean;
  /** Ends the phase: no more calls are due. */
  stop(nowMs: number): void;
  /** Ends the phase if only late calls are left, which then count as not sent. */
  giveUpLate(nowMs: number): void;
  /** How many calls were due but never claimed. */
  readonly notSent: number;
}

/** Numbers calls consecutively. Several threads share one counter through a `SharedArrayBuffer`. */
export interface CallCounter {
  /** Returns the next number and counts on. */
  next(): number;
  /** Returns the number that `next` would return. */
  peek(): number;
  /** Skips this many numbers. */
  skip(count: number): void;
  /** How many numbers below `limit` are left. Infinite if `limit` is. */
  left(limit: number): number;
}

export function createCallCounter(first = 0): CallCounter {
  return createStridedCounter(first, 1);
}

/** A counter that gives every `stride`-th number: counters of one stride with different starts never give the same one. */
export function createStridedCounter(first: number, stride: number): CallCounter {
  let at = first;
  return {
    next: () => {
      const number = at;
      at += stride;
      return number;
    },
    peek: () => at,
    skip: (count) => {
      at += count * stride;
    },
    left: (limit) => Math.max(0, Math.ceil((limit - at) / stride)),
  };
}

/** Creates the memory of a counter that threads share. It starts at 0. */
export function createCounterMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
}

/** Creates a counter over shared memory. All counters over the same memory count together. Exact up to 2^53. */
export function createSharedCounter(memory: SharedArrayBuffer): CallCounter {
  const count = new BigInt64Array(memory);
  return {
    next: () => Number(Atomics.add(count, 0, 1n)),
    peek: () => Number(Atomics.load(count, 0)),
    skip: (calls) => {
      Atomics.add(count, 0, BigInt(calls));
    },
    left: (limit) => Math.max(0, limit - Number(Atomics.load(count, 0))),
  };
}

/** Closed loop: the next call is due immediately, until its number reaches `limit` or the clock reaches `endMs`. */
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
    return this.isExhausted(nowMs) ? 0 : this.#counter.left(this.#limit);
  }

  claim(nowMs: number): number {
    if (this.isExhausted(nowMs)) return -1;
    const call = this.#counter.next();
    // Another thread may have taken the last number meanwhile.
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

  /** The closed loop has no late calls. */
  giveUpLate(): void {}
}

/** For how long late calls are still sent after the schedule's end. After that they count as not sent. */
export const BACKLOG_GRACE_MS = 5000;

export interface OpenBounds {
  /** Monotonic time of the schedule's start. */
  readonly startMs: number;
  /** Calls that are due at this time or later belong to the next round. */
  readonly endMs: number;
  /** This thread's first call of the schedule, and the distance to its next one. */
  readonly first: number;
  readonly stride: number;
  /** A call's number minus its index in the schedule. */
  readonly numberedFrom: number;
}

/** Open loop: call k is due when the schedule says, regardless of earlier calls. */
export class OpenPacer implements Pacer {
  intendedMs = 0;
  readonly #schedule: Schedule;
  readonly #bounds: OpenBounds;
  /**
   * Whether the schedule ends in this round. If so, late calls are sent within the grace time; otherwise the next round
   * sends them.
   */
  readonly #isLast: boolean;
  /** The next call to send, and the first call that is not due yet. */
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

  /** The index from which the next round continues, starting with calls that were due in this round and not sent. */
  get resumeAt(): number {
    return this.#next;
  }

  /** How many calls are due and not claimed yet. */
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
    // A part of the schedule without calls lasts its full time too, and the next round begins after it.
    return this.waiting === 0 ? this.#isPlayedOut || nowMs >= this.#endMs : nowMs >= this.#lastMs();
  }

  stop(nowMs: number): void {
    this.#fallDue(nowMs);
    this.#stopped = true;
  }

  giveUpLate(nowMs: number): void {
    this.#fallDue(nowMs);
    if (this.#isLast && nowMs >= this.#endMs) this.stop(nowMs);
  }

  #fallDue(nowMs: number): void {
    while (this.#dueAtMs <= nowMs) {
      this.#due += this.#bounds.stride;
      this.#dueAtMs = this.#timeOf(this.#due);
    }
  }

  /** When a call is due, monotonic ms. Infinite for calls of later rounds and beyond the schedule. */
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

  /** Until when late calls are sent, monotonic ms. */
  #lastMs(): number {
    if (!this.#isLast) return this.#bounds.endMs;
    return this.#bounds.startMs + this.#schedule.durationMs + BACKLOG_GRACE_MS;
  }
}
