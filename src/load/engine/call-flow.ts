import type { LoadPlan } from '../../model/run.ts';
import type { Tally } from '../measure/tally.ts';
import { OUTCOME, type OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Slot, SlotOwner } from '../wire/slot.ts';
import { isOpenFileLimit, isPortShortage, retryAfterMs, WIRE_ERROR } from '../wire/wire-error.ts';
import type { CallLog } from './call-log.ts';
import type { ConnectionLog } from './connection-log.ts';
import type { DateReader } from './date-reader.ts';
import { DueAlarm } from './due-alarm.ts';
import { RetryQueue } from './retry-queue.ts';
import type { RunningPhase } from './running-phase.ts';
import type { SlotPool } from './slot-pool.ts';

/** The longest pause after a refused connection. Without pauses, a server that is down would cost a whole core. */
const MAX_REFUSED_PAUSE_MS = 20;
/** After this many refusals without a single connection the load gives up. */
const GIVE_UP_AFTER = 1000;
/** How long the calls of one of several threads wait for a connection while the limit of open files is reached. */
const FILE_PATIENCE_MS = 1000;

/** What a flow uses and shares with its engine. */
export interface FlowParts {
  readonly plan: LoadPlan;
  readonly pool: SlotPool;
  /** One per request of the plan. */
  readonly tallies: readonly Tally[];
  readonly connections: ConnectionLog;
  readonly dates: DateReader;
  /** Undefined if no file of calls was requested. */
  readonly callLog: CallLog | undefined;
  /** Looks the server's name up again; never rejects. */
  readonly resolveAgain: (nowMs: number) => void;
  /** Monotonic clock, ms. */
  readonly nowMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly epochAtZeroMs: number;
  readonly wakeEarlyMs: number;
  /** Prepares the processor's caches for a send. */
  readonly rehearse: () => void;
}

/**
 * Moves calls: sends what is due over free connections, takes the outcome of each attempt, and retries or ends the call.
 * At most one request is in flight per slot.
 */
export class CallFlow implements SlotOwner {
  readonly retries: RetryQueue;
  readonly #parts: FlowParts;
  readonly #pool: SlotPool;
  readonly #tallies: readonly Tally[];
  readonly #nowMs: () => number;
  readonly #alarm: DueAlarm;
  #phase: RunningPhase | undefined;
  #isStopping = false;
  /** Since when no connection opened because of the limit of open files, monotonic ms. */
  #lacksFileSinceMs: number | undefined;
  #gaveUp: string | undefined;
  #openingDone: (() => void) | undefined;
  #isPumpDue = false;
  readonly #pumpNow = () => {
    this.#isPumpDue = false;
    this.pumpAndSettle();
  };

  constructor(parts: FlowParts) {
    const { plan, random, nowMs, wakeEarlyMs, rehearse } = parts;
    this.#parts = parts;
    this.#pool = parts.pool;
    this.#tallies = parts.tallies;
    this.#nowMs = nowMs;
    this.retries = new RetryQueue(plan.retries, random, (slot) => this.#tryAgain(slot));
    this.#alarm = new DueAlarm(() => this.pumpAndSettle(), {
      nowMs,
      wakeEarlyMs,
      rehearse,
      workDone: () =>
        2 * this.#tallies.reduce((calls, tally) => calls + tally.calls, 0) + (this.#phase?.active ?? 0),
    });
  }

  /** The kind of the last error, if no connection could ever be opened and the flow stopped trying. */
  get gaveUp(): string | undefined {
    return this.#gaveUp;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** For how long the thread polled, instead of sleeping, until a call was due, ms. */
  get spunMs(): number {
    return this.#alarm.spunMs;
  }

  /** Waits for something that an interrupt may end early. Resolves at `stop` at the latest. */
  async unlessStopped(work: Promise<void>): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#openingDone = resolve;
    });
    await Promise.race([work, stopped]);
    this.#openingDone = undefined;
  }

  /** Opens `wanted` connections. Resolves when none of them is still opening, or at `endOpening`. */
  openConnections(wanted: number): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#openingDone = resolve;
      const now = this.#nowMs();
      for (let count = 0; count < wanted; count++) this.#pool.open(now);
    }).finally(() => {
      this.#openingDone = undefined;
    });
  }

  /** Ends the wait for the first connections. */
  endOpening(): void {
    this.#openingDone?.();
  }

  /** Runs a phase until none of its calls is due or in progress. */
  async play(phase: RunningPhase): Promise<void> {
    this.#phase = phase;
    if (this.#isStopping) phase.pacer.stop(phase.startMs);
    this.#pump(phase.startMs);
    this.#parts.dates.want(this.#pool.nextToAnswer);
    this.settle(phase.startMs);
    await phase.over;
    this.#alarm.clear();
    this.#phase = undefined;
  }

  /**
   * Starts no more calls and retries. Calls in flight continue. A call that waited for a retry ends with the outcome of
   * its last attempt.
   */
  stop(): void {
    const now = this.#nowMs();
    this.#isStopping = true;
    this.#phase?.pacer.stop(now);
    this.giveUpRetries(now);
    this.endOpening();
    this.settle(now);
  }

  /** Ends calls in flight with the error kind `interrupted`. */
  cut(): void {
    for (const slot of this.#pool.all) if (slot.call >= 0) slot.cut(WIRE_ERROR.interrupted);
  }

  /** Whether another attempt may be sent. */
  maySend(now: number): boolean {
    return !this.#isStopping && this.#phase !== undefined && now < this.#phase.overMs;
  }

  /** Ends calls that wait for a retry with the outcome of their last attempt. */
  giveUpRetries(now: number): void {
    this.retries.drain((slot, setback) => {
      this.#endCall(slot, setback.outcome, setback.latencyMs, now);
      this.#pool.give(slot);
    });
  }

  /** Ends the phase of an open loop at the end of its schedule, without the time for late calls. */
  giveUpLate(now: number): void {
    this.#phase?.pacer.giveUpLate(now);
  }

  /** Sends the due calls. Then ends the phase if no call is left. */
  pumpAndSettle(): void {
    this.#pump(this.#nowMs());
    this.settle(this.#nowMs());
  }

  settle(now: number): void {
    this.#phase?.endIfDone(now);
  }

  /** The tally of the request that a slot's call sends. */
  #tallyOf(slot: Slot): Tally {
    return this.#tallies[slot.request.at] as Tally;
  }

  // The events of slots. `slotAnswered` is the hot path: it runs once per call.

  slotAnswered(slot: Slot): void {
    const now = this.#nowMs();
    const { status } = slot;
    const latencyMs = now - slot.intendedMs;
    const tally = this.#tallyOf(slot);
    tally.answer(status, latencyMs, now - slot.sentMs);
    slot.sinceMs = now;
    if (slot.dateText !== undefined) this.#parts.dates.take(slot, slot.dateText, now);
    if (!slot.isFree) this.#parts.connections.lost(slot.hadUnsolicited ? 'unsolicited' : 'closed');
    if (tally.isExpected(status)) this.#finishCall(slot, OUTCOME.success, now, latencyMs);
    else this.#takeUnexpected(slot, now, latencyMs);
  }

  slotFailed(slot: Slot, kind: string): void {
    const now = this.#nowMs();
    const latencyMs = now - slot.intendedMs;
    slot.failure = kind;
    this.#tallyOf(slot).failure(kind, latencyMs, slot.sentMs, true);
    this.#retryOrEnd(slot, OUTCOME.error, now, latencyMs, 0);
  }

  slotReached(slot: Slot): void {
    slot.reachedMs = this.#nowMs();
  }

  slotFirstByte(slot: Slot): void {
    this.#parts.connections.firstByte(this.#nowMs() - slot.sentMs);
  }

  slotOpened(slot: Slot): void {
    const now = this.#nowMs();
    slot.connection = this.#parts.connections.open(now - slot.sinceMs, now - slot.reachedMs);
    slot.sinceMs = now;
    this.#lacksFileSinceMs = undefined;
    if (slot.call >= 0) {
      this.#transmit(slot, now);
      return;
    }
    this.#pool.opening--;
    this.#pool.give(slot);
    this.#noteOpened();
    this.#pump(now);
  }

  slotRefused(slot: Slot, kind: string): void {
    const now = this.#nowMs();
    const { connections } = this.#parts;
    connections.refuse(kind);
    this.#parts.resolveAgain(now);
    if (connections.opened === 0 && connections.failed >= GIVE_UP_AFTER) this.#giveUp(kind, now);
    if (slot.call < 0) {
      this.#pool.opening--;
      const isLimit = this.#isMachineLimit(kind);
      const isSpared = isLimit && this.#pool.retire(slot, this.#isLastConnectionNeeded);
      this.#noteOpened();
      if (isSpared) return;
      if (isLimit && this.#mayWaitForFile(now)) {
        this.#releaseLater(slot);
        return;
      }
      // If calls are due, one of them counts the failure, so that every failure is counted.
      const call = this.#phase?.pacer.claim(now) ?? -1;
      if (call < 0) {
        this.#releaseLater(slot);
        return;
      }
      this.#begin(slot, call, now);
    }
    const latencyMs = now - (this.#phase?.isOpenLoop === true ? slot.intendedMs : slot.sinceMs);
    slot.sentMs = now;
    slot.failure = kind;
    const tally = this.#tallyOf(slot);
    if (slot.attempts++ > 0) tally.retries++;
    tally.failure(kind, latencyMs, now, false);
    if (this.maySend(now) && this.retries.add(slot, { outcome: OUTCOME.error, latencyMs })) return;
    this.#endCall(slot, OUTCOME.error, latencyMs, now);
    this.#releaseLater(slot);
    this.settle(now);
  }

  slotLost(slot: Slot, why: 'closed' | 'unsolicited'): void {
    this.#parts.connections.lost(why);
    this.#pool.demote(slot);
  }

  #takeUnexpected(slot: Slot, now: number, latencyMs: number): void {
    const { capturedBody, fields } = slot.parser;
    this.#tallyOf(slot).inspect(
      {
        status: slot.status,
        body: capturedBody.toString('utf8'),
        errorType: fields.errorType,
        location: fields.location,
      },
      slot.sentMs,
    );
    if (!this.retries.mayMend(slot.status)) {
      this.#finishCall(slot, OUTCOME.unexpected, now, latencyMs);
      return;
    }
    const pauseMs = retryAfterMs(fields.retryAfter, this.#parts.epochAtZeroMs + now);
    this.#retryOrEnd(slot, OUTCOME.unexpected, now, latencyMs, pauseMs);
  }

  /**
   * Schedules a pump after all answers that have arrived were read. In a turn of the event loop all reads come before
   * all sends. So both run with warm caches, the server is woken once instead of once per request, and no answer waits
   * for requests that other answers caused.
   */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(this.#pumpNow);
  }

  /** Sends the due calls over free connections, and opens connections for those that are left. */
  #pump(from: number): void {
    const phase = this.#phase;
    if (phase === undefined) return;
    const { pacer } = phase;
    let now = from;
    for (let pending = pacer.pending(now); pending > 0; now = this.#nowMs()) {
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
      // If the connection was free before the call was due, only the thread caused the delay. A call that was due
      // before this phase began waited for its turn.
      if (phase.isOpenLoop && Math.max(slot.sinceMs, phase.startMs) <= slot.intendedMs)
        this.#tallyOf(slot).sendLag.record(now - slot.intendedMs);
      this.#transmit(slot, now);
    }
    this.#alarm.set(pacer.isExhausted(now) ? undefined : pacer.nextDueMs(), now);
  }

  #begin(slot: Slot, call: number, now: number): void {
    slot.call = call;
    slot.attempts = 0;
    slot.bytes = slot.request.prepare(call);
    slot.intendedMs = now;
    const phase = this.#phase;
    if (phase === undefined) return;
    phase.active++;
    if (!phase.isOpenLoop) return;
    slot.intendedMs = phase.pacer.intendedMs;
    this.#tallyOf(slot).lateness(now - slot.intendedMs);
  }

  #transmit(slot: Slot, now: number): void {
    if (slot.attempts++ > 0) {
      this.#tallyOf(slot).retries++;
      if (this.#phase?.isOpenLoop !== true) slot.intendedMs = now;
    }
    slot.send(now);
  }

  #retryOrEnd(
    slot: Slot,
    outcome: OutcomeClass,
    now: number,
    latencyMs: number,
    pauseAtLeastMs: number,
  ): void {
    if (this.maySend(now) && this.retries.add(slot, { outcome, latencyMs }, pauseAtLeastMs)) return;
    this.#finishCall(slot, outcome, now, latencyMs);
  }

  #tryAgain(slot: Slot): void {
    const now = this.#nowMs();
    if (slot.isFree && !slot.isStale(now)) {
      this.#transmit(slot, now);
      return;
    }
    slot.close();
    slot.open(now);
  }

  /** Ends the call. The next one uses the same connection, or another one if that is gone. */
  #finishCall(slot: Slot, outcome: OutcomeClass, now: number, latencyMs: number): void {
    this.#endCall(slot, outcome, latencyMs, now);
    this.#pool.give(slot);
    this.#pumpSoon();
  }

  #endCall(slot: Slot, outcome: OutcomeClass, latencyMs: number, now: number): void {
    const phase = this.#phase;
    if (phase !== undefined) {
      phase.active--;
      phase.lastEndMs = now;
      this.#tallyOf(slot).endCall(outcome, phase.timelineMs(now), latencyMs);
      if (this.#parts.callLog !== undefined) this.#parts.callLog.add(slot, outcome, latencyMs);
    }
    slot.call = -1;
  }

  #releaseLater(slot: Slot): void {
    const pauseMs = Math.min(MAX_REFUSED_PAUSE_MS, this.#parts.connections.failed);
    setTimeout(() => {
      this.#pool.give(slot);
      this.#pump(this.#nowMs());
    }, pauseMs);
  }

  /**
   * Whether a connection could not be opened because this machine allows no more at once. Local ports may also be short
   * because closed connections keep theirs for a minute. Then most connections of the load are closed, and fewer calls
   * in flight would not help.
   */
  #isMachineLimit(kind: string): boolean {
    if (!isPortShortage(kind)) return isOpenFileLimit(kind);
    const { opened } = this.#parts.connections;
    return opened > 0 && 2 * this.#pool.connected > opened;
  }

  /**
   * Whether this thread must keep a connection to try. Before the first phase a thread that shares the load may be left
   * without any: it takes no part then. In a phase a part of the calls is its own.
   */
  get #isLastConnectionNeeded(): boolean {
    return this.#parts.plan.threads === 1 || this.#phase !== undefined;
  }

  /**
   * Whether the calls of this thread may wait until another thread closes a file. After a while without a connection
   * they fail, so that a load ends that can never open one.
   */
  #mayWaitForFile(now: number): boolean {
    if (this.#parts.plan.threads === 1) return false;
    this.#lacksFileSinceMs ??= now;
    return now - this.#lacksFileSinceMs < FILE_PATIENCE_MS;
  }

  #noteOpened(): void {
    if (this.#pool.opening === 0) this.endOpening();
  }

  #giveUp(kind: string, now: number): void {
    this.#gaveUp = kind;
    this.#phase?.pacer.stop(now);
  }
}
