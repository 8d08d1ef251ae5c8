import type { LogEvent } from '../seams.ts';

export interface EnvironmentLogHost {
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  readonly nowEpochMs: () => number;
  readonly append: (events: readonly LogEvent[]) => void;
}

/** Lines of a long invocation reach the log after this at the latest. */
const FLUSH_AFTER_MS = 200;
const MAX_HELD_LINES = 1000;

/** The log stream of one environment: lines are held back and written together, an invocation's as a rule in one go. */
export class EnvironmentLog {
  private readonly host: EnvironmentLogHost;
  private lines: LogEvent[] = [];
  private oldestMs = 0;
  /** Invocations whose closing lines are still to come. */
  private closings = 0;
  private heldStart: LogEvent | undefined;

  constructor(host: EnvironmentLogHost) {
    this.host = host;
  }

  write(message: string): void {
    if (this.lines.length === 0) this.oldestMs = this.host.nowMs();
    this.lines.push({ timestampMs: this.host.nowEpochMs(), message });
    if (this.lines.length >= MAX_HELD_LINES) this.flush();
  }

  /** The line that opens an invocation; it waits for the closing lines of the one before. */
  open(message: string): void {
    if (this.closings === 0) this.write(message);
    else this.heldStart = { timestampMs: this.host.nowEpochMs(), message };
  }

  /**
   * Writes an invocation's closing lines once the event loop has read what came with the answer: lines that the
   * handler wrote before it answered come before END, though they took another pipe.
   */
  close(writeClosing: () => void): void {
    this.closings += 1;
    setImmediate(() => {
      this.closings -= 1;
      writeClosing();
      this.flush();
      if (this.heldStart === undefined || this.closings > 0) return;
      this.oldestMs = this.host.nowMs();
      this.lines.push(this.heldStart);
      this.heldStart = undefined;
    });
  }

  /** Brings lines to the log that have waited for long. */
  tick(): void {
    if (this.lines.length > 0 && this.host.nowMs() - this.oldestMs >= FLUSH_AFTER_MS) this.flush();
  }

  /** Writes what is held, unless an invocation's closing lines are about to. */
  flush(): void {
    if (this.lines.length === 0 || this.closings > 0) return;
    const { lines } = this;
    this.lines = [];
    this.host.append(lines);
  }
}
