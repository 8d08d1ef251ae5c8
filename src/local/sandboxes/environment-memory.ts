import type { MemoryReading } from './process-memory.ts';
import type { RuntimeProcess } from './runtime-process.ts';

/** A short invocation can't have grown much. Its memory is read only this often, since a reading costs 12 µs. */
const SHORT_MS = 10;
const NONE: MemoryReading = { peakKiB: 0, peakAllocatedKiB: 0 };

/** What memory an environment's process has used at most, held against the function's memory size. */
export class EnvironmentMemory {
  readonly #limitMB: number;
  #reading = NONE;
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(memorySizeMB: number) {
    this.#limitMB = memorySizeMB;
  }

  /** Highest resident memory so far, in MiB. */
  get peakMiB(): number {
    return this.#reading.peakKiB / 1024;
  }

  /** Whether the process holds more than the function may, memory that the kernel can take back not counted. */
  get isOverLimit(): boolean {
    return this.#reading.peakAllocatedKiB > this.#limitMB * 1024;
  }

  /** `Max Memory Used` of the REPORT line, at most the memory size. */
  get maxUsedMB(): number {
    return Math.min(this.#limitMB, Math.ceil(this.peakMiB));
  }

  /** A new process starts with nothing. */
  reset(): void {
    this.#reading = NONE;
  }

  /** Reads the process and all that it started. */
  readTree(process: RuntimeProcess | undefined, nowMs: number): void {
    this.#readMs = nowMs;
    this.#reading = process?.readMemory(true) ?? this.#reading;
  }

  /** Reads the process after an invocation, unless that was short and the last reading is recent. */
  readAfter(process: RuntimeProcess | undefined, durationMs: number, nowMs: number): void {
    if (durationMs < SHORT_MS && nowMs - this.#readMs < SHORT_MS) return;
    this.#readMs = nowMs;
    this.#reading = process?.readMemory(false) ?? this.#reading;
  }
}
