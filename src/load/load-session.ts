import type { LoadPlan } from '../model/run.ts';
import { assembleResult } from './assemble-result.ts';
import type { Engine, Phase } from './engine/engine.ts';
import { BACKLOG_GRACE_MS, type CallCounter } from './engine/pacer.ts';
import { MAX_TATTOO } from './load-plan.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { ProgressReporter } from './progress-reporter.ts';
import { createSchedule, firstRatePerSecond } from './schedule.ts';

/** What calls in flight get after the first interrupt. */
const DRAIN_LIMIT_MS = 2000;
/**
 * Between warm-up and measurement, so that log rows of the two can be told apart by time: the second that log queries
 * round to, the doubt that Date headers leave in the server's clock, and some lag of log lines.
 */
const SEPARATION_MS = 2200;

/**
 * One load from its first connection to its result, in steps, so that several can take turns: `start`, `warmUp`, `run`
 * until `isDone`, `finish`. An interrupt ends the step at hand early.
 */
export class LoadSession {
  readonly #plan: LoadPlan;
  readonly #target: LoadTarget;
  readonly #deps: LoadDeps;
  readonly #engine: Engine;
  readonly #counter: CallCounter;
  readonly #progress: ProgressReporter;
  readonly #onFirst = () => this.#interrupt();
  readonly #onSecond = () => this.#engine.cut();
  readonly #plannedCalls: number;
  #cutTimer: NodeJS.Timeout | undefined;
  #startedAtEpochMs = 0;
  #endedAtEpochMs = 0;
  #elapsedMs = 0;
  #cpuMs = 0;
  /** The number of the first measured call. */
  #firstCall: number | undefined;
  /** Open loop: how much of the schedule has been played. */
  #playedMs = 0;
  #isFulfilled = false;
  #gaveUp = false;

  constructor(plan: LoadPlan, target: LoadTarget, deps: LoadDeps, engine: Engine, counter: CallCounter) {
    this.#plan = plan;
    this.#target = target;
    this.#deps = deps;
    this.#engine = engine;
    this.#counter = counter;
    this.#progress = new ProgressReporter(plan, target.runtime, engine, deps);
    this.#plannedCalls = plan.calls ?? Number.POSITIVE_INFINITY;
  }

  /** Whether there is nothing left to run: the plan is fulfilled, was given up, or interrupted. */
  get isDone(): boolean {
    return this.#isFulfilled || this.#gaveUp || this.#deps.interrupt.first.aborted;
  }

  /** Resolves the name and opens the first connections. */
  async start(): Promise<void> {
    const { first, second } = this.#deps.interrupt;
    first.addEventListener('abort', this.#onFirst, { once: true });
    second.addEventListener('abort', this.#onSecond, { once: true });
    if (first.aborted) this.#interrupt();
    this.#startedAtEpochMs = this.#deps.now();
    this.#endedAtEpochMs = this.#startedAtEpochMs;
    this.#progress.start();
    await this.#engine.prepare();
  }

  async warmUp(): Promise<void> {
    if (this.#plan.warmup === undefined || this.isDone) return;
    this.#progress.enter('warmup');
    const { gaveUp } = await this.#engine.runPhase(this.#warmupPhase());
    this.#gaveUp = gaveUp;
    this.#progress.pause(0);
    if (!this.isDone) await pause(SEPARATION_MS, this.#deps.interrupt.first);
  }

  /** Sends calls until the plan is fulfilled, or for about `sliceMs`. */
  async run(sliceMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.isDone) return;
    if (this.#firstCall === undefined) {
      this.#firstCall = this.#counter.peek();
      this.#startedAtEpochMs = this.#deps.now();
    }
    this.#progress.enter('measure');
    const cpuBefore = process.cpuUsage();
    const { elapsedMs, gaveUp } = await this.#engine.runPhase(this.#measuredPhase(sliceMs, this.#firstCall));
    const cpu = process.cpuUsage(cpuBefore);
    this.#cpuMs += (cpu.user + cpu.system) / 1000;
    this.#endedAtEpochMs = this.#deps.now();
    this.#gaveUp = gaveUp;
    this.#advance(elapsedMs, sliceMs);
    this.#progress.pause(this.#elapsedMs);
  }

  /** Closes all connections and returns what was measured. To be called once, whatever happened before. */
  async finish(): Promise<LoadResult> {
    const { first, second } = this.#deps.interrupt;
    first.removeEventListener('abort', this.#onFirst);
    second.removeEventListener('abort', this.#onSecond);
    clearTimeout(this.#cutTimer);
    const result = assembleResult({
      plan: this.#plan,
      target: this.#target,
      data: await this.#engine.finish(),
      isFulfilled: this.#isFulfilled,
      tattoosExhausted: !this.#isFulfilled && (this.#tattoosLeft() === 0 || this.#lacksTattoos()),
      startedAtEpochMs: this.#startedAtEpochMs,
      endedAtEpochMs: this.#endedAtEpochMs,
      elapsedMs: this.#elapsedMs,
      cpuMs: this.#cpuMs,
    });
    this.#progress.end(result);
    return result;
  }

  #warmupPhase(): Phase {
    const { warmup, stages } = this.#plan;
    const calls = warmup?.calls ?? Number.POSITIVE_INFINITY;
    const durationMs = warmup?.durationMs ?? Number.POSITIVE_INFINITY;
    const [first] = stages ?? [];
    if (first === undefined) {
      return {
        kind: 'warmup',
        limit: this.#counter.peek() + calls,
        durationMs,
        measuredBeforeMs: 0,
        planLeftMs: durationMs,
      };
    }
    const ratePerSecond = firstRatePerSecond(stages ?? []);
    const stage = {
      durationMs: Math.min(durationMs, (calls / ratePerSecond) * 1000),
      fromPerSecond: ratePerSecond,
      toPerSecond: ratePerSecond,
    };
    const numberedFrom = this.#counter.peek();
    this.#counter.skip(createSchedule([stage], calls).calls);
    return {
      kind: 'warmup',
      limit: 0,
      durationMs: 0,
      measuredBeforeMs: 0,
      planLeftMs: Number.POSITIVE_INFINITY,
      open: { stages: [stage], calls, fromMs: 0, toMs: Number.POSITIVE_INFINITY, numberedFrom },
    };
  }

  #measuredPhase(sliceMs: number, firstCall: number): Phase {
    const { stages, durationMs = Number.POSITIVE_INFINITY } = this.#plan;
    const measuredBeforeMs = this.#elapsedMs;
    if (stages !== undefined) {
      return {
        kind: 'measure',
        limit: 0,
        durationMs: 0,
        measuredBeforeMs,
        planLeftMs: durationMs - this.#playedMs + BACKLOG_GRACE_MS,
        open: {
          stages,
          calls: Math.min(this.#plannedCalls, tattoosFrom(this.#plan) - firstCall),
          fromMs: this.#playedMs,
          toMs: this.#playedMs + sliceMs,
          numberedFrom: firstCall,
        },
      };
    }
    const leftMs = durationMs - this.#elapsedMs;
    return {
      kind: 'measure',
      limit: Math.min(firstCall + this.#plannedCalls, tattoosFrom(this.#plan)),
      durationMs: Math.min(leftMs, sliceMs),
      measuredBeforeMs,
      planLeftMs: leftMs,
    };
  }

  /**
   * Adds a phase to what was run. A phase that ended by its time took that time, whenever its last call ended: what the
   * server left unused at the end, or refused to take, belongs to the rate, and the plan comes to its end.
   */
  #advance(elapsedMs: number, sliceMs: number): void {
    const { stages, durationMs = Number.POSITIVE_INFINITY } = this.#plan;
    const stopped = this.#deps.interrupt.first.aborted || this.#gaveUp;
    if (stages !== undefined) {
      const playMs = Math.min(sliceMs, durationMs - this.#playedMs);
      this.#elapsedMs += stopped ? elapsedMs : Math.max(elapsedMs, playMs);
      this.#playedMs += playMs;
      const isOver = !stopped && this.#playedMs >= durationMs;
      this.#isFulfilled = isOver && !this.#lacksTattoos();
      if (isOver && !this.#isFulfilled) this.#gaveUp = true;
      return;
    }
    const hasMadeAll = this.#counter.peek() - (this.#firstCall ?? 0) >= this.#plannedCalls;
    if (this.#tattoosLeft() === 0) this.#gaveUp = true;
    const endedByTime = !stopped && !hasMadeAll && !this.#gaveUp;
    this.#elapsedMs += endedByTime
      ? Math.max(elapsedMs, Math.min(sliceMs, durationMs - this.#elapsedMs))
      : elapsedMs;
    this.#isFulfilled = hasMadeAll || this.#elapsedMs >= durationMs;
  }

  /** Open loop: whether the schedule was cut off since there are not as many tattoos. */
  #lacksTattoos(): boolean {
    const { stages } = this.#plan;
    return stages !== undefined && tattoosFrom(this.#plan) - (this.#firstCall ?? 0) < this.#plannedCalls;
  }

  #tattoosLeft(): number {
    return Math.max(0, tattoosFrom(this.#plan) - this.#counter.peek());
  }

  #interrupt(): void {
    this.#engine.stop();
    this.#cutTimer = setTimeout(() => this.#engine.cut(), DRAIN_LIMIT_MS);
  }
}

/** How many sheep can be made from the plan's first tattoo up; infinite for the other routes. */
function tattoosFrom(plan: LoadPlan): number {
  if (plan.route !== 'sheep') return Number.POSITIVE_INFINITY;
  return Number(MAX_TATTOO - BigInt(plan.startAt) + 1n);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
