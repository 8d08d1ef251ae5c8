import { intervalAt, type RankDepth, rankDepth } from '../../model/rank-interval.ts';
import { NORMAL_QUANTILE } from './student.ts';

/**
 * 95 % intervals from ranks, after Hodges and Lehmann. They hold for values of any distribution, however heavy its
 * tails, and one disturbed round among ten hardly widens them.
 *
 * @see Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd edition (2014), sections 3.3 and 4.3
 */

/** A location and its 95 % interval, in the unit of the values. */
export interface Location {
  readonly center: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The largest number of rank sums for which the exact distribution is computed. Beyond it the normal approximation is
 * as good.
 */
const MOST_EXACT_SUMS = 500;

/** The fewest pairs whose signed ranks reach 95 % (2 · 2⁻⁶ = 3.1 %). */
export const LEAST_PAIRS = 6;
/** The fewest values of each side whose rank sum reaches 95 % (2 / 70 = 2.9 %). */
export const LEAST_PER_SIDE = 4;

/**
 * The median of the pairwise means of differences (Hodges and Lehmann), and the interval of Wilcoxon's signed ranks.
 * It assumes that the differences are independent and symmetric about the same center.
 *
 * @returns undefined for fewer than `LEAST_PAIRS` differences
 */
export function signedRankInterval(differences: readonly number[]): Location | undefined {
  const count = differences.length;
  if (count < LEAST_PAIRS) return undefined;
  const means = new Float64Array((count * (count + 1)) / 2);
  let place = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      means[place++] = ((differences[i] ?? Number.NaN) + (differences[j] ?? Number.NaN)) / 2;
    }
  }
  means.sort();
  const deviation = Math.sqrt((count * (count + 1) * (2 * count + 1)) / 24);
  return locate(
    (rank) => means[rank - 1] ?? Number.NaN,
    means.length,
    depthOf(means.length, deviation, () => rankDepth(signedRankProbabilities(count))),
  );
}

/**
 * The median of all differences right − left (Hodges and Lehmann), and the interval of the rank sum of Wilcoxon, Mann
 * and Whitney. It assumes that the values are independent and that both sides are spread alike.
 *
 * @returns undefined if a side has fewer than `LEAST_PER_SIDE` values
 */
export function rankSumInterval(left: readonly number[], right: readonly number[]): Location | undefined {
  if (left.length < LEAST_PER_SIDE || right.length < LEAST_PER_SIDE) return undefined;
  const [lower, upper] = [Float64Array.from(left).sort(), Float64Array.from(right).sort()];
  const pairs = lower.length * upper.length;
  const deviation = Math.sqrt((pairs * (lower.length + upper.length + 1)) / 12);
  return locate(
    (rank) => differenceOfRank(lower, upper, rank),
    pairs,
    depthOf(pairs, deviation, () => rankSumDepth(lower.length, upper.length)),
  );
}

/** The positions of the interval's ends among the sorted candidates. `deviation`: that of the rank sum. */
function depthOf(candidates: number, deviation: number, exactDepth: () => RankDepth): RankDepth {
  if (candidates > MOST_EXACT_SUMS) {
    const depth = candidates / 2 + 0.5 - NORMAL_QUANTILE * deviation;
    return { rank: Math.floor(depth), beyond: depth - Math.floor(depth) };
  }
  return exactDepth();
}

/** Exact depths of rank sums by the sizes of both sides. `MOST_EXACT_SUMS` bounds the number of sizes. */
const rankSumDepths = new Map<string, RankDepth>();

/** The exact depth of a rank sum. A comparison asks for the same few sizes at every route and quantile. */
function rankSumDepth(first: number, second: number): RankDepth {
  const sizes = `${first} ${second}`;
  const known = rankSumDepths.get(sizes);
  if (known !== undefined) return known;
  const depth = rankDepth(rankSumProbabilities(first, second));
  rankSumDepths.set(sizes, depth);
  return depth;
}

function locate(valueOfRank: (rank: number) => number, candidates: number, depth: RankDepth): Location {
  const [lower, upper] = [Math.floor((candidates + 1) / 2), Math.ceil((candidates + 1) / 2)];
  return {
    center: (valueOfRank(lower) + valueOfRank(upper)) / 2,
    ...intervalAt(depth, candidates, valueOfRank),
  };
}

/**
 * The probability of each sum of signed ranks of `count` differences, from 0 up, if both signs are equally probable.
 */
function signedRankProbabilities(count: number): Float64Array {
  const sums = (count * (count + 1)) / 2 + 1;
  let current = new Float64Array(sums);
  current[0] = 1;
  for (let rank = 1; rank <= count; rank++) {
    const next = new Float64Array(sums);
    for (let sum = 0; sum < sums; sum++) {
      next[sum] = ((current[sum] ?? 0) + (sum >= rank ? (current[sum - rank] ?? 0) : 0)) / 2;
    }
    current = next;
  }
  return current;
}

/**
 * The probability of each number of pairs in which the first side is higher, from 0 up, if all orders are equally
 * probable.
 */
function rankSumProbabilities(first: number, second: number): Float64Array {
  // P(u | m, n) = m/(m+n) · P(u − n | m−1, n) + n/(m+n) · P(u | m, n−1): which side has the highest value?
  let row: Float64Array[] = Array.from({ length: second + 1 }, () => Float64Array.of(1));
  for (let m = 1; m <= first; m++) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let n = 1; n <= second; n++) {
      const [mine, other] = [row[n], next[n - 1]];
      next.push(
        Float64Array.from({ length: m * n + 1 }, (_, u) => {
          const ofMine = u >= n ? (mine?.[u - n] ?? 0) : 0;
          return (m * ofMine + n * (other?.[u] ?? 0)) / (m + n);
        }),
      );
    }
    row = next;
  }
  return row[second] ?? Float64Array.of(1);
}

/**
 * The difference upper − lower of a given rank, from 1, among all differences. Found by bisection of the range of
 * values.
 */
function differenceOfRank(lower: Float64Array, upper: Float64Array, rank: number): number {
  let low = (upper[0] ?? Number.NaN) - (lower.at(-1) ?? Number.NaN);
  let high = (upper.at(-1) ?? Number.NaN) - (lower[0] ?? Number.NaN);
  if (countUpTo(lower, upper, low) >= rank) return low;
  // Ends when no number lies between the two.
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (countUpTo(lower, upper, middle) >= rank) high = middle;
    else low = middle;
  }
}

/** The number of differences upper − lower that are at most `limit`. */
function countUpTo(lower: Float64Array, upper: Float64Array, limit: number): number {
  let count = 0;
  let first = 0;
  for (const value of upper) {
    while (first < lower.length && value - (lower[first] ?? Number.NaN) > limit) first++;
    count += lower.length - first;
  }
  return count;
}
