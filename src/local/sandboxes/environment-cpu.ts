import type { CpuReading } from './cpu-meter.ts';
import type { RuntimeProcess } from './runtime-process.ts';

/** A shorter invocation seldom starts a thread: only after a longer one is it looked for new threads. */
const SHORT_MS = 10;
/** How many short invocations pass between two looks at the threads that did nothing. */
const LOOK_EVERY = 32;
const NOTHING: CpuReading = { cpuMs: 0, queuedMs: 0 };

/** Measures the CPU time that an environment's process uses in an init or in an invocation. */
export class EnvironmentCpu {
  #mark = NOTHING;
  #isFirst = true;
  #sinceLook = 0;

  /** A new process has used nothing yet. */
  reset(): void {
    this.#mark = NOTHING;
    this.#isFirst = true;
  }

  /** An invocation begins. */
  begin(process: RuntimeProcess | undefined): void {
    this.#sinceLook += 1;
    const isDue = this.#sinceLook >= LOOK_EVERY;
    if (isDue) this.#sinceLook = 0;
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
