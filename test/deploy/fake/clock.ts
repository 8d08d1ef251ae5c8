/**
 * Time that passes only when somebody sleeps: what is scheduled up to the end of the sleep happens, in order, before the
 * sleeper wakes. So a deploy of ten minutes is tested in milliseconds, and the same way every time.
 */
export class FakeClock {
  #nowMs: number;
  readonly #tasks: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  readonly now = (): number => this.#nowMs;

  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    // Others that sleep at the same time get their turn, as on a real clock.
    await new Promise((resolve) => setImmediate(resolve));
    this.#advanceTo(this.#nowMs + ms, signal);
    signal?.throwIfAborted();
  };

  at(delayMs: number, run: () => void): void {
    this.#tasks.push({ atMs: this.#nowMs + delayMs, run });
    this.#tasks.sort((left, right) => left.atMs - right.atMs);
  }

  #advanceTo(endMs: number, signal?: AbortSignal): void {
    for (;;) {
      const next = this.#tasks[0];
      if (next === undefined || next.atMs > endMs || signal?.aborted === true) break;
      this.#tasks.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    if (signal?.aborted !== true) this.#nowMs = Math.max(this.#nowMs, endMs);
  }
}
