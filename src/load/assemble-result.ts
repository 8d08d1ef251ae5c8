import { availableParallelism } from 'node:os';
import { type EncodedHistogram, mergeHistograms } from '../model/histogram.ts';
import { leadsToLambda } from '../model/lambda-url.ts';
import type { Accounting, FleetRecord, LoadPlan, RequestResult, Round, ServerWindow } from '../model/run.ts';
import type { EngineData } from './engine/engine.ts';
import type { LoadResult, LoadTarget } from './load-result.ts';
import { explainRun } from './measure/explain-run.ts';
import { judgeInstrument } from './measure/judge-instrument.ts';
import {
  addUp,
  mergeAccounting,
  mergeLatencies,
  mergeSamples,
  mergeSuccesses,
} from './measure/merge-tallies.ts';
import { type ClockOffset, mergeOffsets } from './measure/server-clock.ts';
import type { TallyData } from './measure/tally.ts';
import { mergeTimelines } from './measure/timeline-recorder.ts';
import { isLoopback } from './wire/connector.ts';
import { WIRE_ERROR } from './wire/wire-error.ts';

/** How much later a REPORT line may be dated than the answer of its call. */
const REPORT_LAG_MS = 500;
/** A smaller change of the wall clock against the monotonic clock is gradual correction (slewing), not setting. */
const MIN_CLOCK_STEP_MS = 250;
/** The clock offset if client and server are the same machine. */
const SAME_CLOCK: ClockOffset = { minMs: -5, maxMs: 5 };
/** The assumed clock offset of a server without a Date header. Clocks that are synchronised at all differ by less. */
const UNKNOWN_CLOCK: ClockOffset = { minMs: -1000, maxMs: 1000 };

/** The measurements of one phase; index 0 is the warm-up. Times are in ms, moments in client time. */
export interface Turn {
  readonly index: number;
  readonly turn: number;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
  readonly elapsedMs: number;
  /** CPU time of this process, ms. */
  readonly cpuMs: number;
  /** The tallies of each thread, one per request of the plan. */
  readonly tallies: readonly TallyData[];
}

export interface Measured {
  readonly plan: LoadPlan;
  readonly target: LoadTarget;
  /** The reports of the threads at the end of the last phase. Empty before the first. */
  readonly data: readonly EngineData[];
  readonly turns: readonly Turn[];
  readonly isFulfilled: boolean;
  /** Whether the largest number for `{n}` was used before the plan was fulfilled. */
  readonly numbersExhausted: boolean;
  /** When the first connection was opened. */
  readonly openedAtEpochMs: number;
  /** How far the wall clock was set forward during the load, ms. Negative if it was set back. */
  readonly clockStepMs: number;
  /** The condition that ended the load early. */
  readonly stoppedBy: string | undefined;
  /** The work of each loader. Undefined if this machine sent the load. */
  readonly fleet: FleetRecord | undefined;
}

/** Computes the result of a load from the measurements of its phases and threads. */
export function assembleResult(measured: Measured): LoadResult {
  const { plan, target, data, turns } = measured;
  const startedAtEpochMs = turns[0]?.startedAtEpochMs ?? measured.openedAtEpochMs;
  const endedAtEpochMs = turns.at(-1)?.endedAtEpochMs ?? startedAtEpochMs;
  const rounds = turns.filter(({ index }) => index > 0);
  const elapsedMs = rounds.reduce((sum, turn) => sum + turn.elapsedMs, 0);
  const tallies = rounds.flatMap((turn) => turn.tallies);
  const accounting = mergeAccounting(tallies);
  const latency = mergeLatencies(tallies, data, plan.requests, plan.mode);
  const unexpectedSamples = mergeSamples(tallies.map(({ samples }) => samples));
  const connections = connectionsOf(data);
  const gaveUp = data.every((each) => each.gaveUp !== undefined) ? data[0]?.gaveUp : undefined;
  const offset = clockOffset(target.url, data, measured.clockStepMs);
  const clockOffsetMs = (offset.minMs + offset.maxMs) / 2;
  const mayRunUntil = Math.max(0, ...data.map((each) => each.mayRunUntilEpochMs));
  const { fleet } = measured;
  return {
    state: stateOf(measured, accounting, gaveUp),
    plan,
    ...(fleet === undefined ? {} : { fleet }),
    window: serverWindow(startedAtEpochMs, endedAtEpochMs, mayRunUntil, offset),
    clockOffsetMs,
    startedAtEpochMs,
    endedAtEpochMs,
    elapsedMs,
    rounds: turns.map((turn) => toRound(turn, plan, clockOffsetMs)),
    accounting,
    latency,
    ...byRequest(tallies, plan),
    timeline: mergeTimelines(tallies.map(({ timeline }) => timeline)),
    connections,
    instrument: instrumentOf(measured, rounds, elapsedMs, latency.success),
    unexpectedSamples,
    warnings: explainRun({
      plan,
      accounting,
      lateForConnections: tallies.reduce((sum, tally) => sum + tally.lateForConnections, 0),
      where: new URL(target.url).host,
      isLambda: leadsToLambda(target.url),
      gaveUp,
      numbersExhausted: measured.numbersExhausted,
      connectErrors: addUp(data.map((each) => each.connectErrors)),
      connections,
      connectionsAllowed: data.length === 0 ? plan.parallel : total(data, (each) => each.connectionsAllowed),
      callFileTrouble: data.find((each) => each.callFileTrouble !== undefined)?.callFileTrouble,
      refusedPauseMs: Math.max(0, ...data.map((each) => each.refusedPauseMs)),
      stoodStillMs: stoodStillMs(data),
      clockStepMs: Math.abs(measured.clockStepMs) < MIN_CLOCK_STEP_MS ? 0 : measured.clockStepMs,
      stoppedBy: measured.stoppedBy,
      warmupTimeouts: timeoutsOf(turns.filter(({ index }) => index === 0)),
      fleet,
      samples: unexpectedSamples,
      meanServiceMs: (latency.serviceTime ?? latency.success).meanMs,
    }),
  };
}

function timeoutsOf(turns: readonly Turn[]): number {
  const { attemptsByError } = mergeAccounting(turns.flatMap(({ tallies }) => tallies));
  return attemptsByError[WIRE_ERROR.timeout] ?? 0;
}

/**
 * `failed`: no call could be made. `interrupted`: the load ended before its plan was complete.
 * @param gaveUp the error kind because of which the load was given up
 */
function stateOf(
  { data, fleet, isFulfilled, numbersExhausted, stoppedBy }: Measured,
  { calls, attemptsByError }: Accounting,
  gaveUp: string | undefined,
): LoadResult['state'] {
  const losses = (fleet?.loaders ?? []).flatMap((loader) => loader.losses);
  if (gaveUp !== undefined || (losses.length > 0 && calls === 0)) return 'failed';
  // If the last calls were cut, the plan was not completed, even if no call was left to start.
  const wasCut = WIRE_ERROR.interrupted in attemptsByError || data.some(({ retriesCut }) => retriesCut);
  const isOver = (isFulfilled || numbersExhausted) && !wasCut && stoppedBy === undefined;
  return isOver && losses.length === 0 ? 'complete' : 'interrupted';
}

/** How the connections of all threads opened and ended. */
function connectionsOf(data: readonly EngineData[]): LoadResult['connections'] {
  return {
    opened: total(data, (each) => each.connections.opened),
    failed: total(data, (each) => each.connections.failed),
    closedByServer: total(data, (each) => each.connections.closedByServer),
    unsolicited: total(data, (each) => each.connections.unsolicited),
  };
}

/** The state of the load generator over the measured rounds, and whether it limited the load. */
function instrumentOf(
  { plan, data, fleet }: Measured,
  rounds: readonly Turn[],
  elapsedMs: number,
  success: EncodedHistogram,
): LoadResult['instrument'] {
  const sendLags = rounds.flatMap(({ tallies }) => tallies.map(({ sendLag }) => sendLag));
  return judgeInstrument({
    cpuMs: rounds.reduce((sum, turn) => sum + turn.cpuMs, 0),
    elapsedMs,
    peakRssMiB: peakRssMiB(fleet),
    threads: fleet?.loaders.length ?? plan.threads,
    cores: availableParallelism(),
    isFleet: fleet !== undefined,
    eventLoopUtilization: Math.max(0, ...data.map(({ health }) => health.eventLoopUtilization)),
    eventLoopDelayP99Ms: Math.max(0, ...data.map(({ health }) => health.eventLoopDelayP99Ms)),
    stoodStillMs: stoodStillMs(data),
    ...(plan.mode === 'open' ? { sendLag: mergeHistograms(sendLags) } : {}),
    success,
  });
}

/** For how long a thread stood still in the measured part, ms: the longest time of all threads. */
function stoodStillMs(data: readonly EngineData[]): number {
  return Math.max(0, ...data.map((each) => each.stoodStillMs));
}

/** The largest resident memory of this process, or that of the largest loader. */
function peakRssMiB(fleet: FleetRecord | undefined): number {
  if (fleet === undefined) return process.resourceUsage().maxRSS / 1024;
  return Math.max(0, ...fleet.loaders.map((loader) => loader.peakRssMiB));
}

/** The results of each request of a mix. Empty for a plan of one request. */
function byRequest(
  tallies: readonly TallyData[],
  { requests }: LoadPlan,
): { readonly requests?: readonly RequestResult[] } {
  if (requests.length === 1) return {};
  return {
    requests: requests.map(({ name }, at) => {
      const own = tallies.filter(({ request }) => request === at);
      return {
        name,
        accounting: mergeAccounting(own),
        success: mergeSuccesses(own, requests),
      };
    }),
  };
}

function toRound(turn: Turn, plan: LoadPlan, clockOffsetMs: number): Round {
  return {
    index: turn.index,
    turn: turn.turn,
    startEpochMs: turn.startedAtEpochMs - clockOffsetMs,
    endEpochMs: turn.endedAtEpochMs - clockOffsetMs,
    elapsedMs: turn.elapsedMs,
    accounting: mergeAccounting(turn.tallies),
    success: mergeSuccesses(turn.tallies, plan.requests),
  };
}

/**
 * The time window of a run in server time. It is wide enough for any difference of the clocks, and for calls without an
 * answer that may have continued.
 */
function serverWindow(
  startedAtEpochMs: number,
  endedAtEpochMs: number,
  mayRunUntilEpochMs: number,
  offset: ClockOffset,
): ServerWindow {
  const closedLateMs = Math.max(0, Math.ceil(mayRunUntilEpochMs - endedAtEpochMs));
  return {
    startEpochMs: Math.floor(startedAtEpochMs - offset.maxMs),
    endEpochMs: Math.ceil(endedAtEpochMs - offset.minMs + REPORT_LAG_MS + closedLateMs),
    closedLateMs,
  };
}

/** Client clock minus server clock: from the Date headers, or 0 ± 5 ms if the server is this machine. */
function clockOffset(url: string, data: readonly EngineData[], clockStepMs: number): ClockOffset {
  const seen = mergeOffsets(data.map((each) => each.clockOffset));
  // A loopback address may be one end of a tunnel. Then the Date headers show a different clock.
  const isSame = isLoopback(url) && (seen === undefined || (seen.minMs <= 0 && seen.maxMs >= 0));
  if (!isSame) return seen ?? UNKNOWN_CLOCK;
  // This machine's clock dates the server's rows. If it was set, the window must include rows from before and after.
  const stepMs = Math.abs(clockStepMs) < MIN_CLOCK_STEP_MS ? 0 : clockStepMs;
  return {
    minMs: SAME_CLOCK.minMs - Math.max(0, stepMs),
    maxMs: SAME_CLOCK.maxMs + Math.max(0, -stepMs),
  };
}

function total(data: readonly EngineData[], count: (each: EngineData) => number): number {
  return data.reduce((sum, each) => sum + count(each), 0);
}
