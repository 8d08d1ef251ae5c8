import type { LogEvent } from '../seams.ts';
import { LogTail } from './log-tail.ts';

export interface EnvironmentLogHost {
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  readonly nowEpochMs: () => number;
  readonly append: (events: readonly LogEvent[]) => void;
}

/** The longest time before a line of a long invocation is written to the log. */
const FLUSH_AFTER_MS = 200;
const MAX_HELD_LINES = 1000;

interface Opening {
  readonly event: LogEvent;
  readonly tail: LogTail | undefined;
}

/** The log stream of one environment. It collects lines, so that those of one invocation are written together. */
export class EnvironmentLog {
  readonly #host: EnvironmentLogHost;
  #lines: LogEvent[] = [];
  #oldestMs = 0;
  /** How many invocations still have to write their last lines. */
  #closings = 0;
  /** The START line that waits for the last lines of earlier invocations. */
  #heldOpening: Opening | undefined;
  /** The end of the current invocation's lines, if its caller asked for them. */
  #tail: LogTail | undefined;

  constructor(host: EnvironmentLogHost) {
    this.#host = host;
  }

  write(message: string): void {
    this.#push({ timestampMs: this.#host.nowEpochMs(), message });
    if (this.#lines.length >= MAX_HELD_LINES) this.flush();
  }

  /**
   * Writes the first line of an invocation, after the last lines of the previous one. With `keepsTail` the end of the
   * invocation's lines is kept for `close`.
   */
  open(message: string, keepsTail: boolean): void {
    const opening = {
      event: { timestampMs: this.#host.nowEpochMs(), message },
      tail: keepsTail ? new LogTail() : undefined,
    };
    if (this.#closings === 0) this.#start(opening);
    else this.#heldOpening = opening;
  }

  /**
   * Calls `writeClosing` after the event loop has read what arrived with the answer. So lines that the handler wrote
   * before its answer come before END, although they arrive over another pipe. `writeClosing` can read the invocation's
   * tail.
   */
  close(writeClosing: (tail: () => Buffer | undefined) => void): void {
    this.#closings += 1;
    setImmediate(() => {
      this.#closings -= 1;
      writeClosing(() => this.#tail?.bytes());
      this.#tail = undefined;
      this.flush();
      if (this.#heldOpening === undefined || this.#closings > 0) return;
      const opening = this.#heldOpening;
      this.#heldOpening = undefined;
      this.#start(opening);
    });
  }

  /** Writes lines that have waited too long. */
  tick(): void {
    if (this.#lines.length > 0 && this.#host.nowMs() - this.#oldestMs >= FLUSH_AFTER_MS) this.flush();
  }

  /** Writes the collected lines, unless the last lines of an invocation are about to follow. */
  flush(): void {
    if (this.#lines.length === 0 || this.#closings > 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#host.append(lines);
  }

  #start(opening: Opening): void {
    this.#tail = opening.tail;
    this.#push(opening.event);
  }

  #push(event: LogEvent): void {
    if (this.#lines.length === 0) this.#oldestMs = this.#host.nowMs();
    this.#lines.push(event);
    this.#tail?.add(event.message);
  }
}
