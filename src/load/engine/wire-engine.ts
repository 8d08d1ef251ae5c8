import type { EncodedHistogram } from '../../model/histogram.ts';
import { ROUTE_SPECS } from '../../model/route.ts';
import type { LoadPlan } from '../../model/run.ts';
import { SelfWatch } from '../measure/self-watch.ts';
import { ServerClock } from '../measure/server-clock.ts';
import { Tally } from '../measure/tally.ts';
import { OUTCOME, type OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Connector } from '../wire/connector.ts';
import { Lingering } from '../wire/lingering.ts';
import { RepeatedAnswer } from '../wire/repeated-answer.ts';
import { RequestBytes } from '../wire/request-bytes.ts';
import { STATUS_TABLE_LENGTH } from '../wire/response-parser.ts';
import { Slot, type SlotOwner } from '../wire/slot.ts';
import { WIRE_ERROR } from '../wire/wire-error.ts';
import { ConnectionLog } from './connection-log.ts';
import { createPacer, firstConnections } from './create-pacer.ts';
import type { Engine, EngineData, Phase, PhaseOutcome, Snapshot } from './engine.ts';
import { type CallCounter, OpenPacer, type Pacer } from './pacer.ts';
import { RetryQueue } from './retry-queue.ts';
import { SlotPool } from './slot-pool.ts';

/**
 * How often timeouts are looked for, a fraction of the shortest one, and a Date header is read: each narrows the
 * server's clock down.
 */
const SWEEP_MS = 100;
/** A connection gets this long, or the plan's timeout where that is shorter. */
const CONNECT_LIMIT_MS = 10_000;
/** How long the first connections may take once one of them is open. */
const PREPARE_LIMIT_MS = 1000;
/** Node's timers count to 2^31 − 1 ms; what is due later is looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A refused connection is tried again after a moment, so that a dead server does not cost a core. */
const MAX_REFUSED_PAUSE_MS = 20;
/** So many refusals without one connection ever: nothing is there. */
const GIVE_UP_AFTER = 1000;

export interface WireEngineConfig {
  readonly plan: LoadPlan;
  readonly endpoint: Connector;
  readonly userAgent: string;
  readonly counter: CallCounter;
  /** This engine among those that share the plan; `parallel` of the plan is its own share already. */
  readonly thread: { readonly index: number; readonly count: number };
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

/** The load on sockets of this thread: one request in flight per slot, the next sent from the end of the last. */
export class WireEngine implements Engine, SlotOwner {
  readonly #config: WireEngineConfig;
  readonly #now: () => number;
  readonly #endpoint: Connector;
  readonly #pool: SlotPool;
  readonly #retries: RetryQueue;
  readonly #lingering: Lingering;
  readonly #expected = new Uint8Array(STATUS_TABLE_LENGTH);
  /** Of the phase at hand; cleared at its end. */
  readonly #tally: Tally;
  readonly #clock = new ServerClock();
  readonly #watch = new SelfWatch();
  readonly #connections = new ConnectionLog();
  readonly #epochAtZeroMs: number;

  #phase: Phase['kind'] = 'warmup';
  #pacer: Pacer | undefined;
  #isOpenLoop = false;
  #stopping = false;
  #retriesCut = false;
  #gaveUp: string | undefined;
  #startMs = 0;
  #lastEndMs = 0;
  #measuredBeforeMs = 0;
  /** From when on nothing more is sent, monotonic ms. */
  #overMs = Number.POSITIVE_INFINITY;
  /** Open loop: where the next measured slice goes on in the schedule. */
  #resumeAt: number | undefined;
  /** What that slice will have to send first. */
  #backlog = 0;
  /** Calls begun and not ended. */
  #active = 0;
  #pumpIsDue = false;
  readonly #pumpNow = () => {
    this.#pumpIsDue = false;
    this.#pumpAndSettle();
  };
  #dueTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #phaseDone: ((outcome: PhaseOutcome) => void) | undefined;
  #prepared: (() => void) | undefined;

  constructor(config: WireEngineConfig) {
    const { plan } = config;
    this.#config = config;
    this.#now = config.monotonicMs;
    this.#epochAtZeroMs = config.now() - config.monotonicMs();
    this.#endpoint = config.endpoint;
    this.#lingering = new Lingering(plan.parallel);
    const requests = new RequestBytes(plan, {
      basePath: this.#endpoint.basePath,
      authority: this.#endpoint.authority,
      userAgent: config.userAgent,
    });
    for (const status of ROUTE_SPECS[plan.route].expectedStatuses) this.#expected[status] = 1;
    const looksAtBody = this.#expected.map((expected) => 1 - expected);
    const shared = { repeated: new RepeatedAnswer(), lingering: this.#lingering };
    this.#pool = new SlotPool(
      () => new Slot(this.#endpoint, this, requests.forConnection(), looksAtBody, shared),
      plan.parallel,
    );
    this.#retries = new RetryQueue(plan.retries, config.random, (slot) => this.#tryAgain(slot));
    this.#tally = new Tally(this.#expected, plan.mode);
  }

  async prepare(): Promise<void> {
    await this.#endpoint.resolve(this.#now());
    if (this.#stopping) return;
    this.#sweepTimer ??= setInterval(() => this.#sweep(this.#now()), SWEEP_MS);
    const wanted = firstConnections(this.#config.plan);
    await new Promise<void>((resolve) => {
      this.#prepared = resolve;
      const now = this.#now();
      for (let count = 0; count < wanted; count++) this.#pool.open(now);
    });
    this.#prepared = undefined;
  }

  runPhase(phase: Phase): Promise<PhaseOutcome> {
    const now = this.#now();
    this.#phase = phase.kind;
    this.#isOpenLoop = phase.open !== undefined;
    this.#measuredBeforeMs = phase.measuredBeforeMs;
    this.#overMs = now + phase.planLeftMs;
    this.#backlog = 0;
    this.#pacer = createPacer(phase, this.#config, this.#resumeAt, now);
    this.#startMs = now;
    this.#lastEndMs = now;
    if (this.#stopping) this.#pacer.stop(now);
    if (phase.kind === 'measure') this.#watch.start();
    return new Promise((resolve) => {
      this.#phaseDone = resolve;
      this.#pump(now);
      this.#wantDate();
      this.#settle(now);
    });
  }

  snapshot(): Snapshot {
    const { successes, unexpected, errors } = this.#tally;
    const [p50Ms, p99Ms] = this.#tally.quantilesMs([0.5, 0.99]) ?? [];
    return {
      successes,
      unexpected,
      errors,
      ...(p50Ms === undefined ? {} : { p50Ms }),
      ...(p99Ms === undefined ? {} : { p99Ms }),
    };
  }

  /** The successes so far, for a live view over several threads. */
  encodeSuccesses(): EncodedHistogram[] {
    return this.#tally.encodeSuccesses();
  }

  stop(): void {
    const now = this.#now();
    this.#stopping = true;
    this.#pacer?.stop(now);
    this.#retriesCut ||= !this.#retries.isEmpty;
    this.#giveUpRetries(now);
    this.#prepared?.();
    this.#settle(now);
  }

  cut(): void {
    this.stop();
    for (const slot of this.#pool.all) if (slot.call >= 0) slot.cut(WIRE_ERROR.interrupted);
  }

  async finish(): Promise<void> {
    this.stop();
    clearInterval(this.#sweepTimer);
    clearTimeout(this.#dueTimer);
    for (const slot of this.#pool.all) slot.close();
    this.#lingering.end();
  }

  // What slots report. `slotAnswered` is the hot path: once per call.

  slotAnswered(slot: Slot): void {
    const now = this.#now();
    const { status } = slot;
    const latencyMs = now - slot.intendedMs;
    this.#tally.answer(status, latencyMs, now - slot.sentMs);
    slot.sinceMs = now;
    if (slot.dateText !== undefined) this.#readDate(slot, slot.dateText, now);
    if (!slot.isFree) this.#connections.lost(slot.hadUnsolicited ? 'unsolicited' : 'closed');
    if (this.#expected[status] === 1) this.#finishCall(slot, OUTCOME.success, now, latencyMs);
    else {
      const { capturedBody, fields } = slot.parser;
      this.#tally.inspect(status, capturedBody, fields.errorType, slot.sentMs);
      if (this.#retries.mayMend(status)) this.#retryOrEnd(slot, OUTCOME.unexpected, now, latencyMs);
      else this.#finishCall(slot, OUTCOME.unexpected, now, latencyMs);
    }
  }

  slotFailed(slot: Slot, kind: string): void {
    const now = this.#now();
    const latencyMs = now - slot.intendedMs;
    this.#tally.failure(kind, latencyMs, slot.sentMs, true);
    this.#retryOrEnd(slot, OUTCOME.error, now, latencyMs);
  }

  slotOpened(slot: Slot): void {
    const now = this.#now();
    this.#connections.open(now - slot.sinceMs);
    slot.sinceMs = now;
    if (slot.call >= 0) {
      this.#transmit(slot, now);
      return;
    }
    this.#pool.opening--;
    this.#pool.give(slot);
    this.#notePrepared();
    this.#pump(now);
  }

  slotRefused(slot: Slot, kind: string): void {
    const now = this.#now();
    this.#connections.refuse(kind);
    // A name may have moved; `resolve` never rejects, and looks at most every few seconds.
    void this.#endpoint.resolve(now);
    if (this.#connections.opened === 0 && this.#connections.failed >= GIVE_UP_AFTER) this.#giveUp(kind, now);
    if (slot.call < 0) {
      this.#pool.opening--;
      this.#notePrepared();
      // While calls are due, one of them bears the failure: none goes uncounted.
      const call = this.#pacer?.claim(now) ?? -1;
      if (call < 0) {
        this.#releaseLater(slot);
        return;
      }
      this.#begin(slot, call, now);
    }
    const latencyMs = now - (this.#isOpenLoop ? slot.intendedMs : slot.sinceMs);
    if (slot.attempts++ > 0) this.#tally.retries++;
    this.#tally.failure(kind, latencyMs, now, false);
    if (this.#maySend(now) && this.#retries.add(slot, { outcome: OUTCOME.error, latencyMs })) return;
    this.#endCall(slot, OUTCOME.error, latencyMs, now);
    this.#releaseLater(slot);
    this.#settle(now);
  }

  slotLost(slot: Slot, why: 'closed' | 'unsolicited'): void {
    this.#connections.lost(why);
    this.#pool.demote(slot);
  }

  /**
   * Sends what is due once every answer that has arrived was read. All reads of a turn of the event loop before all of
   * its sends: each of the two then runs in warm caches, the server is woken once and not per request, and no answer
   * waits behind the sends that others led to.
   */
  #pumpSoon(): void {
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    setImmediate(this.#pumpNow);
  }

  /** Sends what is due on free connections, and opens as many more as that leaves wanting. */
  #pump(from: number): void {
    const pacer = this.#pacer;
    if (pacer === undefined) return;
    let now = from;
    for (let pending = pacer.pending(now); pending > 0; now = this.#now()) {
      const slot = this.#pool.takeIdle(now);
      if (slot === undefined) {
        if (this.#pool.opening >= pending || !this.#pool.open(now)) break;
        continue;
      }
      const call = pacer.claim(now);
      if (call < 0) {
        this.#pool.give(slot);
        break;
      }
      pending--;
      this.#begin(slot, call, now);
      // Where the connection was free before the call was due, its lateness is nobody's but ours; one that was due before
      // this slice waited for its turn.
      if (this.#isOpenLoop && Math.max(slot.sinceMs, this.#startMs) <= slot.intendedMs)
        this.#tally.sendLag.record(now - slot.intendedMs);
      this.#transmit(slot, now);
    }
    this.#armDueTimer(now);
  }

  #pumpAndSettle(): void {
    this.#pump(this.#now());
    this.#settle(this.#now());
  }

  #armDueTimer(now: number): void {
    if (this.#dueTimer !== undefined) return;
    const dueMs = this.#pacer?.nextDueMs();
    if (dueMs === undefined) return;
    const inMs = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(dueMs - now)));
    this.#dueTimer = setTimeout(() => {
      this.#dueTimer = undefined;
      this.#pumpAndSettle();
    }, inMs);
  }

  #begin(slot: Slot, call: number, now: number): void {
    slot.call = call;
    slot.attempts = 0;
    slot.bytes = slot.request.prepare(call);
    this.#active++;
    slot.intendedMs = now;
    if (!this.#isOpenLoop) return;
    slot.intendedMs = this.#pacer?.intendedMs ?? now;
    this.#tally.lateness(now - slot.intendedMs);
  }

  #transmit(slot: Slot, now: number): void {
    if (slot.attempts++ > 0) {
      this.#tally.retries++;
      if (!this.#isOpenLoop) slot.intendedMs = now;
    }
    slot.send(now);
  }

  #retryOrEnd(slot: Slot, outcome: OutcomeClass, now: number, latencyMs: number): void {
    if (this.#maySend(now) && this.#retries.add(slot, { outcome, latencyMs })) return;
    this.#finishCall(slot, outcome, now, latencyMs);
  }

  #maySend(now: number): boolean {
    return !this.#stopping && now < this.#overMs;
  }

  /** Calls that wait for another attempt end as their last one did. */
  #giveUpRetries(now: number): void {
    this.#retries.drain((slot, setback) => {
      this.#endCall(slot, setback.outcome, setback.latencyMs, now);
      this.#pool.give(slot);
    });
  }

  #tryAgain(slot: Slot): void {
    const now = this.#now();
    if (slot.isFree && !slot.isStale(now)) {
      this.#transmit(slot, now);
      return;
    }
    slot.close();
    slot.open(now);
  }

  /** The call is over; the next one goes out on the same connection, or on another where that one is gone. */
  #finishCall(slot: Slot, outcome: OutcomeClass, now: number, latencyMs: number): void {
    this.#endCall(slot, outcome, latencyMs, now);
    this.#pool.give(slot);
    this.#pumpSoon();
  }

  #endCall(slot: Slot, outcome: OutcomeClass, latencyMs: number, now: number): void {
    slot.call = -1;
    this.#active--;
    this.#lastEndMs = now;
    this.#tally.endCall(outcome, this.#measuredBeforeMs + now - this.#startMs, latencyMs);
  }

  #releaseLater(slot: Slot): void {
    const pauseMs = Math.min(MAX_REFUSED_PAUSE_MS, this.#connections.failed);
    setTimeout(() => {
      this.#pool.give(slot);
      this.#pump(this.#now());
    }, pauseMs);
  }

  #notePrepared(): void {
    if (this.#pool.opening === 0) this.#prepared?.();
  }

  #giveUp(kind: string, now: number): void {
    this.#gaveUp = kind;
    this.#pacer?.stop(now);
  }

  #sweep(now: number): void {
    const { timeoutMs } = this.#config.plan;
    const connectLimitMs = Math.min(CONNECT_LIMIT_MS, timeoutMs);
    for (const slot of this.#pool.all) {
      if (slot.isBusy) {
        if (now - slot.sentMs > timeoutMs) slot.cut(WIRE_ERROR.timeout);
      } else if (slot.isOpening && now - slot.sinceMs > connectLimitMs) slot.cut(WIRE_ERROR.connectTimeout);
    }
    if (!this.#maySend(now)) this.#giveUpRetries(now);
    if (now - this.#pool.oldestIdleMs > PREPARE_LIMIT_MS) this.#prepared?.();
    this.#wantDate();
    this.#settle(now);
  }

  /** Ends the phase once nothing more is due and nothing is under way. */
  #settle(now: number): void {
    const pacer = this.#pacer;
    const done = this.#phaseDone;
    if (pacer === undefined || done === undefined || this.#active > 0 || !pacer.isExhausted(now)) return;
    if (this.#dueTimer !== undefined) {
      clearTimeout(this.#dueTimer);
      this.#dueTimer = undefined;
    }
    this.#phaseDone = undefined;
    this.#pacer = undefined;
    this.#tally.notSent += pacer.notSent;
    const elapsedMs = this.#lastEndMs - this.#startMs;
    if (this.#phase === 'measure') {
      this.#watch.stop();
      if (pacer instanceof OpenPacer) {
        this.#resumeAt = pacer.resumeAt;
        this.#backlog = pacer.waiting - pacer.notSent;
      }
    }
    const data = [this.#takeData()];
    done({ elapsedMs, gaveUp: this.#gaveUp !== undefined, data });
  }

  /** What was measured up to now. The tally begins anew. */
  #takeData(): EngineData {
    const tally = this.#tally.data();
    this.#tally.clear();
    return {
      tally,
      backlog: this.#backlog,
      mayRunUntilEpochMs: tally.mayRunUntilMs > 0 ? this.#epochAtZeroMs + tally.mayRunUntilMs : 0,
      ...this.#connections.data(),
      clockOffset: this.#clock.offset,
      health: this.#watch.health(),
      retriesCut: this.#retriesCut,
      gaveUp: this.#gaveUp,
    };
  }

  /** Has the Date header of the next answer read; from here, so that nothing need be asked per call. */
  #wantDate(): void {
    const slot = this.#pool.nextToAnswer;
    if (slot !== undefined) slot.wantDate = true;
  }

  #readDate(slot: Slot, text: string, now: number): void {
    slot.dateText = undefined;
    this.#clock.sample(text, this.#epochAtZeroMs + slot.sentMs, this.#epochAtZeroMs + now);
  }
}
