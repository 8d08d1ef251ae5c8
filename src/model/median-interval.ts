import type { Interval } from './interval.ts';

const COVERAGE = 0.95;

/**
 * The 95 % interval of the median, from the order of the values only: from the k-th lowest to the k-th highest, with
 * the largest k whose interval contains the median in 95 of 100 samples. Undefined for fewer than 6 values, because
 * even their lowest and highest contain it less often.
 *
 * @see https://en.wikipedia.org/wiki/Sign_test (the interval that belongs to it)
 */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const outside = largestRank(sorted.length);
  const low = sorted[outside - 1];
  const high = sorted[sorted.length - outside];
  return low === undefined || high === undefined || outside < 1 ? undefined : { low, high };
}

/**
 * The largest k for which both tails beyond the k-th values have a probability of at most 5 % together. 0 if there is
 * none.
 */
function largestRank(count: number): number {
  let tail = 0;
  let combinations = 1;
  for (let k = 0; k < count / 2; k += 1) {
    tail += combinations / 2 ** count;
    if (2 * tail > 1 - COVERAGE) return k;
    combinations = (combinations * (count - k)) / (k + 1);
  }
  return Math.floor(count / 2);
}
