/** Points of a distribution: the share `y` of invocations took at most `x` ms. */
export interface Distribution {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Durations over a run, in equal slices of time. null for a slice in which no invocation ended. */
export interface OverTime {
  readonly lengthS: number;
  readonly p50: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** The data of one run in the charts. A figure with too few values is absent. */
export interface SeriesPayload {
  /** The index in `ChartPayload.names`, so that a runtime looks the same in every chart. */
  readonly name: number;
  readonly warm?: Distribution;
  readonly cold?: Distribution;
  readonly warmP50?: number;
  readonly coldP50?: number;
  readonly overTime?: OverTime;
  /** Max Memory Used, MB, the highest of the run. */
  readonly memoryMB?: number;
  /** US dollars per million calls, one amount for each of `ChartPayload.costParts`. */
  readonly costUsd?: readonly number[];
}

/** Values over memory sizes. All columns have one length. */
export interface MemoryCurve {
  /** The index in `ChartPayload.names`. */
  readonly name: number;
  /** Ascending. */
  readonly memoryMB: readonly number[];
  /** In the unit of the panel. Above 0. */
  readonly value: readonly number[];
  /** The edges of a band around the values. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** Whether the values were measured at these sizes. If so, the curve shows a point at each. */
  readonly isMeasured?: boolean;
  /** The sizes on the Pareto front, MB: their points are filled. */
  readonly frontMB?: readonly number[];
}

/** One chart of curves over memory sizes. Several of them are drawn beside each other. */
export interface MemoryPanel {
  /** The name in the `data-chart` attribute of the element that it is drawn into. */
  readonly chart: string;
  readonly unit: 'ms' | 'usd';
  readonly curves: readonly MemoryCurve[];
  /** The range of the values, if several panels have the same range. Otherwise it is that of the panel's curves. */
  readonly range?: [min: number, max: number];
}

/** All data of the charts, small enough to be part of the page. */
export interface ChartPayload {
  readonly names: readonly string[];
  readonly memorySizeMB?: number;
  /** The headings of the parts of a cost. */
  readonly costParts: readonly string[];
  readonly routes: readonly { readonly route: string; readonly series: readonly SeriesPayload[] }[];
  readonly memoryPanels?: readonly MemoryPanel[];
}
