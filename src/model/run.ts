import type { Route } from './route.ts';
import type { Architecture, TargetKind } from './target.ts';

export const RUN_SCHEMA = 'shedbench/run@1';

/** What a load was asked to do. Pure data: the same plan sends the same requests. */
export interface LoadPlan {
  readonly route: Route;
  readonly mode: 'closed' | 'open';
  /** Calls in flight at once (closed loop); the named limit of connections (open loop). */
  readonly parallel: number;
  readonly calls?: number;
  readonly durationMs?: number;
  /** Open loop: the stages of the rate, each linear from its start to its end. */
  readonly stages?: readonly RateStage[];
  readonly warmup?: { readonly calls?: number; readonly durationMs?: number };
  /** Retries per call at most; 0 by default. */
  readonly retries: number;
  /** Ackermann's arguments (cat). */
  readonly m: number;
  readonly n: number;
  /** The first tattoo (sheep), as decimal text: it may exceed 2^53. */
  readonly startAt: string;
}

export interface RateStage {
  readonly durationMs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/** A whole number known only to lie between two bounds, both inclusive. */
export interface CountInterval {
  readonly min: number;
  readonly max: number;
}

/**
 * Where every call and attempt of a run went. `calls = successes + unexpected + errors`, always;
 * `attempts = calls + retries`, warm-up left out of all of them.
 */
export interface Accounting {
  readonly calls: number;
  readonly successes: number;
  /** Calls whose last attempt was answered with a status that the route's contract does not expect. */
  readonly unexpected: number;
  /** Calls whose last attempt got no whole answer: connection, TLS, timeout, malformed or cut response. */
  readonly errors: number;
  readonly attempts: number;
  readonly retries: number;
  /** Open loop: planned sends that could not be made in time. */
  readonly notSent: number;
  /** Attempts by HTTP status, the keys as decimal text. */
  readonly attemptsByStatus: Readonly<Record<string, number>>;
  /** Attempts that ended without a whole answer, by kind (`ECONNRESET`, `timeout`, `body-cut-short`, …). */
  readonly attemptsByError: Readonly<Record<string, number>>;
  /** Attempts that throttling refused: by API Gateway (429), by Lambda (500 `Internal server error`). */
  readonly throttled: { readonly apiGateway: number; readonly lambda: number };
  /** How many attempts ran a function and so must have a REPORT line. */
  readonly reachedLambda: CountInterval;
}

/** A histogram as it stands in a run record; see `load/histogram.ts` for the encoding. */
export interface EncodedHistogram {
  readonly encoding: 'log-linear-3';
  readonly unit: 'us';
  readonly count: number;
  readonly minUs: number;
  readonly maxUs: number;
  readonly meanUs: number;
  /** `[bucketIndex, count, bucketIndex, count, …]`, indices delta-coded, empty buckets left out. */
  readonly buckets: readonly number[];
}

/** Latency of attempts, one histogram per class, so that a fast refusal never flatters. */
export interface LatencyByClass {
  /** Closed loop: service time. Open loop: from the intended start. */
  readonly success: EncodedHistogram;
  readonly unexpected: EncodedHistogram;
  readonly error: EncodedHistogram;
  /** Open loop only: from the actual send. */
  readonly serviceTime?: EncodedHistogram;
  readonly byStatus: Readonly<Record<string, EncodedHistogram>>;
}

/** What the load generator observed of itself during the run. */
export interface InstrumentHealth {
  readonly cpuShare: number;
  readonly eventLoopDelayP99Ms: number;
  readonly sendLagP99Ms?: number;
  readonly threads: number;
  readonly peakRssMiB: number;
  /** Set when the instrument, not the target, was what limited the run. */
  readonly bottleneck?: { readonly reason: string; readonly hint: string };
}

/** One load against one route of one runtime, on disk in `.shedbench/runs/` before the next starts. */
export interface RunRecord {
  readonly schema: typeof RUN_SCHEMA;
  readonly id: string;
  /** Shared by the runs of one `bench` or of one `load` over several runtimes. */
  readonly benchId: string;
  readonly state: 'complete' | 'interrupted' | 'failed';
  readonly toolVersion: string;
  readonly target: {
    /** `url`: `load --url`, without a deployment. */
    readonly kind: TargetKind | 'url';
    readonly region?: string;
    readonly accountId?: string;
    readonly endpoint?: string;
  };
  readonly project?: string;
  readonly runtime: string;
  readonly route: Route;
  readonly functionName?: string;
  readonly logGroupName?: string;
  readonly lambdaRuntime?: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly artifactSha256?: string;
  readonly templateSha256?: string;
  readonly plan: LoadPlan;
  /** In server time (the Date header); what the log queries ask for. */
  readonly window: { readonly startEpochMs: number; readonly endEpochMs: number };
  /** Client clock minus server clock, ms, when the run started; the Date header has a resolution of 1 s. */
  readonly clockOffsetMs: number;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
  /** Length of the measured part, ms, on the monotonic clock. */
  readonly elapsedMs: number;
  readonly sheep?: { readonly before: number; readonly after: number };
  readonly accounting: Accounting;
  /** The warm-up's own calls: left out of every other figure, but they have REPORT lines if within the window. */
  readonly warmup?: { readonly calls: number; readonly errors: number };
  readonly latency: LatencyByClass;
  readonly instrument: InstrumentHealth;
  /** The first few distinct unexpected answers, body clipped, for the reader who asks why. */
  readonly unexpectedSamples: readonly {
    readonly status: number;
    readonly body: string;
    readonly count: number;
  }[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}
