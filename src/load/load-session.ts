import type { EncodedHistogram } from '../model/histogram.ts';
import type { LoadPlan } from '../model/run.ts';
import { assembleResult, type Turn } from './assemble-result.ts';
import { EarlyStop } from './early-stop.ts';
import type { Engine, EngineData, Phase } from './engine/engine.ts';
import { BACKLOG_GRACE_MS, type CallCounter } from './engine/pacer.ts';
import { numbersIn } from './load-plan.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { successesOf } from './measure/merge-tallies.ts';
import type { TallyData } from './measure/tally.ts';
import { type MeasuredSoFar, ProgressReporter } from './progress-reporter.ts';
import { createSchedule, firstRatePerSecond } from './schedule.ts';

/** How long calls in flight may take after the first interrupt, ms. */
const DRAIN_LIMIT_MS = 2000;
/**
 * The position of a slice of a round: the round's `index` and the `slice` in it count from 1, `of` is the number of
 * rounds, `slices` that of the slices in each, `turn` the load's position among the loads.
 */
export interface RoundPlace {
  readonly index: number;
  readonly of: number;
  readonly slice: number;
  readonly slices: number;
  readonly turn: number;
}

/**
 * One load from its first connection to its result. Its steps are separate, so that several loads can take turns:
 * `start`, `warmUp`, one `run` per slice of a round, `finish`. An interrupt ends the current step early.
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
  readonly #plannedMs: number;
  readonly #earlyStop: EarlyStop;
  /** The epoch time at which the monotonic clock read 0, ms. */
  readonly #epochAtZeroMs: number;
  readonly #turns: Turn[] = [];
  /** The engine's report at the end of the last phase. */
  #data: readonly EngineData[] = [];
  #cutTimer: NodeJS.Timeout | undefined;
  #openedAtEpochMs = 0;
  /** The number of the first measured call. */
  #firstCall: number | undefined;
  /** How much was played: in calls if calls bound the plan, in time if time does. */
  #madeCalls = 0;
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
    this.#plannedMs = plan.durationMs ?? Number.POSITIVE_INFINITY;
    this.#epochAtZeroMs = deps.now() - deps.monotonicMs();
    this.#earlyStop = new EarlyStop(plan, engine);
  }

  /** The time of day by the monotonic clock. Setting the wall clock during the load does not change it. */
  #epochMs(): number {
    return this.#epochAtZeroMs + this.#deps.monotonicMs();
  }

  get plan(): LoadPlan {
    return this.#plan;
  }

  /** Whether loaders elsewhere send the calls. */
  get isOfFleet(): boolean {
    return this.#target.fleet !== undefined;
  }

  /** Whether nothing is left to run: the plan is complete, was given up, or was interrupted. */
  get isDone(): boolean {
    return this.#isFulfilled || this.#isStopped;
  }

  /** Whether the load ended before its plan was complete. */
  get #isStopped(): boolean {
    return this.#gaveUp || this.#earlyStop.crossed !== undefined || this.#deps.interrupt.first.aborted;
  }

  /** Resolves the name and opens the first connections. */
  async start(): Promise<void> {
    const { first, second } = this.#deps.interrupt;
    first.addEventListener('abort', this.#onFirst, { once: true });
    second.addEventListener('abort', this.#onSecond, { once: true });
    if (first.aborted) this.#interrupt();
    this.#openedAtEpochMs = this.#epochMs();
    this.#progress.start();
    await this.#engine.prepare();
  }

  /** Plays the warm-up as round 0, if the plan has one. @param turn the load's position among the loads */
  async warmUp(turn: number): Promise<void> {
    if (this.#plan.warmup === undefined || this.isDone) return;
    await this.#play(this.#warmupPhase(), { index: 0, turn });
  }

  /** Plays one slice of a round: its share of the plan's calls, or of its time. */
  async run(round: RoundPlace): Promise<void> {
    if (this.isDone) return;
    const from = this.#counter.peek();
    this.#firstCall ??= from;
    const share = this.#shareOf(round);
    const phase = this.#measuredPhase(share, from);
    await this.#play(phase, round, (elapsedMs) => this.#advance(elapsedMs, share.ms, from, share.calls));
  }

  /** The measurements so far. Their state is `interrupted` until the plan is complete. */
  result(): LoadResult {
    return assembleResult({
      plan: this.#plan,
      target: this.#target,
      data: this.#data,
      turns: this.#turns,
      isFulfilled: this.#isFulfilled,
      numbersExhausted: !this.#isFulfilled && (this.#numbersLeft() === 0 || this.#lacksNumbers()),
      openedAtEpochMs: this.#openedAtEpochMs,
      clockStepMs: this.#deps.now() - this.#epochMs(),
      stoppedBy: this.#earlyStop.crossed,
      fleet: this.#engine.fleet?.(),
    });
  }

  /** Closes all connections and returns the measurements. To be called once, also after an error. */
  async finish(): Promise<LoadResult> {
    const { first, second } = this.#deps.interrupt;
    first.removeEventListener('abort', this.#onFirst);
    second.removeEventListener('abort', this.#onSecond);
    clearTimeout(this.#cutTimer);
    await this.#engine.finish();
    this.#countBacklog();
    const result = this.result();
    this.#progress.end(result);
    return result;
  }

  /**
   * Plays a phase and adds its measurements to the turn of its round. @param took converts the phase's duration to the
   * turn's, ms
   */
  async #play(
    phase: Phase,
    place: { readonly index: number; readonly turn: number },
    took: (elapsedMs: number) => number = (elapsedMs) => elapsedMs,
  ): Promise<void> {
    this.#progress.enter(phase.kind);
    const startedAtEpochMs = this.#epochMs();
    const cpuBefore = process.cpuUsage();
    if (phase.kind === 'measure') this.#earlyStop.watch(this.#measured(), this.#latencyOfTurns());
    const { elapsedMs, gaveUp, data, cpuMs } = await this.#engine.runPhase(phase);
    this.#earlyStop.pause();
    const cpu = process.cpuUsage(cpuBefore);
    this.#data = data;
    this.#gaveUp = gaveUp;
    this.#addTurn({
      index: place.index,
      turn: place.turn,
      startedAtEpochMs,
      endedAtEpochMs: this.#epochMs(),
      elapsedMs: took(elapsedMs),
      cpuMs: cpuMs ?? (cpu.user + cpu.system) / 1000,
      tallies: data.flatMap(({ tallies }) => tallies),
    });
    this.#progress.leave(this.#measured());
  }

  /** The slices of a round are one turn: they lie between the previous round of this load and its next one. */
  #addTurn(slice: Turn): void {
    const last = this.#turns.at(-1);
    if (last === undefined || last.index !== slice.index) {
      this.#turns.push(slice);
      return;
    }
    this.#turns.splice(-1, 1, {
      ...last,
      endedAtEpochMs: slice.endedAtEpochMs,
      elapsedMs: last.elapsedMs + slice.elapsedMs,
      cpuMs: last.cpuMs + slice.cpuMs,
      tallies: [...last.tallies, ...slice.tallies],
    });
  }

  /** The part of the plan that a slice plays: the calls, and the time, that are missing to its share of the whole. */
  #shareOf({ index, of, slice, slices }: RoundPlace): { readonly calls: number; readonly ms: number } {
    const [played, all] = [(index - 1) * slices + slice, of * slices];
    const until = (whole: number) => (played >= all ? whole : (whole * played) / all);
    return {
      calls: Math.ceil(until(this.#plannedCalls)) - this.#madeCalls,
      ms: Number.isFinite(this.#plannedMs) ? until(this.#plannedMs) - this.#playedMs : this.#plannedMs,
    };
  }

  /** The sums of the measured turns so far. */
  #measured(): MeasuredSoFar {
    const turns = this.#turns.filter(({ index }) => index > 0);
    const total = (count: (tally: TallyData) => number) =>
      turns.flatMap(({ tallies }) => tallies).reduce((sum, tally) => sum + count(tally), 0);
    return {
      elapsedMs: turns.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
      successes: total(({ successes }) => successes),
      unexpected: total(({ unexpected }) => unexpected),
      errors: total(({ errors }) => errors),
    };
  }

  /** The success latencies of the measured turns so far. Empty if the plan does not need them. */
  #latencyOfTurns(): readonly EncodedHistogram[] {
    if (this.#plan.stopWhen === undefined) return [];
    return this.#turns
      .filter(({ index }) => index > 0)
      .flatMap(({ tallies }) => tallies)
      .flatMap((tally) => successesOf(tally, this.#plan.requests));
  }

  /** Counts calls of an open loop that an interrupt between two rounds left unsent. */
  #countBacklog(): void {
    const last = this.#turns.at(-1);
    if (last === undefined) return;
    const backlog = this.#data.reduce((sum, thread) => sum + thread.backlog, 0);
    const tallies = last.tallies.map((tally, at) =>
      at === 0 ? { ...tally, notSent: tally.notSent + backlog } : tally,
    );
    this.#turns.splice(-1, 1, { ...last, tallies });
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

  #measuredPhase(share: { readonly calls: number; readonly ms: number }, from: number): Phase {
    const { stages } = this.#plan;
    const measuredBeforeMs = this.#measured().elapsedMs;
    const planLeftMs = this.#plannedMs - this.#playedMs;
    if (stages === undefined) {
      return {
        kind: 'measure',
        limit: Math.min(from + share.calls, numbersIn(this.#plan)),
        durationMs: share.ms,
        measuredBeforeMs,
        planLeftMs,
      };
    }
    const numberedFrom = this.#firstCall ?? from;
    return {
      kind: 'measure',
      limit: 0,
      durationMs: 0,
      measuredBeforeMs,
      planLeftMs: planLeftMs + BACKLOG_GRACE_MS,
      open: {
        stages,
        calls: Math.min(this.#plannedCalls, numbersIn(this.#plan) - numberedFrom),
        fromMs: this.#playedMs,
        toMs: this.#playedMs + share.ms,
        numberedFrom,
      },
    };
  }

  /**
   * Records the progress after a phase that began at call `from`. Returns how long the phase counts, ms. A phase that
   * its time bound ended counts that full time, whenever its last call ended. So the rate includes time in which the
   * server did not answer.
   */
  #advance(elapsedMs: number, playMs: number, from: number, share: number): number {
    const stopped = this.#isStopped;
    if (Number.isFinite(playMs)) this.#playedMs += playMs;
    const isPlayed = this.#playedMs >= this.#plannedMs;
    if (this.#plan.stages !== undefined) {
      const isOver = !stopped && isPlayed;
      this.#isFulfilled = isOver && !this.#lacksNumbers();
      if (isOver && !this.#isFulfilled) this.#gaveUp = true;
      return stopped ? elapsedMs : Math.max(elapsedMs, playMs);
    }
    // Each thread that shares the counter may take one number beyond the phase's limit.
    this.#madeCalls += Math.min(share, this.#counter.peek() - from);
    const hasMadeAll = this.#madeCalls >= this.#plannedCalls;
    if (this.#numbersLeft() === 0) this.#gaveUp = true;
    this.#isFulfilled = hasMadeAll || (isPlayed && !this.#gaveUp && (!stopped || elapsedMs >= playMs));
    const endedByTime = Number.isFinite(playMs) && !stopped && !this.#gaveUp;
    return endedByTime ? Math.max(elapsedMs, playMs) : elapsedMs;
  }

  /** Open loop: whether the schedule was cut because there are not enough numbers for `{n}`. */
  #lacksNumbers(): boolean {
    const { stages } = this.#plan;
    return stages !== undefined && numbersIn(this.#plan) - (this.#firstCall ?? 0) < this.#plannedCalls;
  }

  #numbersLeft(): number {
    return Math.max(0, numbersIn(this.#plan) - this.#counter.peek());
  }

  #interrupt(): void {
    this.#engine.stop();
    this.#cutTimer = setTimeout(() => this.#engine.cut(), DRAIN_LIMIT_MS);
  }
}
