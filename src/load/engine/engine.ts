import type { EncodedHistogram } from '../../model/histogram.ts';
import type { ConnectionCounts, FleetRecord, RateStage } from '../../model/run.ts';
import type { ClockOffset } from '../measure/server-clock.ts';
import type { TallyData } from '../measure/tally.ts';

/** A sequence of calls over open connections: the warm-up, or a round of the measured part. */
export interface Phase {
  readonly kind: 'warmup' | 'measure';
  /** Closed loop: only calls with numbers below this are started. */
  readonly limit: number;
  /** Closed loop: no call starts later than this after the phase's start, ms. */
  readonly durationMs: number;
  /** The total time of the earlier measured phases, ms. In the timeline, phases follow one another without gaps. */
  readonly measuredBeforeMs: number;
  /** For how long after the phase's start the plan allows sending, retries included, ms. */
  readonly planLeftMs: number;
  /** Open loop: the part of the schedule to play. */
  readonly open?: {
    readonly stages: readonly RateStage[];
    readonly calls: number;
    /** The part of the schedule that this phase plays, ms from its start. */
    readonly fromMs: number;
    readonly toMs: number;
    /** A call's number minus its position in the schedule. */
    readonly numberedFrom: number;
  };
}

export interface PhaseOutcome {
  /** From the first moment a call could be sent to the end of the last, ms. */
  readonly elapsedMs: number;
  /** Whether the engine stopped because no connection could ever be opened. */
  readonly gaveUp: boolean;
  /** What was measured, by thread. */
  readonly data: readonly EngineData[];
  /** CPU time of the loaders that sent the calls, ms. Absent if this process sent them. */
  readonly cpuMs?: number;
}

/** The progress of the current phase, for the live view. */
export interface Snapshot {
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** One thread's share of the schedule of an open loop: the calls k for which k modulo `count` is `index`. */
export interface ThreadShare {
  readonly index: number;
  readonly count: number;
  /** The first call of the schedule that is still to be sent. Undefined means the first call of the share. */
  readonly resumeAt?: number;
}

/** What an engine observed of its own thread over the measured phases. */
export interface ThreadHealth {
  /** Share of the time that the event loop was not waiting, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayP99Ms: number;
}

/** What one thread measured up to the end of a phase, as plain data. */
export interface EngineData {
  /** The tallies of this phase alone, one per request of the plan. All other members count from the engine's start. */
  readonly tallies: readonly TallyData[];
  /** Open loop: calls that fell due in this phase and are left for the next. */
  readonly backlog: number;
  /** The number of the next phase's first call. In the open loop, its position in the schedule. */
  readonly nextCall: number;
  /**
   * The latest time until which a call without a complete answer may have continued, client time, epoch ms. 0 if there
   * was none.
   */
  readonly mayRunUntilEpochMs: number;
  readonly connections: ConnectionCounts;
  /** The times of opening a connection, TLS included, ms. */
  readonly connect: EncodedHistogram;
  /** The times of the TLS handshakes among these, ms. Empty without TLS. */
  readonly handshake: EncodedHistogram;
  /** The times from the send of a connection's first request to the first byte of its answer, ms. */
  readonly firstByte: EncodedHistogram;
  /** How many connections this machine's limit of open files allowed. The plan's number if that was not limited. */
  readonly connectionsAllowed: number;
  /** Absent before the first Date header. */
  readonly clockOffset?: ClockOffset;
  readonly health: ThreadHealth;
  /** For how long the thread stood still in the measured part because it was stopped or the machine slept, ms. */
  readonly stoodStillMs: number;
  /** Why the file of calls is incomplete. Absent if it is complete, or none was requested. */
  readonly callFileTrouble?: string;
  /** The longest pause asked for by Retry-After because of which a call was not retried, ms. 0 if there was none. */
  readonly refusedPauseMs: number;
  /** Whether an interrupt ended calls that would have been tried again. */
  readonly retriesCut: boolean;
  /** The kind of the last error, if no connection could ever be opened and the engine stopped trying. */
  readonly gaveUp?: string;
  /** Failed attempts to connect by error kind, including those that failed no call. */
  readonly connectErrors: Readonly<Record<string, number>>;
}

/** Sends the calls of a plan, in this thread or in others. Phases follow one another and never overlap. */
export interface Engine {
  /**
   * Looks the name up and opens the first connections. Does not reject if the server can't be reached, because the
   * calls then fail.
   */
  prepare(): Promise<void>;
  runPhase(phase: Phase): Promise<PhaseOutcome>;
  snapshot(): Snapshot;
  /** The latencies of the successes so far, in one or several histograms, ms. */
  latencySoFar(): readonly EncodedHistogram[];
  /** Starts no more calls. Those in flight continue. */
  stop(): void;
  /** Ends calls in flight as errors of the kind `interrupted`. */
  cut(): void;
  /** Closes every connection. */
  finish(): Promise<void>;
  /** The work of each loader so far. Absent if this machine sends the calls. */
  fleet?(): FleetRecord;
}
