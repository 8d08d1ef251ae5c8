import type { Interval } from '../../model/report.ts';
import type { Location } from './rank-intervals.ts';

/** One measured value of one invocation. */
export interface Observation {
  /** The round that the invocation belongs to; 0 is the warm-up. */
  readonly round: number;
  /** Which environment (log stream) of the function served it. */
  readonly environment: number;
  /** In the unit of the quantity (ms, MB); a value of 0 or less has no logarithm and is left out. */
  readonly value: number;
}

/** What is computed of a set of values. `percent` lies in (0, 100]. */
export type Statistic = { readonly kind: 'mean' } | { readonly kind: 'percentile'; readonly percent: number };

/**
 * Where the environments of a function run. `one`: as processes of one machine (the local cloud), which differ little.
 * `many`: on hosts of different speed, as on AWS.
 */
export type Hosts = 'one' | 'many';

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

/**
 * The interval of a ratio: its location on the log scale, widened by independent errors that the location's own spread
 * does not show. Half-widths add as squares, on each side apart.
 *
 * @param halves half-widths of 95 % intervals on the log scale
 * @see Zou and Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008)
 */
export function ratioInterval({ center, low, high }: Location, halves: readonly number[]): Interval {
  const squares = halves.reduce((total, half) => total + half ** 2, 0);
  return {
    low: Math.exp(center - Math.sqrt((center - low) ** 2 + squares)),
    high: Math.exp(center + Math.sqrt((high - center) ** 2 + squares)),
  };
}

/** Standard errors from no change at which four in five intervals exclude it: 1.96 for the interval, 0.84 beyond. */
const NOTICED = (1.96 + 0.84) / 1.96;

/** The smallest relative change, above 0, that an interval of this width would exclude in 80 % of all benches. */
export function noticeableChange({ low, high }: Interval): number {
  return Math.expm1((NOTICED * Math.log(high / low)) / 2);
}
