import type { Interval } from '../../model/interval.ts';
import type { Location } from './rank-intervals.ts';
import { NORMAL_QUANTILE, studentQuantile } from './student.ts';

/** One measured value of one invocation. */
export interface Observation {
  /** The round of the invocation; 0 is the warm-up. */
  readonly round: number;
  /** The environment (log stream) of the function that served it. */
  readonly environment: number;
  /** The value in the unit of the quantity (ms, MB). A value of 0 or less has no logarithm and is left out. */
  readonly value: number;
}

/** A statistic of a set of values. `percent` lies in (0, 100]. */
export type Statistic = { readonly kind: 'mean' } | { readonly kind: 'percentile'; readonly percent: number };

/**
 * The machines on which the environments of a function run. `one`: processes of one machine (the local cloud), which
 * differ little. `many`: on hosts of different speed, as on AWS.
 */
export type Hosts = 'one' | 'many';

/** A ratio of two sets of observations, and the amount of data behind it. */
export interface Estimate {
  /** Base divided by own for a speed; after divided by before for a change. NaN if a side has no value. */
  readonly ratio: number;
  /** The 95 % interval. Absent if too few rounds or environments were measured. */
  readonly interval?: Interval;
  /** Rounds that both sides have (paired), or that the side with fewer rounds has (unpaired). */
  readonly rounds: number;
  /** Environments of the side that has fewer of them. */
  readonly environments: number;
  /** Set if there is no interval: how many rounds or environments each side needs for one. */
  readonly needs?: { readonly rounds?: number; readonly environments?: number };
}

/** An error that is not visible in the spread of the values. */
export interface FurtherError {
  /** Half the width of the 95 % interval that this error alone would have, on the log scale. */
  readonly half: number;
  /** The degrees of freedom of its estimate. Infinite if its size is known. */
  readonly freedom: number;
}

/** An error of known standard deviation on the log scale. */
export function knownError(deviation: number): FurtherError {
  return { half: NORMAL_QUANTILE * deviation, freedom: Number.POSITIVE_INFINITY };
}

/**
 * The interval of a ratio: the interval of its logarithm, widened by independent errors that the spread of the values
 * does not show. Variances are added, and the degrees of freedom are those of Welch and Satterthwaite, separately for
 * the lower and the upper end.
 *
 * @param freedom degrees of freedom of the location's own spread
 */
export function ratioInterval(
  { center, low, high }: Location,
  freedom: number,
  further: readonly FurtherError[],
): Interval {
  return {
    low: Math.exp(center - combinedHalf([{ half: center - low, freedom }, ...further])),
    high: Math.exp(center + combinedHalf([{ half: high - center, freedom }, ...further])),
  };
}

/** @see Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics 2 (1946) */
function combinedHalf(errors: readonly FurtherError[]): number {
  const parts = errors.map(({ half, freedom }) => ({
    variance: (half / studentQuantile(freedom)) ** 2,
    freedom,
  }));
  const variance = parts.reduce((total, one) => total + one.variance, 0);
  if (variance === 0) return 0;
  const inverse = parts.reduce((total, one) => total + (one.variance / variance) ** 2 / one.freedom, 0);
  return studentQuantile(inverse === 0 ? Number.POSITIVE_INFINITY : 1 / inverse) * Math.sqrt(variance);
}

/**
 * The number of standard errors from no change at which four of five intervals exclude it: 1.96 for the interval, and
 * 0.84 more.
 */
const NOTICED = (1.96 + 0.84) / 1.96;

/** The smallest relative change, above 0, that an interval of this width would exclude in 80 % of all benches. */
export function noticeableChange({ low, high }: Interval): number {
  return Math.expm1((NOTICED * Math.log(high / low)) / 2);
}
