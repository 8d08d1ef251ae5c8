import type { LoadPlan } from '../../model/run.ts';
import type { Tally } from '../measure/tally.ts';
import { OUTCOME, type OutcomeClass } from '../measure/timeline-recorder.ts';
import type { Slot, SlotOwner } from '../wire/slot.ts';
import { retryAfterMs, WIRE_ERROR } from '../wire/wire-error.ts';
import type { CallLog } from './call-log.ts';
import type { ConnectionLog } from './connection-log.ts';
import type { ConnectionOpening } from './connection-opening.ts';
import type { DateReader } from './date-reader.ts';
import { DueAlarm } from './due-alarm.ts';
import { RetryQueue } from './retry-queue.ts';
import type { RunningPhase } from './running-phase.ts';
import type { SlotPool } from './slot-pool.ts';

/** What a flow uses and shares with its engine. */
export interface FlowParts {
  readonly plan: LoadPlan;
  readonly pool: SlotPool;
  /** One per request of the plan. */
  readonly tallies: readonly Tally[];
  readonly opening: ConnectionOpening;
  readonly connections: ConnectionLog;
  readonly dates: DateReader;
  /** Undefined if no file of calls was requested. */
  readonly callLog: CallLog | undefined;
  /** Whether an answer came after the time limit of its attempt, which was sent at `sentMs`. Times are monotonic ms. */
  readonly isTooLate: (sentMs: number, nowMs: number) => boolean;
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
  /** After so many answers the next calls are sent, even if more answers have arrived. */
  readonly readsInARow: number;
}

/**
 * Sends calls over free connections when they are due, records the outcome of each attempt, and retries or ends the call.
 * At most one request is in flight per slot.
 */
export class CallFlow implements SlotOwner {
  readonly retries: RetryQueue;
  readonly #parts: FlowParts;
  readonly #pool: SlotPool;
  readonly #tallies: readonly Tally[];
  readonly #nowMs: () => number;
  readonly #readsInARow: number;
  readonly #timeoutMs: number;
  readonly #alarm: DueAlarm;
  #phase: RunningPhase | undefined;
  #isStopping = false;
  /** When a due call last found all connections in use, monotonic ms. */
  #allInUseMs = Number.NEGATIVE_INFINITY;
  #isPumpDue = false;
  /** How many calls have ended since due calls were last sent. */
  #endedSincePump = 0;
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
    this.#readsInARow = parts.readsInARow;
    this.#timeoutMs = plan.timeoutMs;
    this.retries = new RetryQueue(plan.retries, random, (slot) => this.#tryAgain(slot));
    this.#alarm = new DueAlarm(() => this.pumpAndSettle(), {
      nowMs,
      wakeEarlyMs,
      rehearse,
      workDone: () =>
        2 * this.#tallies.reduce((calls, tally) => calls + tally.calls, 0) + (this.#phase?.active ?? 0),
    });
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** For how long the thread polled, instead of sleeping, until a call was due, ms. */
  get spunMs(): number {
    return this.#alarm.spunMs;
  }

  /** Runs a phase, such as the warm-up, until none of its calls is due or in progress. */
  async play(phase: RunningPhase): Promise<void> {
    this.#phase = phase;
    if (this.#isStopping || this.#parts.opening.gaveUp !== undefined) phase.pacer.stop(phase.startMs);
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
    this.#parts.opening.endWait();
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

  /**
   * Ends the wait for a first connection at the end of the phase's time: an open loop gets no time for late calls, and
   * calls that are tried again fail.
   */
  giveUpWaiting(now: number): void {
    this.#phase?.pacer.giveUpLate(now);
    if (this.maySend(now)) return;
    for (const slot of this.#pool.all) if (slot.call >= 0) slot.cutOpening();
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
    const serviceMs = now - slot.sentMs;
    if (slot.dateText !== undefined) this.#parts.dates.take(slot, slot.dateText, now);
    if (!slot.isFree) this.#lost(slot);
    if (serviceMs > this.#timeoutMs && this.#parts.isTooLate(slot.sentMs, now)) {
      slot.close();
      this.slotFailed(slot, WIRE_ERROR.timeout);
      return;
    }
    const tally = this.#tallyOf(slot);
    tally.answer(status, latencyMs, serviceMs);
    slot.sinceMs = now;
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
    this.#parts.opening.opened(slot, now);
    if (slot.call >= 0) {
      this.#transmit(slot, now);
      return;
    }
    this.#pool.give(slot);
    // Over TLS the sockets of answers of this turn can't send yet.
    if (this.#readsInARow === Number.POSITIVE_INFINITY) this.#pumpAfterReads();
    else this.#pump(now);
  }

  slotRefused(slot: Slot, kind: string): void {
    const now = this.#nowMs();
    const { opening, resolveAgain } = this.#parts;
    if (opening.refused(kind)) this.#phase?.pacer.stop(now);
    const fate = slot.call < 0 ? opening.fateOf(slot, kind, this.#phase !== undefined, now) : 'failed';
    if (fate === 'retired') return;
    resolveAgain(now);
    if (slot.call < 0) {
      // If calls are due, one of them counts the failure, so that every failure is counted.
      const call = fate === 'waits' ? -1 : (this.#phase?.pacer.claim(now) ?? -1);
      if (call < 0) {
        this.#releaseLater(slot);
        return;
      }
      this.#begin(slot, call, slot.sinceMs);
    }
    // The attempt began when its connection began to open. In an open loop its call may have been due before or after that.
    if (this.#phase?.isOpenLoop !== true) slot.intendedMs = slot.sinceMs;
    slot.sentMs = Math.max(slot.sinceMs, slot.intendedMs);
    const latencyMs = now - slot.intendedMs;
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

  /** Counts a connection that ended with its answer, unless this client asked for its end. */
  #lost(slot: Slot): void {
    if (slot.hadUnsolicited) this.#parts.connections.lost('unsolicited');
    else if (this.#parts.plan.keepAlive !== false) this.#parts.connections.lost('closed');
  }

  /**
   * Schedules a pump after the answers that have arrived were read, or pumps now if many were read. Reads come before
   * sends, so that both run with warm caches, the server is woken once instead of once per request, and no answer waits
   * for requests that other answers caused. With thousands of connections a turn of the event loop has thousands of
   * answers, and sockets that were read at its start would have left the caches before they are written at its end.
   */
  #pumpSoon(): void {
    if (++this.#endedSincePump >= this.#readsInARow) {
      this.pumpAndSettle();
      return;
    }
    this.#pumpAfterReads();
  }

  #pumpAfterReads(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(this.#pumpNow);
  }

  /** Sends the due calls over free connections, and opens connections for those that are left. */
  #pump(from: number): void {
    this.#endedSincePump = 0;
    const phase = this.#phase;
    if (phase === undefined) return;
    const { pacer } = phase;
    let now = from;
    for (let pending = pacer.pending(now); pending > 0; now = this.#nowMs()) {
      const slot = this.#pool.takeIdle(now);
      if (slot === undefined) {
        if (this.#pool.opening >= pending) break;
        if (this.#pool.open(now)) continue;
        this.#allInUseMs = now;
        break;
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
    this.#tallyOf(slot).lateness(now - slot.intendedMs, this.#allInUseMs >= slot.intendedMs);
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
    setTimeout(() => {
      this.#pool.give(slot);
      this.#pump(this.#nowMs());
    }, this.#parts.opening.pauseMs);
  }
}
