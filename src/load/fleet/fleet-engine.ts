import { translateAwsError } from '../../aws/errors.ts';
import type { EncodedHistogram } from '../../model/histogram.ts';
import { leadsToLambda } from '../../model/lambda-url.ts';
import type { FleetRecord, LoaderLossReason, LoadPlan } from '../../model/run.ts';
import type { Target } from '../../model/target.ts';
import type { EngineSetup } from '../engine/create-engine.ts';
import type { Engine, EngineData, Phase, PhaseOutcome, Snapshot } from '../engine/engine.ts';
import type { CallCounter } from '../engine/pacer.ts';
import { judgeOf } from '../measure/answer-origin.ts';
import type { TallyData } from '../measure/tally.ts';
import { sharesOf } from '../shares-of.ts';
import { type FleetIdentity, FleetLog } from './fleet-log.ts';
import { inClientTime } from './in-client-time.ts';
import { type ClockReading, LoaderClocks, readClock } from './loader-clocks.ts';
import type { LoaderPort } from './loader-port.ts';
import { dataOfLostShare, withoutCalls } from './lost-share.ts';
import { encodeOrder, type LoadedShare, type LoaderOrder } from './orders.ts';
import { type Reply, readReply } from './read-reply.ts';
import { type Played, planMsOf, plannedCalls, waveOf } from './wave.ts';

/** The longest time between sending the orders and the common start, ms. */
const MAX_LEAD_MS = 10_000;
/**
 * The latest time after the common start at which a loader still begins to send, ms. A loader that is ready later
 * sends nothing.
 */
const LATE_LIMIT_MS = 1000;
/** Outcomes of an invocation after which it is certain that the loader sent nothing. */
const SENT_NOTHING: ReadonlySet<LoaderLossReason> = new Set(['throttled', 'refused', 'too-late']);
const SAME_CLOCK: ClockReading = { offsetMs: 0, errorMs: 0 };

/** The times that loaders get for the parts of a phase in which nothing is sent. */
export interface FleetPace {
  /**
   * How long each loader waits before it answers an order to meet, ms, so that no environment serves two loaders. The
   * first value applies while environments start. The second applies when all of them run and an answer takes only
   * its network time.
   */
  readonly meetingsMs: readonly number[];
  /**
   * The time between the first orders and the common start, ms. Later it is twice the time that the slowest loader
   * needed last.
   */
  readonly firstLeadMs: number;
  readonly leastLeadMs: number;
}

export const FLEET_PACE: FleetPace = { meetingsMs: [1000, 200], firstLeadMs: 2000, leastLeadMs: 500 };

/** The loaders of a load. */
export interface Fleet extends FleetIdentity {
  readonly pace: FleetPace;
  readonly port: LoaderPort;
  readonly target: Pick<Target, 'kind' | 'endpoint' | 'region'>;
  /** The number of loaders. */
  readonly loaders: number;
  /** How long one wave of invocations may send, ms. */
  readonly waveMs: number;
}

export interface FleetDeps {
  readonly counter: CallCounter;
  /** Aborted when the loaders need not be waited for any longer. */
  readonly abandon: AbortSignal;
  /** The time of a monotonic clock, epoch ms. */
  readonly now: () => number;
}

/** A loader, and its next position in the measured schedule of an open loop. */
interface Loader {
  readonly index: number;
  readonly plan: LoadPlan;
  resumeAt: number;
}

/** A loader that works on a phase. */
interface Worker {
  readonly loader: Loader;
  /** The number of its next call. In an open loop it is the position in the schedule. */
  nextCall: number;
  /** False after it was lost in a closed loop. It then sends nothing until the next phase. */
  isIn: boolean;
}

/**
 * A load that several loaders share, as threads share one on this machine: loader i of N sends the calls with the
 * numbers i, i + N, i + 2N and so on. A phase is one wave of invocations. It is several waves if it takes longer than
 * an invocation may run. Nothing is sent between two waves, and that time is in no figure. No invocation is ever
 * repeated. The calls of a loader that fails are lost and counted as not sent.
 */
export class FleetEngine implements Engine {
  readonly #fleet: Fleet;
  readonly #setup: Omit<EngineSetup, 'thread' | 'callsOut'>;
  readonly #deps: FleetDeps;
  readonly #loaders: readonly Loader[];
  readonly #clocks = new LoaderClocks();
  readonly #log: FleetLog;
  /** The sums over earlier phases of the figures that are counted from the start of the engine. */
  readonly #earlier: EngineData[] = [];
  /** The results of the waves of the current phase. */
  #soFar: EngineData[] = [];
  #leadMs: number;
  #isStopped = false;
  #raised: Promise<void> | undefined;

  constructor(fleet: Fleet, setup: Omit<EngineSetup, 'thread' | 'callsOut'>, deps: FleetDeps) {
    this.#fleet = fleet;
    this.#leadMs = fleet.pace.firstLeadMs;
    this.#setup = setup;
    this.#deps = deps;
    this.#log = new FleetLog(fleet.loaders);
    this.#loaders = sharesOf(setup.plan.parallel, fleet.loaders).map((parallel, index) => ({
      index,
      plan: planOfLoader(setup.plan, parallel, fleet.loaders),
      resumeAt: index,
    }));
  }

  /**
   * Starts an environment for each loader and compares the clocks. A loader that fails here is invoked again with its
   * share.
   * @throws as `translateAwsError` returns it if Lambda refuses every one of them
   */
  async prepare(): Promise<void> {
    for (const holdMs of this.#fleet.pace.meetingsMs) {
      const replies = await Promise.all(
        this.#loaders.map(({ index }) => this.#send(index, { do: 'meet', holdMs })),
      );
      const refusals = replies.flatMap((reply) =>
        reply.is === 'lost' && reply.reason === 'refused' ? [reply.cause] : [],
      );
      if (refusals.length === replies.length) throw translateAwsError(refusals[0], this.#fleet.target);
      if (this.#isStopped) return;
    }
  }

  async runPhase(phase: Phase): Promise<PhaseOutcome> {
    const { waveMs } = this.#fleet;
    const from = this.#deps.counter.peek();
    const workers = this.#loaders.map((loader) => workerOn(phase, loader, from));
    const planMs = planMsOf(phase);
    let played: Played = { planMs: 0, elapsedMs: 0 };
    let cpuMs = 0;
    let hasGivenUp = false;
    this.#earlier.push(...this.#soFar.map(withoutCalls));
    this.#soFar = [];
    while (!this.#isStopped && !hasGivenUp && played.planMs < planMs) {
      const atWork = workers.filter(({ isIn, nextCall }) => isIn && hasWork(phase, nextCall));
      if (atWork.length === 0) break;
      const shares = await this.#playWave(phase, played, atWork);
      cpuMs += shares.reduce((sum, share) => sum + share.cpuMs, 0);
      hasGivenUp = shares.every(({ gaveUp }) => gaveUp);
      played = {
        planMs: played.planMs + Math.min(waveMs, planMs - played.planMs),
        elapsedMs: played.elapsedMs + Math.max(0, ...shares.map(({ elapsedMs }) => elapsedMs)),
      };
    }
    if (phase.open === undefined) this.#advanceCounter(phase, from, workers);
    else if (phase.kind === 'measure') for (const { loader, nextCall } of workers) loader.resumeAt = nextCall;
    return {
      elapsedMs: played.elapsedMs,
      gaveUp: hasGivenUp,
      data: [...this.#soFar, ...this.#earlier],
      cpuMs,
    };
  }

  /**
   * Does nothing. Only `--stop-when` needs it, which is refused with loaders because their figures come at the end of
   * a wave.
   */
  latencySoFar(): readonly EncodedHistogram[] {
    return [];
  }

  snapshot(): Snapshot {
    const total = (count: (tally: TallyData) => number) =>
      this.#soFar.flatMap(({ tallies }) => tallies).reduce((sum, tally) => sum + count(tally), 0);
    return {
      successes: total(({ successes }) => successes),
      unexpected: total(({ unexpected }) => unexpected),
      errors: total(({ errors }) => errors),
    };
  }

  /** The work of each loader so far. */
  fleet(): FleetRecord {
    const { functionName, region, memorySizeMB, architecture } = this.#fleet;
    return this.#log.record({ functionName, region, memorySizeMB, architecture }, this.#clocks);
  }

  /** Raises the flag that the loaders check once a second. Each loader then stops as a load on this machine does. */
  stop(): void {
    this.#isStopped = true;
    this.#raised ??= this.#fleet.port.raiseStop();
  }

  /** Does nothing here. The loaders abort their calls in flight by themselves, two seconds after they stop. */
  cut(): void {
    this.stop();
  }

  async finish(): Promise<void> {
    this.#isStopped = true;
    await this.#raised;
    await this.#fleet.port.end();
  }

  /** Runs one wave: invokes all working loaders at once, which start together. Returns their shares. */
  async #playWave(phase: Phase, played: Played, atWork: readonly Worker[]): Promise<LoadedShare[]> {
    const { port, loaders, waveMs } = this.#fleet;
    const wave = waveOf(phase, played, waveMs);
    const clock = this.#clocks.best ?? SAME_CLOCK;
    const startAtEpochMs = this.#deps.now() + this.#leadMs + clock.offsetMs;
    const replies = await Promise.all(
      atWork.map(async ({ loader, nextCall }) => ({
        loader,
        reply: await this.#send(loader.index, {
          do: 'load',
          setup: { ...this.#setup, plan: loader.plan },
          phase: wave,
          share: {
            index: loader.index,
            count: loaders,
            ...(phase.open === undefined ? {} : { resumeAt: nextCall }),
          },
          firstCall: nextCall,
          startAtEpochMs,
          mustStartByEpochMs: startAtEpochMs + LATE_LIMIT_MS,
          stopUrl: port.stopUrl,
        }),
      })),
    );
    // The next wave counts the calls that this wave did not make.
    this.#soFar = this.#soFar.map((data) => ({ ...data, backlog: 0 }));
    const shares = replies.flatMap(({ reply }) => (reply.is === 'loaded' ? [reply] : []));
    for (const [at, worker] of atWork.entries()) {
      const reply = replies[at]?.reply;
      if (reply?.is === 'loaded') this.#take(phase, worker, reply, clock);
      else if (reply !== undefined) this.#lose(phase, wave, worker, reply, shares);
    }
    this.#setLead(replies.map(({ reply }) => reply));
    return shares;
  }

  #take(phase: Phase, worker: Worker, share: LoadedShare, clock: ClockReading): void {
    worker.nextCall = share.data.nextCall;
    this.#soFar.push(inClientTime(share.data, clock));
    if (phase.kind === 'measure') this.#log.measured(worker.loader.index, share);
  }

  /**
   * Counts the calls of a loader that returned nothing. In a closed loop these are all remaining calls of its share.
   * In an open loop these are the calls that were due in the wave, and the loader continues with the next wave.
   */
  #lose(phase: Phase, wave: Phase, worker: Worker, reply: Reply, others: readonly LoadedShare[]): void {
    const { loaders } = this.#fleet;
    const loss = lossOf(reply);
    const planned = plannedCalls(phase.open === undefined ? phase : wave, worker.nextCall, loaders);
    const sentNothing = SENT_NOTHING.has(loss.reason);
    // If time bounds a share, the number of its sent calls is unknown. It is estimated from the other loaders, which
    // send about as much.
    const likely = Math.max(0, ...others.map(({ data }) => attemptsOf(data)));
    const lost = { notSent: planned ?? 0, maySent: sentNothing ? 0 : (planned ?? likely) };
    this.#soFar.push(
      dataOfLostShare({
        calls: lost.notSent,
        maySent: lost.maySent,
        mayRunUntilEpochMs:
          lost.maySent > 0
            ? this.#deps.now() + judgeOf(this.#setup.plan, leadsToLambda(this.#setup.url)).mayRunOnMs
            : 0,
        parallel: worker.loader.plan.parallel,
      }),
    );
    worker.nextCall += (planned ?? lost.maySent) * loaders;
    worker.isIn = phase.open !== undefined;
    if (phase.kind === 'measure') this.#log.lost(worker.loader.index, { ...loss, ...lost });
  }

  /**
   * Moves the load's counter of calls past the numbers that the loaders used. After an interrupt it counts the calls
   * that were made. Otherwise no number is used twice, however many calls each loader made.
   */
  #advanceCounter(phase: Phase, from: number, workers: readonly Worker[]): void {
    const { counter } = this.#deps;
    const { loaders } = this.#fleet;
    const taken = workers.map(({ loader, nextCall }) => (nextCall - from - loader.index) / loaders);
    const furthest = Math.max(...workers.map(({ nextCall }) => nextCall)) - from;
    const made = taken.reduce((sum, calls) => sum + calls, 0);
    counter.skip(this.#isStopped ? made : Math.min(phase.limit - from, furthest));
  }

  async #send(loader: number, order: LoaderOrder): Promise<Reply> {
    const { now, abandon } = this.#deps;
    const sentEpochMs = now();
    const outcome = await this.#fleet.port.invoke(encodeOrder(order), abandon);
    const returnedEpochMs = now();
    const reply = readReply(outcome);
    const isCold = reply.is !== 'lost' && reply.isCold;
    this.#log.invoked(loader, isCold, 'meter' in outcome ? outcome.meter : undefined);
    if (reply.is === 'met')
      this.#clocks.add(reply.environment, readClock({ ...reply, sentEpochMs, returnedEpochMs }));
    return reply;
  }

  /** The next wave starts after twice the time that the slowest loader of this wave needed. */
  #setLead(replies: readonly Reply[]): void {
    const sparesMs = replies.flatMap((reply) => {
      if (reply.is === 'loaded') return [reply.spareMs];
      return reply.is === 'too-late' ? [-reply.lateMs] : [];
    });
    if (sparesMs.length === 0) return;
    const neededMs = this.#leadMs - Math.min(...sparesMs);
    this.#leadMs = Math.min(MAX_LEAD_MS, Math.max(this.#fleet.pace.leastLeadMs, 2 * neededMs));
  }
}

/** A loader's share of a plan: its connections, its calls and its part of the rate. */
function planOfLoader(plan: LoadPlan, parallel: number, loaders: number): LoadPlan {
  const { calls, stages } = plan;
  return {
    ...plan,
    parallel,
    ...(calls === undefined ? {} : { calls: Math.ceil(calls / loaders) }),
    ...(stages === undefined
      ? {}
      : {
          stages: stages.map((stage) => ({
            ...stage,
            fromPerSecond: stage.fromPerSecond / loaders,
            toPerSecond: stage.toPerSecond / loaders,
          })),
        }),
  };
}

function workerOn({ open, kind }: Phase, loader: Loader, from: number): Worker {
  const nextCall =
    open === undefined ? from + loader.index : kind === 'measure' ? loader.resumeAt : loader.index;
  return { loader, nextCall, isIn: true };
}

/**
 * Whether a loader takes part in the next wave of a phase. In an open loop it does until the end, because the
 * schedule goes on.
 */
function hasWork({ open, limit }: Phase, nextCall: number): boolean {
  return open !== undefined || nextCall < limit;
}

function attemptsOf({ tallies }: EngineData): number {
  return tallies.reduce((sum, { attempts }) => sum + attempts, 0);
}

function lossOf(reply: Reply): { readonly reason: LoaderLossReason; readonly message: string } {
  switch (reply.is) {
    case 'lost':
      return { reason: reply.reason, message: reply.message };
    case 'too-late':
      return { reason: 'too-late', message: `it was ready ${Math.round(reply.lateMs)} ms after the start` };
    default:
      return { reason: 'rubbish', message: `it answered '${reply.is}' to the order to load` };
  }
}
