/** How much the rounding of a share such as 0.999 may add to a rank: `0.999 × 1,000` is rank 999, not 1,000. */
const RANK_ROUNDING = 1e-12;

/**
 * The rank of the q-quantile among `count` sorted values, from 1 to `count`: the smallest k with k/count ≥ q.
 *
 * @param q from 0 to 1
 * @see https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method (type 1 of Hyndman and Fan)
 */
export function nearestRank(q: number, count: number): number {
  return Math.min(count, Math.max(1, Math.ceil(q * count - count * RANK_ROUNDING)));
}
