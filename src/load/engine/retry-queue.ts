import type { OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Slot } from '../wire/slot.ts';

const BASE_MS = 50;
const MAX_MS = 5000;
/** If a server asks for a longer pause than this, the call is not retried. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Statuses that may be temporary: a request that came too slowly or too early, throttling, and errors of the server. */
const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The outcome of a call's last attempt, while it waits for the next one. */
export interface Setback {
  readonly outcome: OutcomeClass;
  readonly latencyMs: number;
}

/** Holds slots whose call waits for its next attempt. */
export class RetryQueue {
  /** The longest pause because of which a call was not retried, ms. 0 if there was none. */
  longestRefusedMs = 0;
  readonly #retries: number;
  readonly #random: () => number;
  readonly #resume: (slot: Slot) => void;
  readonly #waiting = new Map<Slot, { readonly timer: NodeJS.Timeout; readonly setback: Setback }>();

  /** @param retries the most retries per call; `random` is uniform in [0, 1) */
  constructor(retries: number, random: () => number, resume: (slot: Slot) => void) {
    this.#retries = retries;
    this.#random = random;
    this.#resume = resume;
  }

  /** Whether another attempt may get a different status. */
  mayMend(status: number): boolean {
    return RETRYABLE.has(status);
  }

  /**
   * Keeps the slot's call until its next attempt.
   * @param pauseAtLeastMs the pause that the server asked for by Retry-After, ms; 0 if it did not
   * @returns false if the call has no attempts left, or the server asked for a longer pause than a load allows
   */
  add(slot: Slot, setback: Setback, pauseAtLeastMs = 0): boolean {
    if (slot.attempts > this.#retries) return false;
    if (pauseAtLeastMs > MAX_RETRY_AFTER_MS) {
      this.longestRefusedMs = Math.max(
        this.longestRefusedMs,
        Math.min(pauseAtLeastMs, Number.MAX_SAFE_INTEGER),
      );
      return false;
    }
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

  /** Cancels all retries and calls `end` for each waiting call. */
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
 * The pause after attempt n, ms: uniform between 0 and 50 ms · 2^(n−1), at most 5 s. This is full jitter, so that
 * clients that were refused together do not come back together.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
function backoffMs(attempts: number, random: () => number): number {
  return Math.max(1, Math.min(MAX_MS, BASE_MS * 2 ** (attempts - 1)) * random());
}
