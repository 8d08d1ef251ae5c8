import type { CpuReading } from './cpu-meter.ts';
import type { RuntimeProcess } from './runtime-process.ts';

type Measured = Pick<RuntimeProcess, 'cpu'>;

/** A shorter invocation seldom starts a thread, so new threads are searched only after a longer one. */
const SHORT_MS = 10;
/** How often all threads are read while short invocations follow each other, ms. */
const LOOK_EVERY_MS = 100;
/**
 * A reading this young is used again when the next invocation begins. A runtime that sends its answer together with its
 * request for work gets a waiting event within this time, and does nothing meanwhile.
 */
const FRESH_MS = 0.1;
const NOTHING: CpuReading = { cpuMs: 0, queuedMs: 0, timeslices: 0 };

/** Measures the CPU time that an environment's process uses in an init or in an invocation. */
export class EnvironmentCpu {
  #mark = NOTHING;
  #isFirst = true;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** The last reading, and when it was taken. */
  #last: CpuReading | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** To be called right before a new process becomes the function's program. Its init begins. */
  beginInit(process: Measured | undefined): void {
    this.#isFirst = true;
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    this.#last = undefined;
    this.#mark = process?.cpu?.start() ?? NOTHING;
  }

  /** To be called when an invocation begins. `nowMs` is a monotonic clock. */
  begin(process: Measured | undefined, nowMs: number): void {
    const isDue = nowMs - this.#lookedMs >= LOOK_EVERY_MS;
    if (isDue) this.#lookedMs = nowMs;
    else if (this.#last !== undefined && nowMs - this.#lastMs < FRESH_MS) {
      this.#mark = this.#last;
      return;
    }
    this.#mark = (isDue ? process?.cpu?.look() : process?.cpu?.read()) ?? NOTHING;
  }

  /**
   * Returns the CPU time since the init or the invocation began. Undefined if the system does not report it. `nowMs` is
   * as in `begin`.
   */
  end(process: Measured | undefined, durationMs: number, nowMs: number): CpuReading | undefined {
    const meter = process?.cpu;
    const isThorough = this.#isFirst || durationMs >= SHORT_MS;
    const reading = isThorough ? meter?.look() : meter?.read();
    this.#last = reading;
    this.#lastMs = nowMs;
    if (reading === undefined) return undefined;
    this.#isFirst = false;
    return {
      cpuMs: Math.max(0, reading.cpuMs - this.#mark.cpuMs),
      queuedMs: Math.max(0, reading.queuedMs - this.#mark.queuedMs),
      timeslices: Math.max(0, reading.timeslices - this.#mark.timeslices),
    };
  }
}
