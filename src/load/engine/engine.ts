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
    /** What a call's number is above its place in the schedule. */
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

/** How far the phase at hand is; for the live view. */
export interface Snapshot {
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** Which part of an open loop's schedule is one thread's: call k where k modulo `count` is `index`. */
export interface ThreadShare {
  readonly index: number;
  readonly count: number;
  /** The first call of the schedule that is still to be sent; undefined: the share's first one. */
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
  /** The phase alone, one per request of the plan; everything else is since the engine's start. */
  readonly tallies: readonly TallyData[];
  /** Open loop: calls that fell due in this phase and are left for the next. */
  readonly backlog: number;
  /** The number of the next phase's first call. In the open loop, its position in the schedule. */
  readonly nextCall: number;
  /** Until when a call that got no whole answer may have run on, client time; 0 where there was none. */
  readonly mayRunUntilEpochMs: number;
  readonly connections: ConnectionCounts;
  /** Opening a connection, TLS included, ms. */
  readonly connect: EncodedHistogram;
  /** Of that the TLS handshake; empty without TLS. */
  readonly handshake: EncodedHistogram;
  /** From the send of a connection's first request to the first byte of its answer. */
  readonly firstByte: EncodedHistogram;
  /** How many connections this machine's limit of open files allowed; the plan's where it set no limit. */
  readonly connectionsAllowed: number;
  /** Absent before the first Date header. */
  readonly clockOffset?: ClockOffset;
  readonly health: ThreadHealth;
  /** How long the thread stood still (it was stopped, or the machine slept), ms. */
  readonly stoodStillMs: number;
  /** Whether an interrupt ended calls that would have been tried again. */
  readonly retriesCut: boolean;
  /** The last kind of failure where no connection could ever be opened and the engine stopped trying. */
  readonly gaveUp?: string;
  /** How often each kind of error ended an attempt to connect, those included that no call had to bear. */
  readonly connectErrors: Readonly<Record<string, number>>;
}

/** Sends the calls of a plan, in this thread or in others. Phases follow one another, never overlap. */
export interface Engine {
  /** Looks the name up and opens the first connections. Never rejects for a server that is not there: calls will tell. */
  prepare(): Promise<void>;
  runPhase(phase: Phase): Promise<PhaseOutcome>;
  snapshot(): Snapshot;
  /** The successes' latency so far, in one or several histograms. */
  latencySoFar(): readonly EncodedHistogram[];
  /** Starts no further call; those in flight go on. */
  stop(): void;
  /** Ends calls in flight as errors of the kind `interrupted`. */
  cut(): void;
  /** Closes every connection. */
  finish(): Promise<void>;
  /** What each loader did until now. Absent if this machine sends the calls. */
  fleet?(): FleetRecord;
}
