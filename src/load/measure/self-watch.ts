import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { ThreadHealth } from '../engine/engine.ts';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** Measures this thread's event loop during the measured phases: how busy it was, and how late it served a timer. */
export class SelfWatch {
  #delay: IntervalHistogram | undefined;
  /** The finished phases: intervals between two timer events, with their counts. */
  readonly #looks: { readonly ms: number; readonly count: number }[] = [];
  #idleMs = 0;
  #activeMs = 0;
  #startedAt: ReturnType<typeof performance.eventLoopUtilization> | undefined;

  start(): void {
    this.#startedAt = performance.eventLoopUtilization();
    // Created for each phase. If it were enabled again, it would count the pause between phases as a long delay.
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
  }

  stop(): void {
    this.#delay?.disable();
    if (this.#delay !== undefined) this.#keep(this.#delay);
    this.#delay = undefined;
    const { idle, active } = performance.eventLoopUtilization(this.#startedAt);
    this.#startedAt = undefined;
    this.#idleMs += idle;
    this.#activeMs += active;
  }

  /**
   * @param spunMs for how long the thread polled until a call was due, ms; it could have done other work in that time
   */
  health(spunMs = 0): ThreadHealth {
    const totalMs = this.#idleMs + this.#activeMs;
    return {
      eventLoopUtilization: totalMs > 0 ? Math.max(0, this.#activeMs - spunMs) / totalMs : 0,
      // An interval includes the timer's planned pause.
      eventLoopDelayP99Ms: Math.max(0, this.#p99Ms() - RESOLUTION_MS),
    };
  }

  /** Stores a phase's distribution by percentiles, which are denser towards the upper end. */
  #keep(delay: IntervalHistogram): void {
    let below = 0;
    for (const [percentile, nanoseconds] of delay.percentiles) {
      const count = (delay.count * (percentile - below)) / 100;
      if (count > 0) this.#looks.push({ ms: nanoseconds / NS_PER_MS, count });
      below = percentile;
    }
  }

  #p99Ms(): number {
    const looks = this.#looks.toSorted((a, b) => a.ms - b.ms);
    const total = looks.reduce((sum, { count }) => sum + count, 0);
    let seen = 0;
    for (const { ms, count } of looks) {
      seen += count;
      if (seen >= total * 0.99) return ms;
    }
    return 0;
  }
}
