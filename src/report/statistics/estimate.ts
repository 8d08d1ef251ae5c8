import type { Interval } from '../../model/report.ts';

/** One measured value of one invocation. */
export interface Observation {
  /** The round that the invocation belongs to; 0 is the warm-up. */
  readonly round: number;
  /** Which environment (log stream) of the function served it. */
  readonly environment: number;
  /** Above 0; in the unit of the quantity (ms, MB). */
  readonly value: number;
}

/** What is computed of a set of values. `percent` lies in (0, 100]. */
export type Statistic = { readonly kind: 'mean' } | { readonly kind: 'percentile'; readonly percent: number };

/** A ratio of two sets of observations, with what stands behind it. */
export interface Estimate {
  /** Base over own for a speed; after over before for a change. NaN where a side has no value. */
  readonly ratio: number;
  /** 95 %; absent where too few rounds or environments were measured. */
  readonly interval?: Interval;
  /** Rounds that both sides have (paired), or that the side with fewer rounds has (unpaired). */
  readonly rounds: number;
  /** Environments of the side that has fewer of them. */
  readonly environments: number;
  /** Set where there is no interval: how many rounds or environments each side needs for one. */
  readonly needs?: { readonly rounds?: number; readonly environments?: number };
}
