import { httpDateEpochMs } from '../wire/http-date.ts';

/** How much older than its answer a Date header may be, ms. Servers reuse the text of an earlier one. */
const CACHE_SLACK_MS = 50;
/** The resolution of a Date header, ms: it contains whole seconds, rounded down. */
const RESOLUTION_MS = 1000;

/** The interval that contains the true difference of client clock minus server clock, ms. */
export interface ClockOffset {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Estimates the difference between the client's clock and the server's from Date headers. An answer dated D was written
 * at a server time in [D, D + 1 s) and at a client time between its sending and its arrival. Every such answer narrows
 * the interval. Answers that contradict it (several servers, or a clock that was set) widen it again.
 */
export class ServerClock {
  #minMs = Number.NEGATIVE_INFINITY;
  #maxMs = Number.POSITIVE_INFINITY;

  /**
   * @param dateText a Date header; an invalid one is ignored
   * @param sentEpochMs and `receivedEpochMs`: epoch ms of the client
   */
  sample(dateText: string, sentEpochMs: number, receivedEpochMs: number): void {
    const dateMs = httpDateEpochMs(dateText);
    if (dateMs === undefined) return;
    const minMs = sentEpochMs - dateMs - RESOLUTION_MS - CACHE_SLACK_MS;
    const maxMs = receivedEpochMs - dateMs + CACHE_SLACK_MS;
    const contradicts = minMs > this.#maxMs || maxMs < this.#minMs;
    this.#minMs = contradicts ? Math.min(this.#minMs, minMs) : Math.max(this.#minMs, minMs);
    this.#maxMs = contradicts ? Math.max(this.#maxMs, maxMs) : Math.min(this.#maxMs, maxMs);
  }

  /** The difference as far as it is known. Undefined before the first Date header. */
  get offset(): ClockOffset | undefined {
    return Number.isFinite(this.#minMs) ? { minMs: this.#minMs, maxMs: this.#maxMs } : undefined;
  }
}

/** Combines the offsets of several threads: their intersection, or if that is empty, their union. */
export function mergeOffsets(offsets: readonly (ClockOffset | undefined)[]): ClockOffset | undefined {
  const known = offsets.filter((offset) => offset !== undefined);
  if (known.length === 0) return undefined;
  const minMs = Math.max(...known.map((offset) => offset.minMs));
  const maxMs = Math.min(...known.map((offset) => offset.maxMs));
  if (minMs <= maxMs) return { minMs, maxMs };
  return {
    minMs: Math.min(...known.map((offset) => offset.minMs)),
    maxMs: Math.max(...known.map((offset) => offset.maxMs)),
  };
}
