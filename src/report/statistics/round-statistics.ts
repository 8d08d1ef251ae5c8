import type { Observation, Statistic } from './estimate.ts';
import { seededRandom } from './random-draws.ts';
import { mean, percentile, sorted } from './statistics.ts';

/** The values of each round, in the order in which they were given. */
export type RoundValues = ReadonlyMap<number, readonly number[]>;

/** Observations by round; values of 0 or less have no logarithm and are left out. */
export function valuesByRound(observations: readonly Observation[]): RoundValues {
  const values = new Map<number, number[]>();
  for (const { round, value } of observations) {
    if (!(value > 0)) continue;
    const known = values.get(round);
    if (known === undefined) values.set(round, [value]);
    else known.push(value);
  }
  return values;
}

/**
 * The natural logarithm of a statistic of `count` of the values. They are drawn at random without replacement, always
 * the same ones. The p99 of 60 values is their maximum and on average lower than the p99 of 200 values, so two sets
 * are comparable only at the same count.
 *
 * @param count the number of values; if there are fewer, all are used
 */
export function logStatistic(values: readonly number[], statistic: Statistic, count: number): number {
  const drawn = drawSome(values, count);
  const value = statistic.kind === 'mean' ? mean(drawn) : percentile(sorted(drawn), statistic.percent);
  return Math.log(value ?? Number.NaN);
}

/** Each value is drawn with the probability that remains for it. @see Knuth, TAOCP 2, section 3.4.2, algorithm S */
function drawSome(values: readonly number[], count: number): readonly number[] {
  if (count >= values.length) return values;
  const random = seededRandom(values.length);
  const drawn: number[] = [];
  for (const [index, value] of values.entries()) {
    if ((values.length - index) * random() < count - drawn.length) drawn.push(value);
  }
  return drawn;
}
