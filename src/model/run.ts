import type { EnforcedCpu } from './as-lambda.ts';
import type { BundleSize } from './deployment.ts';
import type { EncodedHistogram } from './histogram.ts';
import type { PlannedRequest } from './subject.ts';
import type { Architecture, TargetKind } from './target.ts';

export const RUN_SCHEMA = 'shedbench/run@3';

/** With more connections than this, one machine runs out of ports before the load shows anything. */
export const MAX_PARALLEL = 10_000;

/**
 * How many rounds the calls of a bench are divided into. A multiple of 2, 3 and 4: over twelve rounds two, three or four
 * runtimes have every place in the order equally often.
 */
export const DEFAULT_ROUNDS = 12;
export const MAX_ROUNDS = 1000;

/** What a load was asked to do. Pure data: the same plan sends the same requests. */
export interface LoadPlan {
  /** The name of the subject: a route of the shed, or what the user calls it. */
  readonly route: string;
  /** What is sent: one request, or several in a weighted mix. At least one. */
  readonly requests: readonly PlannedRequest[];
  readonly mode: 'closed' | 'open';
  /** Calls in flight at once (closed loop); the limit of connections (open loop). */
  readonly parallel: number;
  /** Calls to make; a plan has this, `durationMs`, or in the open loop both (whichever ends first). */
  readonly calls?: number;
  readonly durationMs?: number;
  /** Open loop: the stages of the rate, each linear from its start to its end. */
  readonly stages?: readonly RateStage[];
  readonly warmup?: { readonly calls?: number; readonly durationMs?: number };
  /** Retries per call at most; 0 by default. */
  readonly retries: number;
  /** What `{n}` stands for in the first call, as decimal text: it may exceed 2^53. Of the sheep it is the first tattoo. */
  readonly startAt: string;
  /** An attempt without a whole answer after this long is given up, ms. */
  readonly timeoutMs: number;
  /** Threads that share the load. */
  readonly threads: number;
  /** Present where every call opens a connection of its own. */
  readonly keepAlive?: false;
  /** Names of the header fields that the user added to every request, in lower case; their values may be secret. */
  readonly headers?: readonly string[];
  /** Present where requests are signed: the AWS service that the signature names. */
  readonly sigv4?: string;
  /** Present where the requests are Invokes of a Lambda function: the function's timeout, ms. */
  readonly invoke?: { readonly functionTimeoutMs: number };
  /** The conditions that end the load early, as typed. */
  readonly stopWhen?: readonly string[];
}

export interface RateStage {
  readonly durationMs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/** A whole number of which only the bounds are known. Both bounds are inclusive. */
export interface CountInterval {
  readonly min: number;
  readonly max: number;
}

/**
 * Where every call and attempt of a run or round went; a run's leaves the warm-up out. Always: `calls = successes + unexpected + errors`;
 * `attempts = calls + retries`; the attempts by status and by error add up to `attempts`.
 */
export interface Accounting {
  readonly calls: number;
  /** Calls answered with a status that the route's contract expects. */
  readonly successes: number;
  /** Calls whose last attempt was answered with a status that the route's contract does not expect. */
  readonly unexpected: number;
  /** Calls whose last attempt got no whole answer: connection, TLS, timeout, malformed or cut response. */
  readonly errors: number;
  readonly attempts: number;
  readonly retries: number;
  /** Open loop: planned calls that were never made, since no connection was free before the end. No `calls`. */
  readonly notSent: number;
  /** Open loop: calls sent more than 10 ms after their intended start, whatever held them up. */
  readonly sentLate: number;
  /** Attempts by HTTP status, the keys as decimal text, and `function-error`: a function that was invoked and failed. */
  readonly attemptsByStatus: Readonly<Record<string, number>>;
  /** Attempts that ended without a whole answer, by kind (`ECONNRESET`, `timeout`, `body-cut-short`, …). */
  readonly attemptsByError: Readonly<Record<string, number>>;
  /** Attempts that throttling refused: by API Gateway (429), by Lambda (500 `Internal server error` behind API Gateway, 429 to an Invoke). */
  readonly throttled: { readonly apiGateway: number; readonly lambda: number };
  /** How many attempts ran a function and so must have a REPORT line. */
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
  /** Open loop only: successes from the actual send. */
  readonly serviceTime?: EncodedHistogram;
  readonly byStatus: Readonly<Record<string, EncodedHistogram>>;
  /** Opening a connection, TLS included: never part of the latencies above. */
  readonly connect: EncodedHistogram;
  /** Of `connect` the TLS handshake; absent without TLS. */
  readonly handshake?: EncodedHistogram;
  /** From the send of a connection's first request to the first byte of its answer. */
  readonly firstByte?: EncodedHistogram;
}

/** What the load generator observed of itself during the measured part. */
export interface InstrumentHealth {
  /** CPU time of the process over elapsed time; 1 is one core. */
  readonly cpuShare: number;
  /** Share of the time that the busiest thread was at work, 0 to 1. Turning until a call is due is no work. */
  readonly eventLoopUtilization: number;
  /** How late the event loop served a timer, 99th percentile, ms. */
  readonly eventLoopDelayP99Ms: number;
  /** Open loop: how late calls were sent although a connection was free, median, ms. */
  readonly sendLagP50Ms?: number;
  /** The same, 99th percentile, ms. */
  readonly sendLagP99Ms?: number;
  readonly threads: number;
  readonly peakRssMiB: number;
  /** Set when the instrument, not the target, was what limited the run. */
  readonly bottleneck?: { readonly reason: string; readonly hint: string };
}

/** What became of the connections of a run, warm-up included. */
export interface ConnectionCounts {
  readonly opened: number;
  /** Attempts to connect that failed. Where calls were due, each also ended an attempt of one. */
  readonly failed: number;
  /** Connections that the server ended after a whole answer, as it may. */
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
    /** Of successes, ms; 0 where there was none. */
    readonly meanMs: number;
    readonly maxMs: number;
  }[];
}

/** One kind of unexpected answer, to show what went wrong. */
export interface UnexpectedSample {
  readonly status: number;
  /** Clipped, as UTF-8 text. */
  readonly body: string;
  readonly count: number;
}

export interface RunWarning {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** In server time (the Date header) with the doubt that its resolution of 1 s leaves already added on both sides. */
export interface ServerWindow {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** How much later the window ends because of calls that may have run on after the client gave up, ms. */
  readonly closedLateMs: number;
}

/**
 * One turn of a runtime: its share of the calls in one round. The turns of a bench follow one another and never
 * overlap: each waits for its last answer before the next one starts.
 */
export interface Round {
  /**
   * 0 is the warm-up; measured rounds count from 1. Rounds of forced cold starts count down from -1: each is one wave of
   * simultaneous calls after all environments were ended. They are in no figure of the run but those of cold starts.
   */
  readonly index: number;
  /** The place of the runtime in the order of this round, from 1. */
  readonly turn: number;
  /** Server time (client clock minus `clockOffsetMs`) of the first send and of the last answer. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Length of the turn on the monotonic clock, ms. */
  readonly elapsedMs: number;
  readonly accounting: Accounting;
  /** Client-side latency of the successes. */
  readonly success: EncodedHistogram;
}

/**
 * What the machine that sent the load did meanwhile. Where the load goes to the local cloud, it ran the functions too.
 */
export interface MachineState {
  /** A fixed piece of work of some milliseconds, timed before the first round, between rounds and after the last. */
  readonly yardsticks: readonly {
    /** Client time. */
    readonly atEpochMs: number;
    /** The round that followed; one more than the last round for the timing after it. */
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

/** Why a loader brought no figures back from an invocation. Of the first three it is certain that it sent nothing. */
export type LoaderLossReason =
  | 'throttled'
  | 'refused'
  | 'too-late'
  | 'crashed'
  | 'rubbish'
  | 'connection-lost';

/** One invocation of a loader that brought no figures back. */
export interface LoaderLoss {
  readonly reason: LoaderLossReason;
  /** What Lambda or the connection said. */
  readonly message: string;
  /** Planned calls that are counted as not sent. */
  readonly notSent: number;
  /** How many of them may have been sent all the same. */
  readonly maySent: number;
}

/** What one loader did over the measured part. */
export interface LoaderRecord {
  /** From 1. */
  readonly number: number;
  readonly calls: number;
  readonly notSent: number;
  readonly invocations: number;
  /** Invocations that started a new environment, the warm-up and the meeting before it included. */
  readonly coldStarts: number;
  /** What the cold starts took at most, ms, where Lambda said so. */
  readonly initMs?: number;
  /** Billed by Lambda, ms, the warm-up and the meeting before it included; absent where no log tail came back. */
  readonly billedMs?: number;
  /** CPU time while it sent, ms. */
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  /** Share of the time that its thread was at work, 0 to 1; of its busiest invocation. */
  readonly eventLoopUtilization: number;
  /** Open loop: how late it sent calls although a connection was free, 99th percentile of its worst invocation, ms. */
  readonly sendLagP99Ms?: number;
  /** How long after the common start it was ready, ms, at worst; 0 where it always was in time. */
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
  /** The largest difference between the clocks of two loaders, ms; absent where fewer than two were compared. */
  readonly clockSpreadMs?: number;
  /** Each clock was read to this, ms. */
  readonly clockErrorMs?: number;
}

/** What became of one request of a mix in the measured rounds. */
export interface RequestResult {
  readonly name: string;
  /** `notSent` is counted for the first request alone: a call that was never made is of none. */
  readonly accounting: Accounting;
  /** Client-side latency of its successes. */
  readonly success: EncodedHistogram;
}

/** One load against one subject on one runtime or server, on disk in `.shedbench/runs/` before the next starts. */
export interface RunRecord {
  readonly schema: typeof RUN_SCHEMA;
  readonly id: string;
  /** Shared by the runs of one `bench` or of one `load` over several runtimes. */
  readonly benchId: string;
  /** What the person calls the runs of this bench or load (`--name`). */
  readonly name?: string;
  /** `failed`: no connection could be opened, and the load was given up. */
  readonly state: 'complete' | 'interrupted' | 'failed';
  readonly toolVersion: string;
  readonly target: {
    /** `url`: `load --url`, without a deployment. */
    readonly kind: TargetKind | 'url';
    readonly region?: string;
    readonly accountId?: string;
    readonly endpoint?: string;
  };
  /** The base URL that was loaded. */
  readonly url: string;
  readonly project?: string;
  readonly runtime: string;
  /** The name of the subject, as in the plan. */
  readonly route: string;
  readonly functionName?: string;
  readonly logGroupName?: string;
  readonly lambdaRuntime?: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly artifactSha256?: string;
  readonly bundle?: BundleSize;
  readonly templateSha256?: string;
  readonly plan: LoadPlan;
  /** Present where cold starts were forced, in the rounds with negative indices. */
  readonly coldStarts?: {
    /** How many cold starts were asked for. */
    readonly asked: number;
  };
  /**
   * The warm-up first, where there was one, then the measured rounds in order (a plain load has one), then the rounds of
   * forced cold starts.
   */
  readonly rounds: readonly Round[];
  /** Absent where this machine sent the load. */
  readonly fleet?: FleetRecord;
  /** The ids of the runs that this one was merged from; absent in a run that was made in one piece. */
  readonly mergedFrom?: readonly string[];
  /** Undefined where nothing was observed. */
  readonly machine?: MachineState;
  /** The version of the interpreter that ran the functions, with the SDK that it brings (`3.11.7 with boto3 1.40.4`); known on the local cloud alone. */
  readonly interpreter?: string;
  /** What was enforced of Lambda's CPU limit; absent on AWS, and where functions ran at full speed. */
  readonly enforcedCpu?: EnforcedCpu;
  /** What the log queries ask for: all rounds, the warm-up included. */
  readonly window: ServerWindow;
  /** Client clock minus server clock, ms: the middle of what the Date headers allow. */
  readonly clockOffsetMs: number;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
  /** Length of the measured rounds together, ms, on the monotonic clock; the time between them is left out. */
  readonly elapsedMs: number;
  readonly sheep?: { readonly before: number; readonly after: number };
  readonly accounting: Accounting;
  readonly latency: LatencyByClass;
  /** By request, in the order of the plan; absent where the plan has only one. */
  readonly requests?: readonly RequestResult[];
  readonly timeline: Timeline;
  readonly connections: ConnectionCounts;
  readonly instrument: InstrumentHealth;
  /** The first few distinct unexpected answers. */
  readonly unexpectedSamples: readonly UnexpectedSample[];
  readonly warnings: readonly RunWarning[];
}
