import type { LoadProgress } from '../model/events.ts';
import type { LoadPlan } from '../model/run.ts';
import type { Engine } from './engine/engine.ts';
import type { LoadDeps, LoadResult } from './load-result.ts';

/** Ten times a second, as often as an eye follows. */
const EVERY_MS = 100;
/** The rate shown is that of the last second. */
const RATE_LOOKBACK = 10;

/** Tells how a load goes while it goes: `load-start`, `load-progress` at most ten times a second, `load-end`. */
export class ProgressReporter {
  readonly #plan: LoadPlan;
  readonly #runtime: string;
  readonly #engine: Engine;
  readonly #deps: LoadDeps;
  #phase: LoadProgress['phase'] = 'measure';
  #timer: NodeJS.Timeout | undefined;
  #enteredMs = 0;
  /** Measured time of earlier slices. */
  #beforeMs = 0;
  #enteredCalls = 0;
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

  /** A phase, or a slice of it, begins. */
  enter(phase: LoadProgress['phase']): void {
    this.#phase = phase;
    this.#enteredMs = this.#deps.monotonicMs();
    // A slice begins with what earlier ones did.
    const { successes, unexpected, errors } = this.#engine.snapshot();
    this.#enteredCalls = successes + unexpected + errors;
    this.#recent = [];
    this.#timer ??= setInterval(() => this.#tell(), EVERY_MS);
  }

  /** The phase or slice is over, with so much measured time in all. */
  pause(measuredMs: number): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#phase === 'measure') this.#beforeMs = measuredMs;
  }

  end(result: LoadResult): void {
    this.pause(result.elapsedMs);
    const { calls, successes, unexpected, errors } = result.accounting;
    const { elapsedMs } = result;
    const snapshot = this.#engine.snapshot();
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
        ...(snapshot.p50Ms === undefined ? {} : { p50Ms: snapshot.p50Ms }),
        ...(snapshot.p99Ms === undefined ? {} : { p99Ms: snapshot.p99Ms }),
      },
    });
  }

  #tell(): void {
    const snapshot = this.#engine.snapshot();
    const nowMs = this.#deps.monotonicMs();
    const callsDone = snapshot.successes + snapshot.unexpected + snapshot.errors;
    this.#recent.push({ atMs: nowMs, calls: callsDone });
    if (this.#recent.length > RATE_LOOKBACK + 1) this.#recent.shift();
    const ratePerSecond = this.#rate(nowMs, callsDone);
    const elapsedMs = (this.#phase === 'measure' ? this.#beforeMs : 0) + nowMs - this.#enteredMs;
    const bounds = this.#phase === 'warmup' ? (this.#plan.warmup ?? {}) : this.#plan;
    const leftMs = timeLeftMs(bounds, callsDone, ratePerSecond, elapsedMs);
    this.#deps.emit({
      type: 'load-progress',
      runtime: this.#runtime,
      route: this.#plan.route,
      progress: {
        phase: this.#phase,
        callsDone,
        ...(bounds.calls === undefined ? {} : { callsPlanned: bounds.calls }),
        ...snapshot,
        ratePerSecond,
        elapsedMs,
        ...(leftMs === undefined ? {} : { leftMs }),
      },
    });
  }

  #rate(nowMs: number, callsDone: number): number {
    const [oldest] = this.#recent;
    const sinceMs = oldest === undefined ? 0 : nowMs - oldest.atMs;
    if (oldest !== undefined && sinceMs > 0) return ((callsDone - oldest.calls) / sinceMs) * 1000;
    const elapsedMs = nowMs - this.#enteredMs;
    return elapsedMs > 0 ? ((callsDone - this.#enteredCalls) / elapsedMs) * 1000 : 0;
  }
}

/** How long the rest will take, ms: by the clock where time bounds the load, else at the present rate. */
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
