import type { EnforcedCpu } from './as-lambda.ts';
import type { BundleSize } from './deployment.ts';
import type { ForecastSection, InvocationColumns } from './forecast.ts';
import type { PercentileName } from './percentiles.ts';
import type { CountInterval, LoadPlan, MachineState } from './run.ts';
import type { Architecture, TargetKind } from './target.ts';

/** The version of the report's JSON form; `docs/report-schema.json` describes it. */
export const REPORT_SCHEMA = 'shedbench/report@3';

/** A cold start shows an Init Duration in its REPORT line; all other invocations are warm. */
export type Temperature = 'cold' | 'warm';
export const TEMPERATURES: readonly Temperature[] = ['warm', 'cold'];

/**
 * One quantity over `count` invocations. Percentiles are by nearest rank: each is a value that was measured. A report of
 * figures that somebody published has what was published, at least the mean; every other report has all of them.
 */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly min?: number;
  readonly max?: number;
  /** Of the sample (n − 1); absent below two values. */
  readonly stddev?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  /** The percentiles that were asked for beside these, such as `p95`. */
  readonly [name: PercentileName]: number;
}

/** The invocations of one run that were all cold, or all warm. */
export interface InvocationGroup {
  readonly count: number;
  /** Init Duration (cold only) plus Duration. */
  readonly durationMs: Summary;
  /** Cold only. */
  readonly initMs?: Summary;
  /** As billed: for a cold start it holds the init already. */
  readonly billedMs: Summary;
  /** Max Memory Used, in the megabytes of the REPORT line. */
  readonly memoryMB: Summary;
  /** REPORT lines with `Status: timeout`. */
  readonly timeouts: number;
  /** REPORT lines with any other `Status`. */
  readonly errors: number;
}

/** The REPORT rows that were found, against those that should be there, where that is known. Warm-up included. */
export interface Completeness {
  /** Rows of different requests, unreadable ones included. */
  readonly found: number;
  /** Absent where no load of ours made the calls. */
  readonly expected?: CountInterval;
  /** `short`: fewer than the minimum; `foreign`: more than the maximum; `uncounted`: nobody counted the calls. */
  readonly verdict: 'complete' | 'short' | 'foreign' | 'uncounted';
  /** Rows below the minimum. */
  readonly missing: number;
  /** Rows above the maximum: somebody else called the function within the window. */
  readonly foreign: number;
  /** Further rows of a request that has one already. They are in no figure. */
  readonly duplicates: number;
  /** Rows that hold something else than numbers where numbers belong. They are in no figure. */
  readonly unreadable: number;
}

/** Whether the aggregate query and the raw rows tell the same. */
export type CrossCheck =
  | { readonly state: 'agrees' }
  | { readonly state: 'disagrees'; readonly differences: readonly CrossCheckDifference[] }
  | { readonly state: 'skipped'; readonly reason: string };

export interface CrossCheckDifference {
  readonly temperature: Temperature;
  /** As `durationMs.mean`, `count`. */
  readonly statistic: string;
  readonly aggregate: number;
  readonly rows: number;
}

/** One column per quantity, one place per REPORT row, in the order of time. */
export interface Samples {
  /** When the REPORT line was written, which is the end of the invocation: ms since the start of the run's window. */
  readonly atMs: readonly number[];
  /** The round that the invocation belongs to; 0 is the warm-up, below 0 are forced cold starts. */
  readonly round: readonly number[];
  /** Which environment ran it (one per log stream), counted from 0 in the order of their first rows. */
  readonly environment: readonly number[];
  /** Init Duration (cold only) plus Duration. */
  readonly durationMs: readonly number[];
  /** null where the invocation was warm. */
  readonly initMs: readonly (number | null)[];
  readonly billedMs: readonly number[];
  readonly memoryMB: readonly number[];
  /** 0 ok, 1 timeout, 2 any other Status. */
  readonly status: readonly number[];
}

/** What the REPORT lines of a run say; `unavailable` where they could not be read, and why. */
export type ServerSide =
  | {
      readonly state: 'measured';
      /** `rows`: percentiles are exact. `aggregate`: they are Insights' own `pct`, approximate at scale. */
      readonly source: 'rows' | 'aggregate';
      readonly warm?: InvocationGroup;
      readonly cold?: InvocationGroup;
      readonly completeness: Completeness;
      readonly crossCheck: CrossCheck;
      /** Warm invocations of the warm-up: they are in no figure, though their rows are in `samples`. */
      readonly warmupRows: number;
      readonly samples?: Samples;
    }
  | { readonly state: 'unavailable'; readonly code: string; readonly reason: string };

/** Client-side latency of attempts whose status the route expects, ms. */
export interface ClientLatency {
  readonly count: number;
  readonly meanMs: number;
  readonly minMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  /** The percentiles that were asked for beside these, such as `p95Ms`. */
  readonly [name: `${PercentileName}Ms`]: number;
  readonly maxMs: number;
}

/** One turn of the run's runtime, as the load generator saw it. */
export interface ReportedRound {
  /** 0 is the warm-up; measured rounds count from 1; rounds of forced cold starts count down from -1. */
  readonly index: number;
  /** The place of the runtime in the order of this round, from 1. */
  readonly turn: number;
  /** Server time of the first send and of the last answer. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly calls: number;
}

/** What the load generator saw, from the run's record. */
export interface ClientSide {
  readonly calls: number;
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
  readonly attempts: number;
  readonly retries: number;
  readonly ratePerSecond: number;
  readonly attemptsByStatus: Readonly<Record<string, number>>;
  readonly attemptsByError: Readonly<Record<string, number>>;
  readonly throttled: { readonly apiGateway: number; readonly lambda: number };
  /** Absent where no attempt succeeded. Closed loop: service time; open loop: from the intended start. */
  readonly latency?: ClientLatency;
  /** The instrument, not the target, limited the run. */
  readonly bottleneck?: string;
  /** The loaders that sent the load; absent where the machine that the run was made on did. */
  readonly loaders?: LoadersSeen;
  /** The latest run of the same work that was sent from the other place, this machine or loaders in the region. */
  readonly elsewhere?: { readonly runId: string; readonly latency: ClientLatency };
}

/** Loaders in the region, and what they cost. */
export interface LoadersSeen {
  readonly count: number;
  readonly region: string;
  /** Loaders of which an invocation brought nothing back. */
  readonly failed: number;
  /** US dollars; absent where Lambda or the price list does not say. */
  readonly costUsd?: number;
}

/** One run as the report shows it, or the invocations of a function in a window, whoever made them. */
export interface ReportedRun {
  readonly runId: string;
  readonly benchId: string;
  readonly state: 'complete' | 'interrupted' | 'failed';
  /** `rust-delete-wolf-ocd` */
  readonly label: string;
  readonly runtime: string;
  readonly route: string;
  readonly functionName?: string;
  readonly logGroupName?: string;
  readonly lambdaRuntime?: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly artifactSha256?: string;
  readonly bundle?: BundleSize;
  readonly templateSha256?: string;
  readonly toolVersion: string;
  /** Absent where no load of ours made the calls. */
  readonly plan?: LoadPlan;
  /** Server time; the queries ask for whole seconds around it. */
  readonly window: { readonly startEpochMs: number; readonly endEpochMs: number };
  readonly elapsedMs: number;
  readonly rounds: readonly ReportedRound[];
  /** What the machine that sent the load did meanwhile; undefined where nothing was observed. */
  readonly machine?: MachineState;
  /** The version of the interpreter that ran the function; known on the local cloud alone. */
  readonly interpreter?: string;
  /** What was enforced of Lambda's CPU limit; absent on AWS, and where functions ran at full speed. */
  readonly enforcedCpu?: EnforcedCpu;
  readonly sheep?: { readonly before: number; readonly after: number };
  /** Present where cold starts were forced, in the rounds with negative indices. */
  readonly coldStarts?: ForcedColdStarts;
  readonly server: ServerSide;
  /** What the invocations did with their time; only where the local cloud could read their CPU time. */
  readonly invocations?: InvocationColumns;
  /** Absent where no load of ours made the calls. */
  readonly client?: ClientSide;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A median, ms, and its 95 % interval; absent where too little was measured to give one. */
export interface Median {
  readonly p50: number;
  readonly interval?: Interval;
}

/** The forced cold starts of one run. Every one is an environment of its own. */
export interface ForcedColdStarts {
  /** How many were asked for. */
  readonly asked: number;
  /** How many REPORT rows of them were found. */
  readonly found: number;
  /** What the caller waited, from the send to the whole answer. */
  readonly waitMs?: Median;
  /** Init Duration. */
  readonly initMs?: Median;
  /** Init Duration plus Duration. */
  readonly durationMs?: Median;
  /**
   * What the caller waited beyond that, ms, by the medians: the network, the front, the download of the code and the
   * start of the environment. No REPORT line shows it.
   */
  readonly unseenMs?: number;
}

/** How many times lower the median duration of one run is than that of another. */
export interface RunRatio {
  /** The other's median over the own one, combined over the rounds where both were measured in one bench. */
  readonly ratio: number;
  /** 95 %; absent where too little was measured to give one. */
  readonly interval?: Interval;
  /** Rounds that both have; 0 where the two were not measured in rounds of one bench. */
  readonly rounds: number;
  /** Environments of the one that had fewer. */
  readonly environments: number;
  /** How many rounds or environments each needs for an interval; set where these are what is missing. */
  readonly needs?: { readonly rounds?: number; readonly environments?: number };
  /** The machine itself moved by more than the two differ, so that there is no interval. */
  readonly withinDoubt?: boolean;
  /** `unclear`: the interval holds 1, or there is none. */
  readonly verdict: 'faster' | 'slower' | 'unclear';
}

/** How many times faster a runtime is than the baseline: the baseline's value over its own. */
export interface SpeedRatio extends RunRatio {
  readonly runId: string;
  readonly route: string;
  readonly runtime: string;
  readonly baseline: string;
  readonly temperature: Temperature;
  readonly statistic: 'p50';
}

/** A run behind the best of its route, and how many times faster the best is. */
export interface Rival extends RunRatio {
  readonly runId: string;
}

/** Which run of a route has the lowest median, and whether the others can be told from it. */
export interface Standing {
  readonly route: string;
  readonly temperature: Temperature;
  readonly bestRunId: string;
  /** The best is faster than every rival, each with an interval that excludes 1. */
  readonly isDecided: boolean;
  /** The others that did the same work, the fastest first; at least one. */
  readonly rivals: readonly Rival[];
}

/** How steady the machine was that ran the local cloud. Shares are from 0 to 1. */
export interface MachineDoubt {
  /** By how much more time the same work may have taken at one moment than at another. */
  readonly share: number;
  /** The 95th percentile of the yardstick's timings over the 5th, minus 1. */
  readonly yardstickMoved: number;
  /** The highest share of the cores that other programs used during a run. */
  readonly otherCpuShare: number;
  /** The highest share of the cores that the hypervisor kept back during a run. */
  readonly stealShare: number;
}

/** US dollars per million calls of one run, at the cold share that was measured. */
export interface CostRow {
  readonly runId: string;
  readonly route: string;
  readonly runtime: string;
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  /** Cold starts over invocations, 0 to 1. */
  readonly coldShare: number;
  /** Billed, mean over cold and warm. */
  readonly meanBilledMs: number;
  readonly lambdaComputeUsd: number;
  readonly lambdaRequestUsd: number;
  /** Absent where no price of the region is known. */
  readonly apiGatewayUsd?: number;
  /** An estimate from the count of sheep; absent where that or a price is unknown. */
  readonly dynamodb?: {
    readonly usd: number;
    readonly readUnitsPerCall: number;
    readonly writeUnitsPerCall: number;
  };
  /** The sum of what is known. */
  readonly totalUsd: number;
  /** The sum, were no call cold; absent where no invocation was warm. */
  readonly warmTotalUsd?: number;
}

/** One function at one memory size, in one bench over several. */
export interface SweepPoint {
  readonly runId: string;
  readonly memorySizeMB: number;
  /** Of the warm durations; the interval is over rounds. */
  readonly warmMs?: Median;
  /** Of the cold durations, init included; the interval is over environments. */
  readonly coldMs?: Median;
  /** US dollars of Lambda's compute for a million warm calls; the interval is over rounds. */
  readonly computeUsd?: { readonly value: number; readonly interval?: Interval };
  /** US dollars of Lambda's compute for a million cold calls, by their median; the interval is over environments. */
  readonly coldComputeUsd?: { readonly value: number; readonly interval?: Interval };
}

/** One function of one architecture over memory sizes, ascending. */
export interface SweepCurve {
  readonly route: string;
  readonly runtime: string;
  readonly architecture: Architecture;
  readonly points: readonly SweepPoint[];
  /** The sizes that cannot be told from the cheapest, the cheapest first; MB. */
  readonly cheapestMB: readonly number[];
  /** The sizes that cannot be told from the fastest, the fastest first; MB. */
  readonly fastestMB: readonly number[];
  /** The size with the lowest sum of time and compute cost, each as a share of the curve's highest; MB. */
  readonly balancedMB?: number;
  /** The sizes that no other size beats in both time and compute cost; MB. */
  readonly paretoMB: readonly number[];
  /** The sizes at which the function ran out of memory: they are no points of the curve. Absent where none is. */
  readonly outOfMemoryMB?: readonly number[];
}

/** One function on arm64 against x86_64, at one memory size. */
export interface ArchitecturePair {
  readonly route: string;
  readonly runtime: string;
  readonly memorySizeMB: number;
  /** The warm median on x86_64 over that on arm64: above 1, arm64 is faster. */
  readonly speed: number;
  /** The compute cost on x86_64 over that on arm64: above 1, arm64 is cheaper. */
  readonly cost?: number;
}

/** What a bench over several memory sizes or architectures shows. */
export interface Sweep {
  readonly curves: readonly SweepCurve[];
  readonly architectures: readonly ArchitecturePair[];
}

export type CostSection =
  | {
      readonly state: 'priced';
      readonly priceRegion: string;
      /** ISO date of the price table. */
      readonly pricesAsOf: string;
      readonly rows: readonly CostRow[];
      /** Price parts that the table has no figure for in this region. */
      readonly unpriced: readonly ('apiGateway' | 'dynamodb')[];
    }
  | { readonly state: 'unpriced'; readonly reason: string; readonly hint: string };

/** The machine that a local cloud ran on. */
export interface Machine {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly os: string;
  readonly nodeVersion: string;
  /** Whether sandboxes got CPU in proportion to memory, as on AWS. */
  readonly cpuShare: boolean;
}

/** Something that is not as it should be. */
export interface ReportProblem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What the report's exit code becomes for this alone. */
  readonly exitCode: 0 | 1 | 3;
  readonly message: string;
  readonly hint?: string;
  /** The runs it concerns; empty for all of them. */
  readonly runIds: readonly string[];
}

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly toolVersion: string;
  /** When the report was made; what is in it was measured before. */
  readonly createdAtEpochMs: number;
  /** From the start of the first window of its runs to the end of the last, server time. */
  readonly measured: { readonly fromEpochMs: number; readonly toEpochMs: number };
  /** At most six sentences that a person can repeat. */
  readonly verdict: readonly string[];
  readonly target: {
    readonly kind: TargetKind | 'url';
    readonly region?: string;
    readonly accountId?: string;
    readonly endpoint?: string;
  };
  readonly project?: string;
  readonly machine?: Machine;
  /** How steady that machine was; undefined where it was not observed. */
  readonly machineDoubt?: MachineDoubt;
  /** The percentiles that are shown, ascending. */
  readonly percentiles: readonly number[];
  readonly queries: { readonly aggregate: string; readonly rows: string };
  readonly runs: readonly ReportedRun[];
  /** The runtime that ratios are told against; absent where there is only one. */
  readonly baseline?: string;
  readonly ratios: readonly SpeedRatio[];
  readonly standings: readonly Standing[];
  readonly cost: CostSection;
  /** Present where runtimes were measured at several memory sizes or on both architectures. */
  readonly sweep?: Sweep;
  /** What Lambda would take; only of runs on the local cloud. */
  readonly forecast?: ForecastSection;
  readonly problems: readonly ReportProblem[];
  /** What a reader of the figures must know, one sentence each. */
  readonly notes: readonly string[];
}
