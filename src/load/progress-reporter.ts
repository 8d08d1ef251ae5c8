import type { LoadProgress } from '../model/events.ts';
import { quantileMs } from '../model/histogram.ts';
import type { LoadPlan } from '../model/run.ts';
import type { Engine, Snapshot } from './engine/engine.ts';
import type { LoadDeps, LoadResult } from './load-result.ts';

/** The shortest time between two progress events, ms. People can't follow faster changes. */
const EVERY_MS = 100;
/** The number of events over which the shown rate is computed, so that it is the rate of the last second. */
const RATE_LOOKBACK = 10;

/** The sums of the measured phases so far. */
export interface MeasuredSoFar {
  readonly elapsedMs: number;
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
}

const NOTHING_YET: MeasuredSoFar = { elapsedMs: 0, successes: 0, unexpected: 0, errors: 0 };

/** Reports the progress of a load: `load-start`, `load-progress` at most ten times a second, `load-end`. */
export class ProgressReporter {
  readonly #plan: LoadPlan;
  readonly #runtime: string;
  readonly #engine: Engine;
  readonly #deps: LoadDeps;
  #phase: LoadProgress['phase'] = 'measure';
  #timer: NodeJS.Timeout | undefined;
  #enteredMs = 0;
  #toldMs = 0;
  /** The sums of the earlier measured phases. */
  #before = NOTHING_YET;
  #recent: { readonly atMs: number; readonly calls: number }[] = [];

  constructor(plan: LoadPlan, runtime: string, engine: Engine, deps: LoadDeps) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#engine = engine;
    this.#deps = deps;
  }

  start(): void {
    const { route, mode, parallel, calls, durationMs } = this.#plan;
    this.#deps.emit({
      type: 'load-start',
      runtime: this.#runtime,
      route,
      mode,
      parallel: mode === 'closed' ? Math.min(parallel, calls ?? parallel) : parallel,
      ...(calls === undefined ? {} : { calls }),
      ...(durationMs === undefined ? {} : { durationMs }),
    });
  }

  /** Called when a phase begins. */
  enter(phase: LoadProgress['phase']): void {
    this.#phase = phase;
    this.#enteredMs = this.#deps.monotonicMs();
    this.#recent = [];
    this.#timer ??= setInterval(() => this.#tell(this.#engine.snapshot()), EVERY_MS);
  }

  /** Called when a phase ends. @param measured the sums of all measured phases so far */
  leave(measured: MeasuredSoFar): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#before = measured;
    const nowMs = this.#deps.monotonicMs();
    // Slices of a round may all be shorter than the interval of the timer.
    if (this.#phase !== 'measure' || nowMs - this.#toldMs < EVERY_MS) return;
    this.#enteredMs = nowMs;
    this.#tell({ successes: 0, unexpected: 0, errors: 0 });
  }

  end(result: LoadResult): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const { calls, successes, unexpected, errors } = result.accounting;
    const { elapsedMs } = result;
    const p50Ms = quantileMs(result.latency.success, 0.5);
    const p99Ms = quantileMs(result.latency.success, 0.99);
    this.#deps.emit({
      type: 'load-end',
      runtime: this.#runtime,
      route: this.#plan.route,
      interrupted: result.state === 'interrupted',
      progress: {
        phase: 'measure',
        callsDone: calls,
        ...(this.#plan.calls === undefined ? {} : { callsPlanned: this.#plan.calls }),
        successes,
        unexpected,
        errors,
        ratePerSecond: elapsedMs > 0 ? (calls / elapsedMs) * 1000 : 0,
        elapsedMs,
        ...(p50Ms === undefined ? {} : { p50Ms }),
        ...(p99Ms === undefined ? {} : { p99Ms }),
      },
    });
  }

  /** @param snapshot the present phase's part */
  #tell(snapshot: Snapshot): void {
    const nowMs = this.#deps.monotonicMs();
    this.#toldMs = nowMs;
    const before = this.#phase === 'measure' ? this.#before : NOTHING_YET;
    const successes = before.successes + snapshot.successes;
    const unexpected = before.unexpected + snapshot.unexpected;
    const errors = before.errors + snapshot.errors;
    const callsDone = successes + unexpected + errors;
    this.#recent.push({ atMs: nowMs, calls: callsDone });
    if (this.#recent.length > RATE_LOOKBACK + 1) this.#recent.shift();
    const ratePerSecond = this.#rate(nowMs, callsDone, before);
    const elapsedMs = before.elapsedMs + nowMs - this.#enteredMs;
    const bounds = this.#phase === 'warmup' ? (this.#plan.warmup ?? {}) : this.#plan;
    const leftMs = timeLeftMs(bounds, callsDone, ratePerSecond, elapsedMs);
    this.#deps.emit({
      type: 'load-progress',
      runtime: this.#runtime,
      route: this.#plan.route,
      progress: {
        ...snapshot,
        phase: this.#phase,
        callsDone,
        ...(bounds.calls === undefined ? {} : { callsPlanned: bounds.calls }),
        successes,
        unexpected,
        errors,
        ratePerSecond,
        elapsedMs,
        ...(leftMs === undefined ? {} : { leftMs }),
      },
    });
  }

  #rate(nowMs: number, callsDone: number, before: MeasuredSoFar): number {
    const [oldest] = this.#recent;
    const sinceMs = oldest === undefined ? 0 : nowMs - oldest.atMs;
    if (oldest !== undefined && sinceMs > 0) return ((callsDone - oldest.calls) / sinceMs) * 1000;
    const elapsedMs = nowMs - this.#enteredMs;
    if (elapsedMs > 0) return ((callsDone - callsOf(before)) / elapsedMs) * 1000;
    return before.elapsedMs > 0 ? (callsDone / before.elapsedMs) * 1000 : 0;
  }
}

function callsOf({ successes, unexpected, errors }: MeasuredSoFar): number {
  return successes + unexpected + errors;
}

/** The remaining time, ms: by the clock if time bounds the load, otherwise by the present rate. */
function timeLeftMs(
  bounds: { readonly calls?: number; readonly durationMs?: number },
  callsDone: number,
  ratePerSecond: number,
  elapsedMs: number,
): number | undefined {
  if (bounds.durationMs !== undefined) return Math.max(0, bounds.durationMs - elapsedMs);
  if (bounds.calls === undefined || ratePerSecond <= 0) return undefined;
  return (Math.max(0, bounds.calls - callsDone) / ratePerSecond) * 1000;
}
