import { EMPTY_HISTOGRAM } from '../../model/histogram.ts';
import type { EngineData } from '../engine/engine.ts';

/** What is known of a share whose loader brought nothing back. */
export interface LostShare {
  /** Planned calls that are counted as not sent; 0 where time alone bounded the share, so that no number was planned. */
  readonly calls: number;
  /** How many calls may have been sent all the same; 0 where it is certain that none was. */
  readonly maySent: number;
  /** Until when such a call may have run on, client time, epoch ms; 0 where none was sent. */
  readonly mayRunUntilEpochMs: number;
  /** The connections of the share. */
  readonly parallel: number;
}

/**
 * A lost share in the form of a measured one: its calls are not sent, and what of them may have reached Lambda widens the
 * interval that the REPORT rows are held against.
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
    retriesCut: false,
    connectErrors: {},
  };
}

/** What a share of an earlier phase adds to the figures that are counted from the engine's start: all but its calls. */
export function withoutCalls(data: EngineData): EngineData {
  return { ...data, tallies: [], backlog: 0, connectionsAllowed: 0 };
}
