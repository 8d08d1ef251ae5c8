/**
 * How much a sandbox may write in a burst, and per second over time: CloudWatch accepted 5 MB per second for one log
 * stream.
 */
const BURST_BYTES = 8 * 1024 * 1024;
const BYTES_PER_SECOND = 5 * 1024 * 1024;

export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * Slows down a process that writes faster than logs are accepted. Its pipes are not read for a while, so its writes
 * block, as they would on Lambda. A handler that prints in a loop can't fill the cloud's memory.
 */
export class OutputGate {
  readonly #nowMs: () => number;
  readonly #streams: Pausable[] = [];
  #tokens = BURST_BYTES;
  #filledMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isOpenForGood = false;

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#filledMs = nowMs();
  }

  add(stream: Pausable): void {
    this.#streams.push(stream);
  }

  /** Counts bytes that were read. Pauses the streams when there are too many. */
  count(bytes: number): void {
    if (this.#isOpenForGood) return;
    const nowMs = this.#nowMs();
    this.#tokens = Math.min(BURST_BYTES, this.#tokens + ((nowMs - this.#filledMs) / 1000) * BYTES_PER_SECOND);
    this.#filledMs = nowMs;
    this.#tokens -= bytes;
    if (this.#tokens >= 0 || this.#timer !== undefined) return;
    for (const stream of this.#streams) stream.pause();
    this.#timer = setTimeout(() => this.#resume(), (-this.#tokens / BYTES_PER_SECOND) * 1000);
  }

  /** Reads the rest of the pipes without a limit, because the process has ended. */
  open(): void {
    this.#isOpenForGood = true;
    clearTimeout(this.#timer);
    this.#resume();
  }

  #resume(): void {
    this.#timer = undefined;
    for (const stream of this.#streams) stream.resume();
  }
}
