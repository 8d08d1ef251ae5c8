import type { Interval } from './interval.ts';

/** The probability with which a 95 % interval may miss on one side. */
const TAIL = 0.025;

/**
 * The positions of an interval's ends, counted from both ends of the sorted values: between rank `rank` (from 1) and
 * the next rank inwards, which has the weight `beyond` (from 0 to 1).
 */
export interface RankDepth {
  readonly rank: number;
  readonly beyond: number;
}

/**
 * The positions of the ends of a 95 % interval. Ranks are whole numbers, so no rank misses with exactly 2.5 %. The
 * ends are interpolated between the two ranks around it.
 *
 * @param probabilities of each statistic's value, from 0 up: the sum of the first k is the probability with which the
 *   interval from rank k misses on one side
 */
export function rankDepth(probabilities: Iterable<number>): RankDepth {
  let below = 0;
  let rank = 0;
  for (const probability of probabilities) {
    if (below + probability > TAIL) return { rank, beyond: (TAIL - below) / probability };
    below += probability;
    rank += 1;
  }
  return { rank: 1, beyond: 0 };
}

/** The interval at a depth. @param valueOfRank the value of each rank, from 1 to `count` */
export function intervalAt(
  { rank, beyond }: RankDepth,
  count: number,
  valueOfRank: (rank: number) => number,
): Interval {
  const between = (outer: number, inner: number) =>
    valueOfRank(outer) * (1 - beyond) + valueOfRank(inner) * beyond;
  return {
    low: between(rank, rank + 1),
    high: between(count + 1 - rank, count - rank),
  };
}
