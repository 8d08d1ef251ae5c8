import type { Architecture } from './target.ts';

/** The version of the JSON form of a history. */
export const HISTORY_SCHEMA = 'shedbench/history@1';

/** The warm invocations of one run. */
export interface HistoryPoint {
  readonly runId: string;
  readonly benchId: string;
  /** Server time at which the run's window began. */
  readonly measuredAtEpochMs: number;
  readonly count: number;
  readonly p50Ms: number;
  /** The lowest and the highest median of a round; absent where fewer than two rounds were kept. */
  readonly roundsMs?: { readonly low: number; readonly high: number };
  /** SHA-256 of the function's zip: another one is another build. */
  readonly artifactSha256?: string;
  readonly toolVersion: string;
}

/** One function's runs over time. All of them did the same work in the same place and the same size. */
export interface HistorySeries {
  readonly runtime: string;
  readonly points: readonly HistoryPoint[];
}

/** The runtimes of one route that can be looked at together: everything but the runtime is the same. */
export interface HistoryGroup {
  readonly route: string;
  /** What is the same, in words: `m=3 n=8 · 2 in flight · x86_64 · 128 MB · local · project sheepshed`. */
  readonly facts: string;
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  readonly series: readonly HistorySeries[];
}

/** What is on disk of the runs of a folder, over days. */
export interface History {
  readonly schema: typeof HISTORY_SCHEMA;
  readonly createdAtEpochMs: number;
  readonly groups: readonly HistoryGroup[];
  /** Runs of which no REPORT rows were kept: no report was made of them. */
  readonly withoutRows: number;
}
