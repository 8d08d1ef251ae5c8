import type { LogEvent } from '../seams.ts';
import { LogTail } from './log-tail.ts';

export interface EnvironmentLogHost {
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  readonly nowEpochMs: () => number;
  readonly append: (events: readonly LogEvent[]) => void;
}

/** Lines of a long invocation reach the log after this at the latest. */
const FLUSH_AFTER_MS = 200;
const MAX_HELD_LINES = 1000;

interface Opening {
  readonly event: LogEvent;
  readonly tail: LogTail | undefined;
}

/** The log stream of one environment. Lines are held back, so that those of one invocation are written together. */
export class EnvironmentLog {
  readonly #host: EnvironmentLogHost;
  #lines: LogEvent[] = [];
  #oldestMs = 0;
  /** Invocations whose closing lines are still to come. */
  #closings = 0;
  /** The START line that waits until those closing lines are written. */
  #heldOpening: Opening | undefined;
  /** The end of the current invocation's lines, where its caller asked for them. */
  #tail: LogTail | undefined;

  constructor(host: EnvironmentLogHost) {
    this.#host = host;
  }

  write(message: string): void {
    this.#push({ timestampMs: this.#host.nowEpochMs(), message });
    if (this.#lines.length >= MAX_HELD_LINES) this.flush();
  }

  /**
   * Writes the line that opens an invocation, once the closing lines of the invocation before are written. With
   * `keepsTail` the end of the invocation's lines is kept for `close`.
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
   * Calls `writeClosing` once the event loop has read what came with the answer: lines that the handler wrote before
   * it answered come before END, although they took another pipe. `writeClosing` can ask for the invocation's tail.
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

  /** Brings lines to the log that have waited for long. */
  tick(): void {
    if (this.#lines.length > 0 && this.#host.nowMs() - this.#oldestMs >= FLUSH_AFTER_MS) this.flush();
  }

  /** Writes what is held, unless an invocation's closing lines are about to follow. */
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
