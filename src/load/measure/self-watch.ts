import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { ThreadHealth } from '../engine/engine.ts';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** Watches this thread's event loop over the measured phases: how busy it was, and how late it served a timer. */
export class SelfWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #idleMs = 0;
  #activeMs = 0;
  #startedAt: ReturnType<typeof performance.eventLoopUtilization> | undefined;

  start(): void {
    this.#startedAt = performance.eventLoopUtilization();
    this.#delay.enable();
  }

  stop(): void {
    this.#delay.disable();
    const { idle, active } = performance.eventLoopUtilization(this.#startedAt);
    this.#startedAt = undefined;
    this.#idleMs += idle;
    this.#activeMs += active;
  }

  health(): ThreadHealth {
    const totalMs = this.#idleMs + this.#activeMs;
    // The histogram holds times between two looks, the pause between them included.
    const p99Ms = this.#delay.count > 0 ? this.#delay.percentile(99) / NS_PER_MS - RESOLUTION_MS : 0;
    return {
      eventLoopUtilization: totalMs > 0 ? this.#activeMs / totalMs : 0,
      eventLoopDelayP99Ms: Math.max(0, p99Ms),
    };
  }
}
