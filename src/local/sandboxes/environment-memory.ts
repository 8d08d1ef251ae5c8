import type { MemoryReading } from './process-memory.ts';
import type { RuntimeProcess } from './runtime-process.ts';

/** A short invocation can't have grown much. Its memory is read only this often, because a reading costs 12 µs. */
const SHORT_MS = 10;
const NONE: MemoryReading = { peakKiB: 0, peakAllocatedKiB: 0 };

/** The highest memory use of an environment's process, compared with the function's memory size. */
export class EnvironmentMemory {
  readonly #limitMB: number;
  #reading = NONE;
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(memorySizeMB: number) {
    this.#limitMB = memorySizeMB;
  }

  /** The highest resident memory so far, MiB. */
  get peakMiB(): number {
    return this.#reading.peakKiB / 1024;
  }

  /** Whether the process uses more memory than the function may. Memory that the kernel can reclaim does not count. */
  get isOverLimit(): boolean {
    return this.#reading.peakAllocatedKiB > this.#limitMB * 1024;
  }

  /** `Max Memory Used` of the REPORT line, at most the memory size. */
  get maxUsedMB(): number {
    return Math.min(this.#limitMB, Math.ceil(this.peakMiB));
  }

  /** Forgets the readings, because a new process was started. */
  reset(): void {
    this.#reading = NONE;
  }

  /** Reads the memory of the process and of all processes that it started. */
  readTree(process: RuntimeProcess | undefined, nowMs: number): void {
    this.#readMs = nowMs;
    this.#reading = process?.readMemory(true) ?? this.#reading;
  }

  /** Reads the memory after an invocation, unless the invocation was short and the last reading is recent. */
  readAfter(process: RuntimeProcess | undefined, durationMs: number, nowMs: number): void {
    if (durationMs < SHORT_MS && nowMs - this.#readMs < SHORT_MS) return;
    this.#readMs = nowMs;
    this.#reading = process?.readMemory(false) ?? this.#reading;
  }
}
