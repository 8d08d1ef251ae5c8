import type { Interval } from '../../model/interval.ts';

/** The probability with which the interval misses on one side. */
const TAIL = 0.025;

/**
 * A position among sorted values: between the value of rank `rank` (from 1) and that of the next rank inwards, which
 * has the weight `beyond`.
 */
export interface MedianRanks {
  readonly rank: number;
  readonly beyond: number;
}

/**
 * Which of `count` sorted independent values bound the 95 % interval of their median, counted from both ends. It holds
 * for values of any distribution: how many of them lie below the median is binomial with one half.
 *
 * @returns undefined below six values, because even the outermost ones then miss the median more often (2 · 2⁻⁵ = 6.3
 * %)
 * @see Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd edition (2014), section 3.6
 */
export function medianRanks(count: number): MedianRanks | undefined {
  let probability = 0.5 ** count;
  if (2 * probability > 2 * TAIL) return undefined;
  let below = probability;
  for (let rank = 1; rank <= count; rank++) {
    probability *= (count - rank + 1) / rank;
    // The interval from rank `rank` misses on one side with the probability that at most rank − 1 values lie below.
    if (below + probability > TAIL) return { rank, beyond: (TAIL - below) / probability };
    below += probability;
  }
  return { rank: 1, beyond: 0 };
}

/** The 95 % interval of the median of independent, sorted values. Undefined for fewer than six. */
export function medianInterval(sortedValues: ArrayLike<number>): Interval | undefined {
  const ranks = medianRanks(sortedValues.length);
  if (ranks === undefined) return undefined;
  const { rank, beyond } = ranks;
  const at = (place: number) => sortedValues[place - 1] ?? Number.NaN;
  const count = sortedValues.length;
  return {
    low: at(rank) * (1 - beyond) + at(rank + 1) * beyond,
    high: at(count + 1 - rank) * (1 - beyond) + at(count - rank) * beyond,
  };
}
