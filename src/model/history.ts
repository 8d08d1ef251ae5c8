import type { Architecture } from './target.ts';

/** The version of the JSON form of a history. */
export const HISTORY_SCHEMA = 'shedbench/history@1';

/** The warm invocations of one run. */
export interface HistoryPoint {
  readonly runId: string;
  readonly benchId: string;
  /** The start of the run's window, server time. */
  readonly measuredAtEpochMs: number;
  readonly count: number;
  readonly p50Ms: number;
  /** The lowest and the highest median of a round. Absent if fewer than two rounds were kept. */
  readonly roundsMs?: { readonly low: number; readonly high: number };
  /** SHA-256 of the function's zip. It identifies the build. */
  readonly artifactSha256?: string;
  readonly toolVersion: string;
}

/** One function's runs over time, all with the same work, place and memory size. */
export interface HistorySeries {
  readonly runtime: string;
  readonly points: readonly HistoryPoint[];
}

/** The runtimes of one route that are comparable, because everything except the runtime is equal. */
export interface HistoryGroup {
  readonly route: string;
  /** The equal facts, in words: `m=3 n=8 · 2 in flight · x86_64 · 128 MB · local · project sheepshed`. */
  readonly facts: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly series: readonly HistorySeries[];
}

/** The kept results of a folder's runs over time. */
export interface History {
  readonly schema: typeof HISTORY_SCHEMA;
  readonly createdAtEpochMs: number;
  readonly groups: readonly HistoryGroup[];
  /** The number of runs without kept REPORT rows, because no report was made of them. */
  readonly withoutRows: number;
}
