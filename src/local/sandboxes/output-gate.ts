/** What a sandbox may write at once, and in the long run: CloudWatch took 5 MB a second of one log stream. */
const BURST_BYTES = 8 * 1024 * 1024;
const BYTES_PER_SECOND = 5 * 1024 * 1024;

export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * Holds a process up that writes faster than logs are taken: its pipes are not read for a while, so that its writes
 * block, as they would on Lambda, and a handler that prints in a loop can't fill the memory of the cloud.
 */
export class OutputGate {
  readonly #nowMs: () => number;
  readonly #streams: Pausable[] = [];
  #tokens = BURST_BYTES;
  #filledMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isOpenForGood = false;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#filledMs = nowMs();
  }

  add(stream: Pausable): void {
    this.#streams.push(stream);
  }

  /** Counts what was read, and pauses the streams where it is too much. */
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

  /** The process ended: what is left in its pipes is read at once. */
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
