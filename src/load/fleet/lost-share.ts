import { EMPTY_HISTOGRAM } from '../../model/histogram.ts';
import type { EngineData } from '../engine/engine.ts';

/** The known facts of a share whose loader returned nothing. */
export interface LostShare {
  /** Planned calls that are counted as not sent. 0 if only time bounded the share, because no number was planned. */
  readonly calls: number;
  /** How many calls may have been sent nevertheless. 0 if it is certain that none was sent. */
  readonly maySent: number;
  /** The time until which such a call may have run, by the client's clock, epoch ms. 0 if none was sent. */
  readonly mayRunUntilEpochMs: number;
  /** The connections of the share. */
  readonly parallel: number;
}

/**
 * Converts a lost share to the form of a measured one. Its calls count as not sent. The calls that may have reached
 * Lambda widen the interval in which the number of REPORT rows must lie.
 */
export function dataOfLostShare(lost: LostShare): EngineData {
  return {
    tallies: [
      {
        request: 0,
        successes: 0,
        unexpected: 0,
        errors: 0,
        attempts: 0,
        retries: 0,
        notSent: lost.calls,
        sentLate: 0,
        lateForConnections: 0,
        attemptsByStatus: {},
        attemptsByError: {},
        gatewayRefusals: 0,
        lambdaRefusals: 0,
        reachedMin: 0,
        reachedMax: lost.maySent,
        latencyByStatus: {},
        errorLatency: EMPTY_HISTOGRAM,
        serviceTime: EMPTY_HISTOGRAM,
        sendLag: EMPTY_HISTOGRAM,
        samples: [],
        timeline: { binMs: 100, successes: [], unexpected: [], errors: [], sumMs: [], maxMs: [] },
        mayRunUntilMs: 0,
      },
    ],
    backlog: 0,
    nextCall: 0,
    mayRunUntilEpochMs: lost.mayRunUntilEpochMs,
    connections: { opened: 0, failed: 0, closedByServer: 0, unsolicited: 0 },
    connect: EMPTY_HISTOGRAM,
    handshake: EMPTY_HISTOGRAM,
    firstByte: EMPTY_HISTOGRAM,
    connectionsAllowed: lost.parallel,
    health: { eventLoopUtilization: 0, eventLoopDelayP99Ms: 0 },
    stoodStillMs: 0,
    refusedPauseMs: 0,
    retriesCut: false,
    connectErrors: {},
  };
}

/**
 * A share of an earlier phase without its calls: the part that adds to the figures counted from the engine's start.
 */
export function withoutCalls(data: EngineData): EngineData {
  return { ...data, tallies: [], backlog: 0, connectionsAllowed: 0 };
}
