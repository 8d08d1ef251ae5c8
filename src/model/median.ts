import type { Interval, Median } from './interval.ts';
import { nearestRank } from './nearest-rank.ts';
import { intervalAt, rankDepth } from './rank-interval.ts';

/** The fewest values whose lowest and highest contain the median in 95 of 100 samples (2 · 2⁻⁶ = 3.1 % miss it). */
const FEWEST_FOR_INTERVAL = 6;

/**
 * The median of independent values, by nearest rank, with its 95 % interval if there are at least six. Undefined
 * without values.
 */
export function medianOf(values: ArrayLike<number>): Median | undefined {
  const sorted = Float64Array.from(values).sort();
  const valueOfRank = (rank: number) => sorted[rank - 1] ?? Number.NaN;
  const count = sorted.length;
  if (count === 0) return undefined;
  const interval = medianInterval(count, valueOfRank);
  return { p50: valueOfRank(nearestRank(0.5, count)), ...(interval === undefined ? {} : { interval }) };
}

/**
 * The 95 % interval of the median of independent values. It holds for values of any distribution, because the number
 * of values below the median is binomial with one half. Its ends are interpolated between two ranks, so that it
 * contains the median in about 95 of 100 samples. Undefined for fewer than six values.
 *
 * @param valueOfRank the value of each rank, from 1 to `count`
 * @see Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd edition (2014), section 3.6 (the interval
 *   of the sign test)
 */
export function medianInterval(count: number, valueOfRank: (rank: number) => number): Interval | undefined {
  if (count < FEWEST_FOR_INTERVAL) return undefined;
  return intervalAt(rankDepth(binomialHalves(count)), count, valueOfRank);
}

/**
 * The probabilities that 0, 1, 2, … of `count` values lie below the median. They are computed as logarithms, because
 * 2⁻ⁿ is 0 as a number from n = 1,075 on.
 */
function* binomialHalves(count: number): Generator<number> {
  let logarithm = -count * Math.LN2;
  for (let below = 0; below <= count; below += 1) {
    yield Math.exp(logarithm);
    logarithm += Math.log((count - below) / (below + 1));
  }
}
