import type { EncodedHistogram } from '../../model/histogram.ts';
import { leadsToLambda } from '../../model/lambda-url.ts';
import type { LoadPlan } from '../../model/run.ts';
import { judgeOf } from '../measure/answer-origin.ts';
import { LatencyRecorder } from '../measure/latency-recorder.ts';
import { SelfWatch } from '../measure/self-watch.ts';
import { Tally } from '../measure/tally.ts';
import type { Connector } from '../wire/connector.ts';
import { Lingering } from '../wire/lingering.ts';
import { RepeatedAnswer } from '../wire/repeated-answer.ts';
import type { RequestSource } from '../wire/request-source.ts';
import { STATUS_TABLE_LENGTH } from '../wire/response-parser.ts';
import { Slot } from '../wire/slot.ts';
import { WIRE_ERROR } from '../wire/wire-error.ts';
import { CallFlow } from './call-flow.ts';
import type { CallLog } from './call-log.ts';
import { ConnectionLog } from './connection-log.ts';
import { ConnectionOpening } from './connection-opening.ts';
import { createPacer, firstConnections } from './create-pacer.ts';
import { DateReader } from './date-reader.ts';
import type { Engine, EngineData, Phase, PhaseOutcome, Snapshot, ThreadShare } from './engine.ts';
import { type CallCounter, OpenPacer, type Pacer } from './pacer.ts';
import { Rehearsal } from './rehearsal.ts';
import { RunningPhase } from './running-phase.ts';
import { SlotPool } from './slot-pool.ts';
import { TimeoutSweep } from './timeout-sweep.ts';

/**
 * The longest time to open a connection, unless the plan's timeout or duration is shorter. A load waits as long for the
 * lookup of a name, but at least for the time in which its first connections may be prepared.
 */
const CONNECT_LIMIT_MS = 10_000;
/** The longest time for the first connections, if one of them is open or time bounds the load. */
const PREPARE_LIMIT_MS = 1000;
/**
 * After so many answers the next calls are sent, even if more answers have arrived in this turn of the event loop. Over TLS
 * all answers of a turn are read first: Node reports the end of a TLS write only after the reads of the next turn, and
 * until then a socket keeps the next request, although its time of sending would already count.
 */
const READS_IN_A_ROW = { plain: 100, tls: Number.POSITIVE_INFINITY } as const;
const ALONE: ThreadShare = { index: 0, count: 1 };

export interface WireEngineConfig {
  /** `parallel` is the share of this engine. */
  readonly plan: LoadPlan;
  readonly endpoint: Connector;
  readonly requests: RequestSource;
  readonly counter: CallCounter;
  /** Undefined if no file of calls was requested. */
  readonly callLog?: CallLog | undefined;
  /** Open loop: how long before a due call the thread stops sleeping and polls, ms. 0 to rely on timers alone. */
  readonly wakeEarlyMs: number;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A load over the sockets of this thread. It runs phases, such as the warm-up and each round, one after the other and keeps the measurements. */
export class WireEngine implements Engine {
  readonly #config: WireEngineConfig;
  readonly #nowMs: () => number;
  readonly #flow: CallFlow;
  readonly #pool: SlotPool;
  /** The measurements of the current phase, one tally per request of the plan. Cleared at its end. */
  readonly #tallies: readonly Tally[];
  readonly #connections: ConnectionLog;
  readonly #dates: DateReader;
  readonly #sweep: TimeoutSweep;
  readonly #watch = new SelfWatch();
  readonly #opening: ConnectionOpening;
  readonly #lingering: Lingering;
  readonly #rehearsal: Rehearsal;
  readonly #epochAtZeroMs: number;
  readonly #connectLimitMs: number;
  /** Open loop: where the next round continues in the schedule, and how many calls it must send immediately. */
  #rest: { readonly resumeAt: number; readonly backlog: number } | undefined;
  #retriesCut = false;
  /** For how long the thread stood still in the measured phases, ms. */
  #stoodStillMs = 0;

  constructor(config: WireEngineConfig) {
    const { plan, endpoint, requests } = config;
    this.#config = config;
    this.#nowMs = config.monotonicMs;
    this.#epochAtZeroMs = config.now() - config.monotonicMs();
    this.#lingering = new Lingering(plan.parallel);
    this.#connections = new ConnectionLog(endpoint.isTls);
    const url = `https://${endpoint.authority}${endpoint.basePath}/`;
    const judge = judgeOf(plan, leadsToLambda(url));
    this.#tallies = requests.expected.map((expected, at) => new Tally(at, expected, plan.mode, judge));
    this.#dates = new DateReader(this.#epochAtZeroMs);
    this.#connectLimitMs = Math.min(CONNECT_LIMIT_MS, plan.timeoutMs, plan.durationMs ?? CONNECT_LIMIT_MS);
    this.#sweep = new TimeoutSweep(
      { attemptMs: plan.timeoutMs, connectMs: this.#connectLimitMs },
      { nowMs: this.#nowMs, cpuMs: processCpuMs },
    );
    const shared = {
      endpoint,
      repeated: new RepeatedAnswer(),
      lingering: this.#lingering,
      captureStatus: unexpectedByAny(requests.expected),
      reuse: plan.keepAlive !== false,
    };
    this.#pool = new SlotPool(() => new Slot(this.#flow, requests.forConnection(), shared), plan.parallel);
    this.#opening = new ConnectionOpening(this.#pool, this.#connections, plan.threads);
    this.#rehearsal = new Rehearsal(plan, endpoint.isTls);
    this.#flow = new CallFlow({
      plan,
      pool: this.#pool,
      tallies: this.#tallies,
      opening: this.#opening,
      connections: this.#connections,
      dates: this.#dates,
      callLog: config.callLog,
      isTooLate: (sentMs, nowMs) => this.#sweep.isTooLate(sentMs, nowMs),
      resolveAgain: (nowMs) => void endpoint.resolve(nowMs),
      nowMs: this.#nowMs,
      random: config.random,
      epochAtZeroMs: this.#epochAtZeroMs,
      wakeEarlyMs: config.wakeEarlyMs,
      rehearse: () => this.#rehearsal.perform(),
      readsInARow: endpoint.isTls ? READS_IN_A_ROW.tls : READS_IN_A_ROW.plain,
    });
  }

  async prepare(): Promise<void> {
    const { plan, endpoint, wakeEarlyMs } = this.#config;
    if (plan.mode === 'open' && wakeEarlyMs > 0) void this.#rehearsal.open();
    const lookUpLimitMs = Math.max(this.#connectLimitMs, PREPARE_LIMIT_MS);
    const limit = setTimeout(() => this.#opening.endWait(), lookUpLimitMs);
    await this.#opening.unlessEnded(endpoint.resolve(this.#nowMs()));
    clearTimeout(limit);
    if (this.#flow.isStopping) return;
    if (endpoint.resolveFailure === WIRE_ERROR.lookupTimeout) {
      // One look-up failed. Calls that all failed with it would only make the load longer.
      this.#opening.giveUp(WIRE_ERROR.lookupTimeout);
      return;
    }
    const isBoundByTime = plan.durationMs !== undefined;
    const startMs = this.#nowMs();
    this.#sweep.start(this.#pool.all, (now) => {
      const sinceMs = isBoundByTime ? Math.min(startMs, this.#pool.oldestIdleMs) : this.#pool.oldestIdleMs;
      if (now - sinceMs > PREPARE_LIMIT_MS) this.#opening.endWait();
      this.#look(now);
    });
    await this.#opening.open(firstConnections(plan), this.#nowMs());
  }

  /** Whether the machine's limit of open files left this engine without any connection. */
  get isStarved(): boolean {
    return this.#pool.isStarved;
  }

  async runPhase(phase: Phase, share: ThreadShare = ALONE): Promise<PhaseOutcome> {
    const now = this.#nowMs();
    const earlier = phase.kind === 'measure' ? this.#rest?.resumeAt : undefined;
    const resumeAt = earlier ?? share.resumeAt;
    const pacer = createPacer(phase, this.#config.counter, share, resumeAt, now);
    const running = new RunningPhase(phase, pacer, now);
    this.#sweep.noteStandstill(now);
    const stoodStillBeforeMs = this.#sweep.stoodStillMs;
    if (phase.kind === 'measure') this.#watch.start();
    if (this.#config.callLog !== undefined) this.#config.callLog.isOn = phase.kind === 'measure';
    await this.#flow.play(running);
    this.#config.callLog?.flush();
    // A call that was never sent belongs to no request, so the first tally counts it.
    const [first] = this.#tallies;
    if (first !== undefined) first.notSent += pacer.notSent;
    this.#sweep.noteStandstill(this.#nowMs());
    if (phase.kind === 'measure') {
      this.#stoodStillMs += this.#sweep.stoodStillMs - stoodStillBeforeMs;
      this.#endMeasured(pacer);
    }
    return {
      elapsedMs: running.lastEndMs - running.startMs,
      gaveUp: this.#opening.gaveUp !== undefined,
      data: [this.#takeData(pacer)],
    };
  }

  snapshot(): Snapshot {
    const sum = (count: (tally: Tally) => number) =>
      this.#tallies.reduce((total, tally) => total + count(tally), 0);
    const recorders = this.#tallies.flatMap(({ successRecorders }) => successRecorders);
    const [p50Ms, p99Ms] = LatencyRecorder.quantilesOf(recorders, [0.5, 0.99]) ?? [];
    return {
      successes: sum(({ successes }) => successes),
      unexpected: sum(({ unexpected }) => unexpected),
      errors: sum(({ errors }) => errors),
      ...(p50Ms === undefined ? {} : { p50Ms }),
      ...(p99Ms === undefined ? {} : { p99Ms }),
    };
  }

  latencySoFar(): EncodedHistogram[] {
    return this.#tallies.flatMap((tally) => tally.encodeSuccesses());
  }

  stop(): void {
    this.#retriesCut ||= !this.#flow.retries.isEmpty;
    this.#flow.stop();
  }

  cut(): void {
    this.stop();
    this.#flow.cut();
  }

  async finish(): Promise<void> {
    this.stop();
    this.#sweep.stop();
    for (const slot of this.#pool.all) slot.close();
    this.#lingering.end();
    this.#rehearsal.end();
    this.#config.callLog?.end();
    this.#config.endpoint.close();
  }

  /** Runs after each check of timeouts. */
  #look(now: number): void {
    this.#pool.readmit(now);
    if (!this.#flow.maySend(now)) this.#flow.giveUpRetries(now);
    this.#dates.want(this.#pool.nextToAnswer);
    // Late calls wait for a free connection. Without any connection so far, waiting would only make the load longer.
    if (this.#connections.opened === 0) this.#flow.giveUpWaiting(now);
    this.#flow.settle(now);
  }

  #endMeasured(pacer: Pacer): void {
    this.#watch.stop();
    if (pacer instanceof OpenPacer) {
      this.#rest = { resumeAt: pacer.resumeAt, backlog: pacer.waiting - pacer.notSent };
    }
  }

  /** Returns the measurements so far and clears the tallies. */
  #takeData(pacer: Pacer): EngineData {
    const tallies = this.#tallies.map((tally) => tally.data());
    for (const tally of this.#tallies) tally.clear();
    const mayRunUntilMs = Math.max(...tallies.map((tally) => tally.mayRunUntilMs));
    const clockOffset = this.#dates.offset;
    const { gaveUp } = this.#opening;
    const callFileTrouble = this.#config.callLog?.trouble;
    return {
      tallies,
      backlog: this.#rest?.backlog ?? 0,
      nextCall: pacer instanceof OpenPacer ? pacer.resumeAt : this.#config.counter.peek(),
      mayRunUntilEpochMs: mayRunUntilMs > 0 ? this.#epochAtZeroMs + mayRunUntilMs : 0,
      ...this.#connections.data(),
      connectionsAllowed: this.#pool.allowed,
      ...(clockOffset === undefined ? {} : { clockOffset }),
      health: this.#watch.health(this.#flow.spunMs),
      stoodStillMs: this.#stoodStillMs,
      refusedPauseMs: this.#flow.retries.longestRefusedMs,
      retriesCut: this.#retriesCut,
      ...(gaveUp === undefined ? {} : { gaveUp }),
      ...(callFileTrouble === undefined ? {} : { callFileTrouble }),
    };
  }
}

/** The CPU time of this process, all threads together, ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * A table with 1 for every status that some request of the plan does not expect. The bodies of such answers are kept.
 */
function unexpectedByAny(expected: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from({ length: STATUS_TABLE_LENGTH }, (_, status) =>
    expected.every((table) => table[status] === 1) ? 0 : 1,
  );
}
