/** How much older than its answer a Date header may be: servers cache its text. */
const CACHE_SLACK_MS = 50;
/** A Date header names whole seconds, rounded down. */
const RESOLUTION_MS = 1000;

/** Client clock minus server clock, ms, as an interval that holds the true value. */
export interface ClockOffset {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Narrows the difference between the client's clock and the server's down from Date headers. An answer dated D was
 * written at a server time in [D, D + 1 s) and at a client time between its send and its arrival; every such answer
 * cuts the interval. Answers that contradict each other (several servers, a clock that was set) widen it again.
 */
export class ServerClock {
  #minMs = Number.NEGATIVE_INFINITY;
  #maxMs = Number.POSITIVE_INFINITY;

  /** @param dateText a Date header; sent and received in epoch ms of the client. A date that is none is ignored. */
  sample(dateText: string, sentEpochMs: number, receivedEpochMs: number): void {
    const dateMs = Date.parse(dateText);
    if (Number.isNaN(dateMs)) return;
    const minMs = sentEpochMs - dateMs - RESOLUTION_MS - CACHE_SLACK_MS;
    const maxMs = receivedEpochMs - dateMs + CACHE_SLACK_MS;
    const contradicts = minMs > this.#maxMs || maxMs < this.#minMs;
    this.#minMs = contradicts ? Math.min(this.#minMs, minMs) : Math.max(this.#minMs, minMs);
    this.#maxMs = contradicts ? Math.max(this.#maxMs, maxMs) : Math.min(this.#maxMs, maxMs);
  }

  /** Undefined before the first Date header. */
  get offset(): ClockOffset | undefined {
    return Number.isFinite(this.#minMs) ? { minMs: this.#minMs, maxMs: this.#maxMs } : undefined;
  }
}

/** The offset that several threads saw: what all allow, or where they contradict each other, what any does. */
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
