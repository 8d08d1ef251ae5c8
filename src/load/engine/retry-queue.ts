import type { OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Slot } from '../wire/slot.ts';

const BASE_MS = 50;
const MAX_MS = 5000;
/** A server that asks for a longer pause than this is not tried again. */
const MAX_RETRY_AFTER_MS = 60_000;

/** The statuses that another attempt may change: throttling, and failures of the server. */
const RETRYABLE = new Set([429, 500, 502, 503, 504]);

/** How the last attempt of a call went that waits for its next one. */
export interface Setback {
  readonly outcome: OutcomeClass;
  readonly latencyMs: number;
}

/** Holds slots whose call waits for its next attempt. */
export class RetryQueue {
  readonly #retries: number;
  readonly #random: () => number;
  readonly #resume: (slot: Slot) => void;
  readonly #waiting = new Map<Slot, { readonly timer: NodeJS.Timeout; readonly setback: Setback }>();

  /** @param retries per call at most; `random` is uniform in [0, 1) */
  constructor(retries: number, random: () => number, resume: (slot: Slot) => void) {
    this.#retries = retries;
    this.#random = random;
    this.#resume = resume;
  }

  /** Whether another attempt could bring an answer of another status. */
  mayMend(status: number): boolean {
    return RETRYABLE.has(status);
  }

  /**
   * Holds the slot's call until its next attempt.
   * @param pauseAtLeastMs what the server asked for by Retry-After, ms; 0 where it asked for nothing
   * @returns false where the call has had all its attempts, or the server asked for more time than a load waits
   */
  add(slot: Slot, setback: Setback, pauseAtLeastMs = 0): boolean {
    if (slot.attempts > this.#retries || pauseAtLeastMs > MAX_RETRY_AFTER_MS) return false;
    const timer = setTimeout(
      () => {
        this.#waiting.delete(slot);
        this.#resume(slot);
      },
      Math.max(pauseAtLeastMs, backoffMs(slot.attempts, this.#random)),
    );
    this.#waiting.set(slot, { timer, setback });
    return true;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Gives up all further attempts and calls `end` for each call that waited. */
  drain(end: (slot: Slot, setback: Setback) => void): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [slot, { timer, setback }] of all) {
      clearTimeout(timer);
      end(slot, setback);
    }
  }
}

/**
 * The pause before the attempt after the n-th, ms: anywhere below 50 ms · 2^(n−1), at most 5 s. Full jitter: clients
 * that were refused together must not come back together.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
function backoffMs(attempts: number, random: () => number): number {
  return Math.max(1, Math.min(MAX_MS, BASE_MS * 2 ** (attempts - 1)) * random());
}
