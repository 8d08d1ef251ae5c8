import type { CpuReading } from './cpu-meter.ts';
import type { RuntimeProcess } from './runtime-process.ts';

/** A shorter invocation seldom starts a thread: only after a longer one is it looked for new threads. */
const SHORT_MS = 10;
/** Where invocations follow each other closely, threads that did nothing are asked again after this time. */
const LOOK_EVERY_MS = 100;
const NOTHING: CpuReading = { cpuMs: 0, queuedMs: 0 };

/** Measures the CPU time that an environment's process uses in an init or in an invocation. */
export class EnvironmentCpu {
  #mark = NOTHING;
  #isFirst = true;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** A new process has used nothing yet. */
  reset(): void {
    this.#mark = NOTHING;
    this.#isFirst = true;
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** An init or an invocation begins; `nowMs` is a monotonic clock. */
  begin(process: RuntimeProcess | undefined, nowMs: number): void {
    const isDue = nowMs - this.#lookedMs >= LOOK_EVERY_MS;
    if (isDue) this.#lookedMs = nowMs;
    this.#mark = (isDue ? process?.cpu?.look() : process?.cpu?.read()) ?? NOTHING;
  }

  /** What was used since the init or the invocation began; undefined where the system does not tell. */
  end(process: RuntimeProcess | undefined, durationMs: number): CpuReading | undefined {
    const meter = process?.cpu;
    const isThorough = this.#isFirst || durationMs >= SHORT_MS;
    const reading = isThorough ? meter?.look() : meter?.read();
    if (reading === undefined) return undefined;
    this.#isFirst = false;
    return {
      cpuMs: Math.max(0, reading.cpuMs - this.#mark.cpuMs),
      queuedMs: Math.max(0, reading.queuedMs - this.#mark.queuedMs),
    };
  }
}
