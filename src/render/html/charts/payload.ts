import type { Route } from '../../../model/route.ts';

/** Points of a distribution: the share `y` of invocations took at most `x` ms. */
export interface Distribution {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Durations over a run, in equal slices of time; null where no invocation ended. */
export interface OverTime {
  readonly lengthS: number;
  readonly p50: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** What the charts show of one run. A figure with too few values is absent. */
export interface SeriesPayload {
  /** Place in `ChartPayload.names`, so that one runtime looks the same in every chart. */
  readonly name: number;
  readonly warm?: Distribution;
  readonly cold?: Distribution;
  readonly warmP50?: number;
  readonly coldP50?: number;
  readonly overTime?: OverTime;
  /** Max Memory Used, MB, the highest of the run. */
  readonly memoryMB?: number;
  /** US dollars per million calls: compute, Lambda requests, API Gateway, DynamoDB. */
  readonly costUsd?: readonly [number, number, number, number];
}

/** All that the charts draw, small enough to be part of the page. */
export interface ChartPayload {
  readonly names: readonly string[];
  readonly memorySizeMB?: number;
  readonly routes: readonly { readonly route: Route; readonly series: readonly SeriesPayload[] }[];
}
