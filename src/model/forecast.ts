import type { Architecture } from './target.ts';

/** One request of an invocation to its database. */
export interface DatabaseWait {
  /** DynamoDB's name of it: `PutItem`. */
  readonly operation: string;
  /** When it reached the database, in ms since the invocation began. */
  readonly startMs: number;
  /** How long the database took, in ms. */
  readonly ms: number;
  /** Whether a connection was opened for it. */
  readonly opensConnection?: boolean;
}

/** What one invocation did with its time. All times in ms. */
export interface MeasuredInvocation {
  /** Duration as in the REPORT line: without the init. */
  readonly durationMs: number;
  /** CPU time of all threads of the environment. */
  readonly cpuMs: number;
  /** Time in which threads could have run and no core was free. */
  readonly queuedMs: number;
  /** In the order in which they began. */
  readonly waits: readonly DatabaseWait[];
  /** Of a cold start. */
  readonly init?: { readonly durationMs: number; readonly cpuMs: number };
}

/**
 * Measured invocations of one run as columns, one place each: cold ones first, each kind in the order of time. A long run keeps a sample that is
 * spread evenly over it.
 */
export interface InvocationColumns {
  readonly durationMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly queuedMs: readonly number[];
  /** null where the invocation was warm. */
  readonly initMs: readonly (number | null)[];
  readonly initCpuMs: readonly (number | null)[];
  /** Names of the database's operations; `waits` refers to their places. */
  readonly operations: readonly string[];
  /**
   * Four numbers for each request of an invocation: the operation's place, when it began, how long it took, in ms, and 1
   * where a connection was opened for it, else 0.
   */
  readonly waits: readonly (readonly number[])[];
}

/** The version of the model, told with each forecast: other versions forecast other figures from the same inputs. */
export const FORECAST_MODEL = 'shedbench/cpu-share@1';

/** A quantity over invocations on Lambda, as forecast, in ms. */
export interface ForecastSummary {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** A value with the limits that it stays within in eight of ten cases. */
export interface Band {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What Lambda would take for one function at one memory size. */
export interface ForecastPoint {
  readonly memoryMB: number;
  /** Duration of a warm invocation. */
  readonly warmMs: ForecastSummary;
  /** The limits of the warm median. */
  readonly warmP50: Band;
  /** Billed Duration of a warm invocation, mean. */
  readonly billedMs: number;
  /** US dollars per million warm invocations, compute and requests; absent where no price of the region is known. */
  readonly usd?: Band;
  /** Init Duration plus Duration of a cold start, median; absent where no cold start was measured. */
  readonly coldP50?: Band;
}

/** The curve of one run over memory sizes. */
export interface FunctionForecast {
  readonly runId: string;
  readonly route: string;
  readonly runtime: string;
  /** Ascending memory sizes; those that the function does not fit into are left out. */
  readonly points: readonly ForecastPoint[];
  /** The memory sizes, in MB, with the lowest cost, the lowest median, and from which more gains less than a tenth. */
  readonly cheapestMB?: number;
  readonly fastestMB: number;
  readonly enoughMB: number;
  /** Init Duration, as forecast; absent where no cold start was measured. */
  readonly initMs?: Band;
  /** How much CPU time Lambda's core takes for what this machine's core does in 1 ms, and the error of that. */
  readonly coreFactor: Band;
  /** Warm invocations that the forecast is made from. */
  readonly invocations: number;
}

/** Times of the calibration loop on the machine that ran the functions. */
export interface CoreCalibration {
  /** `node`, `python` or `native`. */
  readonly language: string;
  /** CPU time of one hash of the loop, in ns. */
  readonly hashNs: number;
  /** What ran it: `20.20.2`. */
  readonly version?: string;
}

/** The forecast of a report: what Lambda would take, or why that cannot be told. */
export type ForecastSection =
  | {
      readonly state: 'made';
      readonly model: typeof FORECAST_MODEL;
      readonly architecture: Architecture;
      /** The memory size that the functions have. */
      readonly memorySizeMB: number;
      /** Whose prices; absent where no region was named or its prices are not known. */
      readonly priceRegion?: string;
      readonly calibrations: readonly CoreCalibration[];
      readonly functions: readonly FunctionForecast[];
      /** What a reader must know, one sentence each. */
      readonly notes: readonly string[];
    }
  | { readonly state: 'none'; readonly reason: string };

export type MadeForecast = Extract<ForecastSection, { readonly state: 'made' }>;

export const FORECAST_SCHEMA = 'shedbench/forecast@1';

/** The JSON form of `shedbench forecast`. */
export interface ForecastDocument extends MadeForecast {
  readonly schema: typeof FORECAST_SCHEMA;
  readonly toolVersion: string;
  /** When the runs were made on this machine. */
  readonly measured: { readonly fromEpochMs: number; readonly toEpochMs: number };
}
