import { EXIT } from '../errors.ts';
import type { EnforcedCpu } from './as-lambda.ts';
import type { ForecastSection, InvocationColumns } from './forecast.ts';
import type { Interval, Median } from './interval.ts';
import type { PercentileName } from './percentiles.ts';
import type {
  Accounting,
  CountInterval,
  LoadPlan,
  MachineState,
  MeasuredFunction,
  OutcomeCounts,
} from './run.ts';
import type { Sweep } from './sweep.ts';
import type { Architecture, TargetKind } from './target.ts';

/** The version of the report's JSON form; `docs/report-schema.json` describes it. */
export const REPORT_SCHEMA = 'shedbench/report@3';

/** A cold start shows an Init Duration in its REPORT line; all other invocations are warm. */
export type Temperature = 'cold' | 'warm';
export const TEMPERATURES: readonly Temperature[] = ['warm', 'cold'];

/**
 * One quantity over `count` invocations. Percentiles are by nearest rank: each is a value that was measured. A report
 * of published figures has those that were published, at least the mean. Every other report has all of them.
 */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly min?: number;
  readonly max?: number;
  /** The standard deviation of the sample (n − 1). Absent below two values. */
  readonly stddev?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  /** Additional percentiles that were asked for, such as `p95`. */
  readonly [name: PercentileName]: number;
}

/** The invocations of one run that were all cold, or all warm. */
export interface InvocationGroup {
  readonly count: number;
  /** Init Duration (cold only) plus Duration. */
  readonly durationMs: Summary;
  /** Init Duration or Restore Duration; only for cold invocations. */
  readonly initMs?: Summary;
  /** Billed Duration, which for a cold start includes the init. */
  readonly billedMs: Summary;
  /** Max Memory Used, in the megabytes of the REPORT line. */
  readonly memoryMB: Summary;
  /** REPORT lines with `Status: timeout`. */
  readonly timeouts: number;
  /** REPORT lines with any other `Status`. */
  readonly errors: number;
}

/** The number of REPORT rows that were found, and the expected number if it is known. The warm-up is included. */
export interface Completeness {
  /** The number of rows of different requests, unreadable ones included. */
  readonly found: number;
  /** Absent if no load of this program made the calls. */
  readonly expected?: CountInterval;
  /** `short`: fewer than the minimum; `foreign`: more than the maximum; `uncounted`: nobody counted the calls. */
  readonly verdict: 'complete' | 'short' | 'foreign' | 'uncounted';
  /** How many rows are missing to the minimum. */
  readonly missing: number;
  /** How many rows exceed the maximum, because somebody else called the function within the window. */
  readonly foreign: number;
  /** Additional rows of requests that already have one. They are in no figure. */
  readonly duplicates: number;
  /** Rows with other texts instead of numbers. They are in no figure. */
  readonly unreadable: number;
}

/** Whether the aggregate query and the raw rows have the same figures. */
export type CrossCheck =
  | { readonly state: 'agrees' }
  | { readonly state: 'disagrees'; readonly differences: readonly CrossCheckDifference[] }
  | { readonly state: 'skipped'; readonly reason: string };

export interface CrossCheckDifference {
  readonly temperature: Temperature;
  /** The compared figure: `durationMs.mean`, `count`. */
  readonly statistic: string;
  readonly aggregate: number;
  readonly rows: number;
}

/** The values of the REPORT rows: one column per quantity, one entry per row, in the order of time. */
export interface Samples {
  /** The time of the REPORT line, which is the end of the invocation: ms since the start of the run's window. */
  readonly atMs: readonly number[];
  /** The round of the invocation. 0 is the warm-up; rounds below 0 are forced cold starts. */
  readonly round: readonly number[];
  /** The environment that ran it (one per log stream), numbered from 0 in the order of their first rows. */
  readonly environment: readonly number[];
  /** Init Duration (cold only) plus Duration. */
  readonly durationMs: readonly number[];
  /** null if the invocation was warm. */
  readonly initMs: readonly (number | null)[];
  readonly billedMs: readonly number[];
  readonly memoryMB: readonly number[];
  /** 0 ok, 1 timeout, 2 any other Status. */
  readonly status: readonly number[];
}

/** The figures from the REPORT lines of a run, or the reason why they could not be read. */
export type ServerSide =
  | {
      readonly state: 'measured';
      /**
       * `rows`: percentiles are exact. `aggregate`: they are those of Insights' `pct`, which are approximate for many
       * rows.
       */
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
  /** Additional percentiles that were asked for, such as `p95Ms`. */
  readonly [name: `${PercentileName}Ms`]: number;
  readonly maxMs: number;
}

/** The load generator's figures of one round of the run. */
export interface ReportedRound {
  /** 0 is the warm-up; measured rounds count from 1; rounds of forced cold starts count down from -1. */
  readonly index: number;
  /** The position of the runtime in the order of this round, from 1. */
  readonly turn: number;
  /** Server time of the first send and of the last answer. */
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly calls: number;
}

/** The load generator's figures, from the run's record. */
export interface ClientSide extends OutcomeCounts, Pick<Accounting, 'calls' | 'throttled'> {
  readonly ratePerSecond: number;
  /**
   * The latency of successes. Absent if no attempt succeeded. Closed loop: service time; open loop: from the intended
   * start.
   */
  readonly latency?: ClientLatency;
  /** Whether the load generator, not the target, limited the run. */
  readonly bottleneck?: string;
  /** The loaders that sent the load. Absent if the load came from the machine on which the run was made. */
  readonly loaders?: LoadersSeen;
  /** The latest run of the same work that was sent from the other place, this machine or loaders in the region. */
  readonly elsewhere?: { readonly runId: string; readonly latency: ClientLatency };
}

/** Loaders in the region, and their cost. */
export interface LoadersSeen {
  readonly count: number;
  readonly region: string;
  /** The number of loaders with an invocation that returned nothing. */
  readonly failed: number;
  /** US dollars. Absent if the billed time or the price is not known. */
  readonly costUsd?: number;
}

/** One run in a report, or the invocations of a function in a window, whoever made them. */
export interface ReportedRun extends MeasuredFunction {
  readonly runId: string;
  readonly benchId: string;
  readonly state: 'complete' | 'interrupted' | 'failed';
  /** `rust-delete-wolf-ocd` */
  readonly label: string;
  readonly runtime: string;
  readonly route: string;
  readonly toolVersion: string;
  /** Absent if no load of ours made the calls. */
  readonly plan?: LoadPlan;
  /** Server time. The queries cover the whole seconds around it. */
  readonly window: { readonly startEpochMs: number; readonly endEpochMs: number };
  readonly elapsedMs: number;
  readonly rounds: readonly ReportedRound[];
  /** The state of the machine that sent the load, during the run. Undefined if nothing was observed. */
  readonly machine?: MachineState;
  /** The version of the interpreter that ran the function. Known only on the local cloud. */
  readonly interpreter?: string;
  /** The enforced CPU limit. Absent on AWS, and if functions ran at full speed. */
  readonly enforcedCpu?: EnforcedCpu;
  readonly sheep?: { readonly before: number; readonly after: number };
  /** Present if cold starts were forced, in the rounds with negative indices. */
  readonly coldStarts?: ForcedColdStarts;
  readonly server: ServerSide;
  /** The times of the invocations. Present only if the local cloud could read their CPU time. */
  readonly invocations?: InvocationColumns;
  /** Absent if no load of ours made the calls. */
  readonly client?: ClientSide;
}

/** The forced cold starts of one run. Each was made in a new environment. */
export interface ForcedColdStarts {
  /** The number of cold starts that was asked for. */
  readonly asked: number;
  /** The number of their REPORT rows that were found. */
  readonly found: number;
  /** The latency of the caller, from the send to the end of the answer. */
  readonly waitMs?: Median;
  /** Init Duration. */
  readonly initMs?: Median;
  /** Init Duration plus Duration. */
  readonly durationMs?: Median;
  /**
   * The rest of the caller's latency, ms, as the difference of the medians: the network, the front end, the download
   * of the code and the start of the environment. No REPORT line shows it.
   */
  readonly unseenMs?: number;
}

/** How many times lower the median duration of one run is than that of another. */
export interface RunRatio {
  /** The other's median divided by the own one, combined over the rounds if both were measured in one bench. */
  readonly ratio: number;
  /** 95 %. Absent if too little was measured to give one. */
  readonly interval?: Interval;
  /** The number of rounds that both have. 0 if they were not measured in rounds of one bench. */
  readonly rounds: number;
  /** The number of environments of the one that had fewer. */
  readonly environments: number;
  /** How many rounds or environments each needs for an interval. Set if it has too few. */
  readonly needs?: { readonly rounds?: number; readonly environments?: number };
  /** Whether the speed of the machine changed by more than the two differ, so that there is no interval. */
  readonly withinDoubt?: boolean;
  /** `unclear`: the interval contains 1, or there is none. */
  readonly verdict: 'faster' | 'slower' | 'unclear';
}

/** How many times faster a runtime is than the baseline: the baseline's value divided by its own. */
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

/** The run of a route with the lowest median, and whether the others differ significantly from it. */
export interface Standing {
  readonly route: string;
  readonly temperature: Temperature;
  readonly bestRunId: string;
  /** The best is faster than every rival, each with an interval that excludes 1. */
  readonly isDecided: boolean;
  /** The others that did the same work, the fastest first; at least one. */
  readonly rivals: readonly Rival[];
}

/** The steadiness of the machine that ran the local cloud. Shares are from 0 to 1. */
export interface MachineDoubt {
  /** The share by which the duration of the same work may have differed between two moments. */
  readonly share: number;
  /** The 95th percentile of the yardstick's timings divided by the 5th, minus 1. */
  readonly yardstickMoved: number;
  /** The highest share of the cores that other programs used during a run. */
  readonly otherCpuShare: number;
  /** The highest share of the cores that the hypervisor kept back during a run. */
  readonly stealShare: number;
}

/** US dollars per million calls of one run, at the measured share of cold starts. */
export interface CostRow {
  readonly runId: string;
  readonly route: string;
  readonly runtime: string;
  readonly architecture: Architecture;
  readonly memorySizeMB: number;
  /** Cold starts divided by invocations, 0 to 1. */
  readonly coldShare: number;
  /** The mean Billed Duration over cold and warm invocations. */
  readonly meanBilledMs: number;
  readonly lambdaComputeUsd: number;
  readonly lambdaRequestUsd: number;
  /** Absent if no price of the region is known. */
  readonly apiGatewayUsd?: number;
  /** An estimate from the number of sheep. Absent if that or a price is unknown. */
  readonly dynamodb?: {
    readonly usd: number;
    readonly readUnitsPerCall: number;
    readonly writeUnitsPerCall: number;
  };
  /** The sum of the known parts. */
  readonly totalUsd: number;
  /** The sum if no call were cold. Absent if no invocation was warm. */
  readonly warmTotalUsd?: number;
}

export type CostSection =
  | {
      readonly state: 'priced';
      readonly priceRegion: string;
      /** The date of the price table, ISO form. */
      readonly pricesAsOf: string;
      readonly rows: readonly CostRow[];
      /** The parts for which the table has no price in this region. */
      readonly unpriced: readonly ('apiGateway' | 'dynamodb')[];
    }
  | { readonly state: 'unpriced'; readonly reason: string; readonly hint: string };

/** The machine on which a local cloud ran. */
export interface Machine {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly os: string;
  readonly nodeVersion: string;
  /** Whether sandboxes got CPU in proportion to memory, as on AWS. */
  readonly cpuShare: boolean;
}

/** The exit codes that a report can have: success, incomplete, and an error of AWS. The worst is last. */
export const REPORT_EXIT_CODES = [EXIT.ok, EXIT.fellShort, EXIT.aws] as const;

export type ReportExitCode = (typeof REPORT_EXIT_CODES)[number];

/** A problem of a report. */
export interface ReportProblem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** The exit code of the report if this were its only problem. */
  readonly exitCode: ReportExitCode;
  readonly message: string;
  readonly hint?: string;
  /** The ids of the runs that it concerns. Empty if it concerns all. */
  readonly runIds: readonly string[];
}

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly toolVersion: string;
  /** When the report was made. Its figures were measured earlier. */
  readonly createdAtEpochMs: number;
  /** From the start of the first window of its runs to the end of the last, server time. */
  readonly measured: { readonly fromEpochMs: number; readonly toEpochMs: number };
  /** The verdict, at most six sentences. */
  readonly verdict: readonly string[];
  readonly target: {
    readonly kind: TargetKind | 'url';
    readonly region?: string;
    readonly accountId?: string;
    readonly endpoint?: string;
  };
  readonly project?: string;
  readonly machine?: Machine;
  /** The steadiness of that machine. Undefined if it was not observed. */
  readonly machineDoubt?: MachineDoubt;
  /** The shown percentiles, ascending. */
  readonly percentiles: readonly number[];
  readonly queries: { readonly aggregate: string; readonly rows: string };
  readonly runs: readonly ReportedRun[];
  /** The runtime with which the others are compared. Absent if there is only one. */
  readonly baseline?: string;
  readonly ratios: readonly SpeedRatio[];
  readonly standings: readonly Standing[];
  readonly cost: CostSection;
  /** Present if runtimes were measured at several memory sizes or on both architectures. */
  readonly sweep?: Sweep;
  /** The forecast for Lambda; only for runs on the local cloud. */
  readonly forecast?: ForecastSection;
  readonly problems: readonly ReportProblem[];
  /** Notes for the reader of the figures, one sentence each. */
  readonly notes: readonly string[];
}
