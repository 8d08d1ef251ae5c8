import type { EncodedHistogram } from '../model/histogram.ts';
import { ROUTE_SPECS } from '../model/route.ts';
import type { LoadPlan } from '../model/run.ts';
import { assembleResult, type Turn } from './assemble-result.ts';
import { EarlyStop } from './early-stop.ts';
import type { Engine, EngineData, Phase } from './engine/engine.ts';
import { BACKLOG_GRACE_MS, type CallCounter } from './engine/pacer.ts';
import { MAX_TATTOO } from './load-plan.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import type { TallyData } from './measure/tally.ts';
import { type MeasuredSoFar, ProgressReporter } from './progress-reporter.ts';
import { createSchedule, firstRatePerSecond } from './schedule.ts';

/** What calls in flight get after the first interrupt. */
const DRAIN_LIMIT_MS = 2000;
/** Which round is played: `index` counts from 1, `of` is how many there are, `turn` the load's place among the loads. */
export interface RoundPlace {
  readonly index: number;
  readonly of: number;
  readonly turn: number;
}

/**
 * One load from its first connection to its result, in steps, so that several can take turns: `start`, `warmUp`, one
 * `run` per round, `finish`. An interrupt ends the step at hand early.
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
  /** What the engine said at the end of the last turn. */
  #data: readonly EngineData[] = [];
  #cutTimer: NodeJS.Timeout | undefined;
  #openedAtEpochMs = 0;
  /** The number of the first measured call. */
  #firstCall: number | undefined;
  /** How much has been played: of a plan that calls bound, and of one that time bounds. */
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

  /** The time of day by the monotonic clock: a wall clock that is set during the load moves nothing. */
  #epochMs(): number {
    return this.#epochAtZeroMs + this.#deps.monotonicMs();
  }

  /** Whether there is nothing left to run: the plan is fulfilled, was given up, or interrupted. */
  get isDone(): boolean {
    return this.#isFulfilled || this.#isStopped;
  }

  /** Whether the load ended before its plan did. */
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

  /** Plays the warm-up, where the plan has one, as round 0. @param turn the load's place in the order of the loads */
  async warmUp(turn: number): Promise<void> {
    if (this.#plan.warmup === undefined || this.isDone) return;
    await this.#play(this.#warmupPhase(), { index: 0, turn });
  }

  /** Plays one round: its share of the plan's calls, or of its time. */
  async run(round: RoundPlace): Promise<void> {
    if (this.isDone) return;
    const from = this.#counter.peek();
    this.#firstCall ??= from;
    const share = this.#shareOf(round);
    const phase = this.#measuredPhase(share, from);
    await this.#play(phase, round, (elapsedMs) => this.#advance(elapsedMs, share.ms, from, share.calls));
  }

  /** What was measured until now; `interrupted` until the plan is fulfilled. */
  result(): LoadResult {
    return assembleResult({
      plan: this.#plan,
      target: this.#target,
      data: this.#data,
      turns: this.#turns,
      isFulfilled: this.#isFulfilled,
      tattoosExhausted: !this.#isFulfilled && (this.#tattoosLeft() === 0 || this.#lacksTattoos()),
      openedAtEpochMs: this.#openedAtEpochMs,
      clockStepMs: this.#deps.now() - this.#epochMs(),
      stoppedBy: this.#earlyStop.crossed,
    });
  }

  /** Closes all connections and returns what was measured. To be called once, whatever happened before. */
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

  /** Plays a phase and keeps what it measured as a turn. @param took tells a turn's length from its phase's, ms */
  async #play(
    phase: Phase,
    place: { readonly index: number; readonly turn: number },
    took: (elapsedMs: number) => number = (elapsedMs) => elapsedMs,
  ): Promise<void> {
    this.#progress.enter(phase.kind);
    const startedAtEpochMs = this.#epochMs();
    const cpuBefore = process.cpuUsage();
    if (phase.kind === 'measure') this.#earlyStop.watch(this.#measured(), this.#latencyOfTurns());
    const { elapsedMs, gaveUp, data } = await this.#engine.runPhase(phase);
    this.#earlyStop.pause();
    const cpu = process.cpuUsage(cpuBefore);
    this.#data = data;
    this.#gaveUp = gaveUp;
    this.#turns.push({
      index: place.index,
      turn: place.turn,
      startedAtEpochMs,
      endedAtEpochMs: this.#epochMs(),
      elapsedMs: took(elapsedMs),
      cpuMs: (cpu.user + cpu.system) / 1000,
      tallies: data.map(({ tally }) => tally),
    });
    this.#progress.leave(this.#measured());
  }

  /** What of the plan a round plays: as many calls, and as much time, as bring the whole to its part. */
  #shareOf({ index, of }: RoundPlace): { readonly calls: number; readonly ms: number } {
    const isLast = index >= of;
    const until = (whole: number) => (isLast ? whole : (whole * index) / of);
    return {
      calls: Math.ceil(until(this.#plannedCalls)) - this.#madeCalls,
      ms: Number.isFinite(this.#plannedMs) ? until(this.#plannedMs) - this.#playedMs : this.#plannedMs,
    };
  }

  /** What the measured turns did until now. */
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

  /** The successes' latency of the measured turns until now; empty for a plan that needs it for nothing. */
  #latencyOfTurns(): readonly EncodedHistogram[] {
    if (this.#plan.stopWhen === undefined) return [];
    const expected = ROUTE_SPECS[this.#plan.route].expectedStatuses;
    return this.#turns
      .filter(({ index }) => index > 0)
      .flatMap(({ tallies }) => tallies)
      .flatMap(({ latencyByStatus }) => expected.flatMap((status) => latencyByStatus[status] ?? []));
  }

  /** Counts calls of an open loop that an interrupt between two rounds left unsent. */
  #countBacklog(): void {
    const last = this.#turns.at(-1);
    if (last === undefined) return;
    const tallies = last.tallies.map((tally, thread) => ({
      ...tally,
      notSent: tally.notSent + (this.#data[thread]?.backlog ?? 0),
    }));
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
        limit: Math.min(from + share.calls, tattoosFrom(this.#plan)),
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
        calls: Math.min(this.#plannedCalls, tattoosFrom(this.#plan) - numberedFrom),
        fromMs: this.#playedMs,
        toMs: this.#playedMs + share.ms,
        numberedFrom,
      },
    };
  }

  /**
   * Notes how far the plan is after a phase that started at call `from`, and returns how long the phase counts, ms. A
   * phase that its time ended counts that time, whenever its last call ended: the rate includes what the server left
   * unused or refused.
   */
  #advance(elapsedMs: number, playMs: number, from: number, share: number): number {
    const stopped = this.#isStopped;
    if (Number.isFinite(playMs)) this.#playedMs += playMs;
    const isPlayed = this.#playedMs >= this.#plannedMs;
    if (this.#plan.stages !== undefined) {
      const isOver = !stopped && isPlayed;
      this.#isFulfilled = isOver && !this.#lacksTattoos();
      if (isOver && !this.#isFulfilled) this.#gaveUp = true;
      return stopped ? elapsedMs : Math.max(elapsedMs, playMs);
    }
    // Threads that share the counter may each take one number beyond the phase's limit.
    this.#madeCalls += Math.min(share, this.#counter.peek() - from);
    const hasMadeAll = this.#madeCalls >= this.#plannedCalls;
    if (this.#tattoosLeft() === 0) this.#gaveUp = true;
    this.#isFulfilled = hasMadeAll || (isPlayed && !this.#gaveUp && (!stopped || elapsedMs >= playMs));
    const endedByTime = Number.isFinite(playMs) && !stopped && !this.#gaveUp;
    return endedByTime ? Math.max(elapsedMs, playMs) : elapsedMs;
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
