import type { OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Slot } from '../wire/slot.ts';

const BASE_MS = 50;
const MAX_MS = 5000;

/** What a retry may mend: throttling, and failures of the server. */
const RETRYABLE = new Set([429, 500, 502, 503, 504]);

/** The last attempt of a call that waits for its next. */
export interface Setback {
  readonly outcome: OutcomeClass;
  readonly latencyMs: number;
}

/** Slots that hold a call until its next attempt. */
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

  /** Takes the slot's call in until its next attempt; false where it has had all of them. */
  add(slot: Slot, setback: Setback): boolean {
    if (slot.attempts > this.#retries) return false;
    const timer = setTimeout(
      () => {
        this.#waiting.delete(slot);
        this.#resume(slot);
      },
      backoffMs(slot.attempts, this.#random),
    );
    this.#waiting.set(slot, { timer, setback });
    return true;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Gives up all further attempts: each call ends as its last one did. */
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
 * The pause before the attempt after the n-th, ms: anywhere below 50 ms · 2^(n−1), at most 5 s. Full jitter, since
 * clients that were refused together must not come back together.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
function backoffMs(attempts: number, random: () => number): number {
  return Math.max(1, Math.min(MAX_MS, BASE_MS * 2 ** (attempts - 1)) * random());
}
