import { nearestRank } from '../../model/nearest-rank.ts';
import { DEFAULT_PERCENTILES, percentileName } from '../../model/percentiles.ts';
import type { Summary } from '../../model/report.ts';

declare const sortedBrand: unique symbol;

/** Numbers in ascending order without NaN. Percentiles accept only this type. */
export type Sorted = Float64Array & { readonly [sortedBrand]: true };

/** Returns a sorted copy. @throws RangeError for a NaN, which has no rank */
export function sorted(values: ArrayLike<number>): Sorted {
  const copy = Float64Array.from(values).sort();
  // A typed array sorts NaN to the end.
  if (copy.length > 0 && Number.isNaN(copy[copy.length - 1])) {
    throw new RangeError('NaN has no rank');
  }
  return copy as Sorted;
}

/** The rank, from 1, of a percentile, in percent, among `count` sorted values: the nearest rank. */
export function percentileRank(percent: number, count: number): number {
  return nearestRank(percent / 100, count);
}

/** The percentile by nearest rank, always one of the values. Undefined without values. `percent` in (0, 100]. */
export function percentile(values: Sorted, percent: number): number | undefined {
  return values[percentileRank(percent, values.length) - 1];
}

/**
 * The sum with Neumaier's correction. It is exact to the last digit, even if a large value is added to small ones.
 */
export function preciseSum(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** The arithmetic mean. Undefined without values. */
export function mean(values: ArrayLike<number>): number | undefined {
  return values.length === 0 ? undefined : preciseSum(values) / values.length;
}

/** The standard deviation of the sample (n − 1), in two passes. Undefined below two values. */
export function sampleStddev(values: ArrayLike<number>): number | undefined {
  const center = mean(values);
  if (center === undefined || values.length < 2) return undefined;
  const squares = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) squares[index] = ((values[index] ?? 0) - center) ** 2;
  return Math.sqrt(preciseSum(squares) / (values.length - 1));
}

/** All figures of one quantity, with the given percentiles besides p50, p90 and p99. Undefined without values. */
export function summarize(
  values: ArrayLike<number>,
  percentiles: readonly number[] = DEFAULT_PERCENTILES,
): Summary | undefined {
  const order = sorted(values);
  const [min, max] = [order[0], order[order.length - 1]];
  const average = mean(order);
  if (min === undefined || max === undefined || average === undefined) return undefined;
  const stddev = sampleStddev(order);
  const at = (percent: number) => percentile(order, percent) ?? max;
  return {
    count: order.length,
    // The rounding of the division must not move the mean out of the range of the values.
    mean: Math.min(max, Math.max(min, average)),
    min,
    max,
    ...(stddev === undefined ? {} : { stddev }),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    ...Object.fromEntries(percentiles.map((percent) => [percentileName(percent), at(percent)])),
  };
}
