import type { Architecture } from './target.ts';

/** One request of an invocation to its database. */
export interface DatabaseWait {
  /** DynamoDB's name of the operation: `PutItem`. */
  readonly operation: string;
  /** When the request reached the database, in ms since the invocation began. */
  readonly startMs: number;
  /** How long the database took, in ms. */
  readonly ms: number;
  /** Whether a connection was opened for it. */
  readonly opensConnection?: boolean;
}

/** The times of one invocation, in ms. */
export interface MeasuredInvocation {
  /** Duration as in the REPORT line: without the init. */
  readonly durationMs: number;
  /** CPU time of all threads of the environment. */
  readonly cpuMs: number;
  /** Time in which threads could have run and no core was free. */
  readonly queuedMs: number;
  /** In the order in which they began. */
  readonly waits: readonly DatabaseWait[];
  /** The init of a cold start. */
  readonly init?: { readonly durationMs: number; readonly cpuMs: number };
}

/**
 * Measured invocations of one run as columns, cold ones first, each kind in the order of time. A long run keeps a
 * sample that is spread evenly over the run.
 */
export interface InvocationColumns {
  readonly durationMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly queuedMs: readonly number[];
  /** null if the invocation was warm. */
  readonly initMs: readonly (number | null)[];
  readonly initCpuMs: readonly (number | null)[];
  /** The names of the database's operations. `waits` refers to them by index. */
  readonly operations: readonly string[];
  /**
   * Four numbers for each request of an invocation: the operation's index, its start and its duration in ms, and 1 if
   * a connection was opened for it, otherwise 0.
   */
  readonly waits: readonly (readonly number[])[];
}

/**
 * The version of the model, which each forecast states. Other versions forecast other figures from the same inputs.
 */
export const FORECAST_MODEL = 'shedbench/cpu-share@1';

/** The forecast of a quantity over invocations on Lambda, ms. */
export interface ForecastSummary {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** A value with its limits. In eight of ten cases the true value lies within them. */
export interface Band {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The forecast of one function at one memory size. */
export interface ForecastPoint {
  readonly memoryMB: number;
  /** The Duration of a warm invocation. */
  readonly warmMs: ForecastSummary;
  /** The limits of the warm median. */
  readonly warmP50: Band;
  /** The mean Billed Duration of a warm invocation, ms. */
  readonly billedMs: number;
  /** US dollars per million warm invocations, compute and requests; absent if no price of the region is known. */
  readonly usd?: Band;
  /** Init Duration plus Duration of a cold start, median; absent if no cold start was measured. */
  readonly coldP50?: Band;
}

/** The forecasts of one run over memory sizes. */
export interface FunctionForecast {
  readonly runId: string;
  readonly route: string;
  readonly runtime: string;
  /** The forecasts by ascending memory size. Sizes that are too small for the function are left out. */
  readonly points: readonly ForecastPoint[];
  /**
   * The memory sizes, in MB, with the lowest cost, with the lowest median, and the size beyond which a larger one
   * gains less than a tenth.
   */
  readonly cheapestMB?: number;
  readonly fastestMB: number;
  readonly enoughMB: number;
  /** The forecast of Init Duration. Absent if no cold start was measured. */
  readonly initMs?: Band;
  /** The CPU time in ms that Lambda's core needs for 1 ms of CPU time on this machine, and its error. */
  readonly coreFactor: Band;
  /** The number of warm invocations from which the forecast is computed. */
  readonly invocations: number;
}

/** The times of the calibration loop on the machine that ran the functions. */
export interface CoreCalibration {
  /** `node`, `python` or `native`. */
  readonly language: string;
  /** The CPU time of one hash of the loop, ns. */
  readonly hashNs: number;
  /** The version of the interpreter that ran it: `20.20.2`. */
  readonly version?: string;
}

/** The forecast of a report, or the reason why there is none. */
export type ForecastSection =
  | {
      readonly state: 'made';
      readonly model: typeof FORECAST_MODEL;
      readonly architecture: Architecture;
      /** The memory size that the functions have. */
      readonly memorySizeMB: number;
      /** The region of the prices. Absent if no region was named or its prices are not known. */
      readonly priceRegion?: string;
      readonly calibrations: readonly CoreCalibration[];
      readonly functions: readonly FunctionForecast[];
      /** Notes for the reader, one sentence each. */
      readonly notes: readonly string[];
    }
  | { readonly state: 'none'; readonly reason: string };

export type MadeForecast = Extract<ForecastSection, { readonly state: 'made' }>;

export const FORECAST_SCHEMA = 'shedbench/forecast@1';

/** The JSON form of `shedbench forecast`. */
export interface ForecastDocument extends MadeForecast {
  readonly schema: typeof FORECAST_SCHEMA;
  readonly toolVersion: string;
  /** The time of the runs on this machine. */
  readonly measured: { readonly fromEpochMs: number; readonly toEpochMs: number };
}
