import type { EnforcedCpu } from './as-lambda.ts';
import type { BundleSize } from './deployment.ts';
import type { EncodedHistogram } from './histogram.ts';
import type { PlannedRequest } from './subject.ts';
import type { Architecture, TargetKind } from './target.ts';

export const RUN_SCHEMA = 'shedbench/run@3';

/** The largest number of connections. With more, one machine runs out of ports. */
export const MAX_PARALLEL = 10_000;

export const MAX_ROUNDS = 1000;

/** The plan of a load. It is pure data: the same plan sends the same requests. */
export interface LoadPlan {
  /** The name of the subject: a route of the shed, or a name by the user. */
  readonly route: string;
  /** The requests: one, or several in a weighted mix. */
  readonly requests: readonly PlannedRequest[];
  readonly mode: 'closed' | 'open';
  /** Closed loop: the number of simultaneous calls. Open loop: the largest number of connections. */
  readonly parallel: number;
  /** The number of calls. A plan has this, `durationMs`, or in an open loop both, and ends with the first of them. */
  readonly calls?: number;
  readonly durationMs?: number;
  /** Open loop: the stages of the rate, each linear from its start to its end. */
  readonly stages?: readonly RateStage[];
  readonly warmup?: { readonly calls?: number; readonly durationMs?: number };
  /** Retries per call at most; 0 by default. */
  readonly retries: number;
  /**
   * The number that replaces `{n}` in the first call, as decimal text, because it may exceed 2^53. For the sheep it
   * is the first tattoo.
   */
  readonly startAt: string;
  /** The time after which an attempt without a complete answer is given up, ms. */
  readonly timeoutMs: number;
  /** The number of threads that share the load. */
  readonly threads: number;
  /** Present if every call opens its own connection. */
  readonly keepAlive?: false;
  /** Names of the header fields that the user added to every request, in lower case; their values may be secret. */
  readonly headers?: readonly string[];
  /** The AWS service in the signature. Present if requests are signed. */
  readonly sigv4?: string;
  /** The function's timeout, ms. Present if the requests are Invokes of a Lambda function. */
  readonly invoke?: { readonly functionTimeoutMs: number };
  /** The conditions that end the load early, as typed. */
  readonly stopWhen?: readonly string[];
}

export interface RateStage {
  readonly durationMs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/** The bounds of a whole number that is not known exactly. Both are inclusive. */
export interface CountInterval {
  readonly min: number;
  readonly max: number;
}

/**
 * Counts of calls and attempts by their outcome. Always: `attempts` is the number of calls plus `retries`, and the
 * attempts by status and by error add up to `attempts`.
 */
export interface OutcomeCounts {
  /** Calls answered with a status that the route's contract expects. */
  readonly successes: number;
  /** Calls whose last attempt was answered with a status that the route's contract does not expect. */
  readonly unexpected: number;
  /** Calls whose last attempt got no complete answer: connection, TLS, timeout, malformed or truncated response. */
  readonly errors: number;
  readonly attempts: number;
  readonly retries: number;
  /** Attempts by HTTP status, the keys as decimal text, and `function-error`: a function that was invoked and failed. */
  readonly attemptsByStatus: Readonly<Record<string, number>>;
  /** Attempts that ended without a complete answer, by kind (`ECONNRESET`, `timeout`, `body-cut-short`, …). */
  readonly attemptsByError: Readonly<Record<string, number>>;
}

/**
 * The outcomes of all calls and attempts of a run or round. A run's accounting leaves out the warm-up. Always: `calls
 * = successes + unexpected + errors`.
 */
export interface Accounting extends OutcomeCounts {
  readonly calls: number;
  /**
   * Open loop: planned calls that were never made because no connection was free before the end. They are not in
   * `calls`.
   */
  readonly notSent: number;
  /** Open loop: calls sent more than 10 ms after their intended start, for any reason. */
  readonly sentLate: number;
  /** Attempts that throttling refused: by API Gateway (429), by Lambda (500 `Internal server error` behind API Gateway, 429 to an Invoke). */
  readonly throttled: { readonly apiGateway: number; readonly lambda: number };
  /** How many attempts ran a function and therefore must have a REPORT line. */
  readonly reachedLambda: CountInterval;
}

/**
 * Latency of attempts, one histogram per class of outcome. A fast refusal therefore does not lower the latency of
 * successes.
 */
export interface LatencyByClass {
  /**
   * Closed loop: from the first byte handed to an open connection to the last byte of the answer. Open loop: from
   * the intended start of the call, so that waiting for a connection counts.
   */
  readonly success: EncodedHistogram;
  readonly unexpected: EncodedHistogram;
  readonly error: EncodedHistogram;
  /** Open loop only: the latency of successes from the actual send. */
  readonly serviceTime?: EncodedHistogram;
  readonly byStatus: Readonly<Record<string, EncodedHistogram>>;
  /** The time to open a connection, TLS included. It is not part of the latencies above. */
  readonly connect: EncodedHistogram;
  /** The TLS handshake, a part of `connect`. Absent without TLS. */
  readonly handshake?: EncodedHistogram;
  /** The time from the send of a connection's first request to the first byte of its answer. */
  readonly firstByte?: EncodedHistogram;
}

/** The load generator's observations of itself during the measured part. */
export interface InstrumentHealth {
  /** CPU time of the process divided by elapsed time; 1 is one core. */
  readonly cpuShare: number;
  /**
   * The share of the time in which the busiest thread worked, 0 to 1. Spinning until a call is due does not count.
   */
  readonly eventLoopUtilization: number;
  /** How late the event loop served a timer, 99th percentile, ms. */
  readonly eventLoopDelayP99Ms: number;
  /** Open loop: how late calls were sent although a connection was free, median, ms. */
  readonly sendLagP50Ms?: number;
  /** The same, 99th percentile, ms. */
  readonly sendLagP99Ms?: number;
  readonly threads: number;
  readonly peakRssMiB: number;
  /** Set if the load generator, not the target, limited the run. */
  readonly bottleneck?: { readonly reason: string; readonly hint: string };
}

/** The outcomes of a run's connections, warm-up included. */
export interface ConnectionCounts {
  readonly opened: number;
  /** Attempts to connect that failed. If calls were due, each also ended an attempt of a call. */
  readonly failed: number;
  /** Connections that the server closed after a complete answer, which is allowed. */
  readonly closedByServer: number;
  /** Connections that were closed because the server sent bytes that belong to no request. */
  readonly unsolicited: number;
}

/** Calls over time in equal bins from the start of the measured part, by the moment they ended. */
export interface Timeline {
  readonly binMs: number;
  readonly bins: readonly {
    readonly successes: number;
    readonly unexpected: number;
    readonly errors: number;
    /** The latency of successes, ms. 0 if there was none. */
    readonly meanMs: number;
    readonly maxMs: number;
  }[];
}

/** An example of an unexpected answer. */
export interface UnexpectedSample {
  readonly status: number;
  /** The beginning of the body, as UTF-8 text. */
  readonly body: string;
  readonly count: number;
}

export interface RunWarning {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** Server time (from the Date header). Both sides are extended by the uncertainty from its resolution of 1 s. */
export interface ServerWindow {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** How much the window is extended for calls that may have run on after the client gave up, ms. */
  readonly closedLateMs: number;
}

/**
 * One turn of a runtime: its share of the calls in one round. With few calls in flight a turn has several slices. Between
 * them the other runtimes have their slices. Slices never overlap. Each waits for its last answer before the next starts.
 */
export interface Round {
  /**
   * 0 is the warm-up; measured rounds count from 1. Rounds of forced cold starts count down from -1: each is one wave
   * of simultaneous calls after all environments were ended. They are only in the figures of cold starts.
   */
  readonly index: number;
  /** The place of the runtime in the order of this round (of its first slice), from 1. */
  readonly turn: number;
  /** Server time (client clock minus `clockOffsetMs`) of the first send and of the last answer. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Length of the turn on the monotonic clock, ms; the time between its slices is left out. */
  readonly elapsedMs: number;
  readonly accounting: Accounting;
  /** The latency of the successes, measured by the client. */
  readonly success: EncodedHistogram;
}

/** The state of the machine that sent the load, during the run. On the local cloud it also ran the functions. */
export interface MachineState {
  /** A fixed piece of work of some milliseconds, timed before the first round, between rounds and after the last. */
  readonly yardsticks: readonly {
    /** Client time. */
    readonly atEpochMs: number;
    /** The number of the next round; after the last round, its number plus one. */
    readonly beforeRound: number;
    readonly ms: number;
  }[];
  /** Average number of runnable tasks over the last minute, read at the end of the run. */
  readonly loadAverage1m?: number;
  /** Share of the time in which at least one task waited for a core (Linux PSI, cpu, some), 0 to 1, over the run. */
  readonly cpuPressure?: number;
  /** Share of the time of all cores that the hypervisor gave to others, 0 to 1, over the run. */
  readonly stealShare?: number;
  /** Share of the time of all cores used by programs that are neither shedbench, nor its cloud, nor its functions. */
  readonly otherCpuShare?: number;
}

/**
 * Why an invocation of a loader returned no figures. After the first three reasons it is certain that it sent
 * nothing.
 */
export type LoaderLossReason =
  | 'throttled'
  | 'refused'
  | 'too-late'
  | 'crashed'
  | 'rubbish'
  | 'connection-lost';

/** One invocation of a loader that returned no figures. */
export interface LoaderLoss {
  readonly reason: LoaderLossReason;
  /** The message of Lambda or of the connection. */
  readonly message: string;
  /** Planned calls that are counted as not sent. */
  readonly notSent: number;
  /** How many of them may have been sent nevertheless. */
  readonly maySent: number;
}

/** The work of one loader over the measured part. */
export interface LoaderRecord {
  /** From 1. */
  readonly number: number;
  readonly calls: number;
  readonly notSent: number;
  readonly invocations: number;
  /** Invocations that started a new environment, including those for the warm-up and for comparing the clocks. */
  readonly coldStarts: number;
  /** The longest init of its cold starts, ms, if it is known. */
  readonly initMs?: number;
  /** The billed time, ms, including the warm-up and comparing the clocks. Absent if Lambda returned no log tail. */
  readonly billedMs?: number;
  /** The CPU time while it sent, ms. */
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  /** The share of the time in which its thread worked, 0 to 1, in its busiest invocation. */
  readonly eventLoopUtilization: number;
  /** Open loop: how late it sent calls although a connection was free, 99th percentile of its worst invocation, ms. */
  readonly sendLagP99Ms?: number;
  /** The longest time after the common start at which it was ready, ms. 0 if it was always in time. */
  readonly startedLateMs: number;
  readonly losses: readonly LoaderLoss[];
}

/** The loaders in the region that sent a load. */
export interface FleetRecord {
  readonly functionName: string;
  readonly region: string;
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
  readonly loaders: readonly LoaderRecord[];
  /** The largest difference between the clocks of two loaders, ms; absent if fewer than two were compared. */
  readonly clockSpreadMs?: number;
  /** The error of the reading of each clock, ms. */
  readonly clockErrorMs?: number;
}

/** The results of one request of a mix in the measured rounds. */
export interface RequestResult {
  readonly name: string;
  /** `notSent` is counted only for the first request, because a call that was never made belongs to no request. */
  readonly accounting: Accounting;
  /** The latency of its successes, measured by the client. */
  readonly success: EncodedHistogram;
}

/** The function that a run measured, at the time of the run. Members that are not known are absent. */
export interface MeasuredFunction {
  readonly functionName?: string;
  readonly logGroupName?: string;
  /** Lambda's identifier of the runtime: `nodejs24.x`. */
  readonly lambdaRuntime?: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  /** SHA-256 of the code's zip, hex. */
  readonly artifactSha256?: string;
  readonly bundle?: BundleSize;
  /** SHA-256 of the stack's template, hex. */
  readonly templateSha256?: string;
}

/**
 * One load of one subject on one runtime or server. It is written to `.shedbench/runs/` before the next load starts.
 */
export interface RunRecord extends MeasuredFunction {
  readonly schema: typeof RUN_SCHEMA;
  readonly id: string;
  /** Shared by the runs of one `bench` or of one `load` over several runtimes. */
  readonly benchId: string;
  /** The user's name for the runs of this bench or load (`--name`). */
  readonly name?: string;
  /** `failed`: the load was given up because no connection could be opened. */
  readonly state: 'complete' | 'interrupted' | 'failed';
  readonly toolVersion: string;
  readonly target: {
    /** `url`: `load --url`, without a deployment. */
    readonly kind: TargetKind | 'url';
    readonly region?: string;
    readonly accountId?: string;
    readonly endpoint?: string;
  };
  /** The loaded base URL. */
  readonly url: string;
  readonly project?: string;
  readonly runtime: string;
  /** The name of the subject, as in the plan. */
  readonly route: string;
  readonly plan: LoadPlan;
  /** Present if cold starts were forced, in the rounds with negative indices. */
  readonly coldStarts?: {
    /** The number of cold starts that was asked for. */
    readonly asked: number;
  };
  /**
   * The warm-up if there was one, then the measured rounds in order (a plain load has one), then the rounds of forced
   * cold starts.
   */
  readonly rounds: readonly Round[];
  /** Absent if this machine sent the load. */
  readonly fleet?: FleetRecord;
  /** The ids of the runs from which this one was merged. Absent in a run that was not merged. */
  readonly mergedFrom?: readonly string[];
  /** Undefined if nothing was observed. */
  readonly machine?: MachineState;
  /**
   * The version of the interpreter that ran the functions, with its own SDK (`3.11.7 with boto3 1.40.4`). Known only
   * on the local cloud.
   */
  readonly interpreter?: string;
  /** What was enforced of Lambda's CPU limit; absent on AWS, and where functions ran at full speed. */
  readonly enforcedCpu?: EnforcedCpu;
  /** The window of the log queries: all rounds, the warm-up included. */
  readonly window: ServerWindow;
  /** Client clock minus server clock, ms: the middle of the interval that the Date headers allow. */
  readonly clockOffsetMs: number;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
  /** The length of the measured rounds together, ms, on the monotonic clock, without the time between them. */
  readonly elapsedMs: number;
  readonly sheep?: { readonly before: number; readonly after: number };
  readonly accounting: Accounting;
  readonly latency: LatencyByClass;
  /** The results by request, in the order of the plan. Absent if the plan has only one. */
  readonly requests?: readonly RequestResult[];
  readonly timeline: Timeline;
  readonly connections: ConnectionCounts;
  readonly instrument: InstrumentHealth;
  /** The first few distinct unexpected answers. */
  readonly unexpectedSamples: readonly UnexpectedSample[];
  readonly warnings: readonly RunWarning[];
}
