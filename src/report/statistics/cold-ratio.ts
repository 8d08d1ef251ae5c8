import { environmentsOf } from './environment-spread.ts';
import { type Estimate, type Hosts, type Observation, ratioInterval, type Statistic } from './estimate.ts';
import { pairedRatio } from './paired-ratio.ts';
import { LEAST_PAIRS, LEAST_PER_SIDE, rankSumInterval } from './rank-intervals.ts';
import { valuesByRound } from './round-statistics.ts';
import { mean } from './statistics.ts';
import { NORMAL_QUANTILE } from './student.ts';

/**
 * Standard deviation of the log speed of one machine from one moment of a bench to another. On one machine all cold
 * starts of a function that fall into one round share that round's moment.
 * @see docs/statistics.md for the measurement
 */
export const MOMENT_DEVIATION = 0.05;

/**
 * How many times lower the own cold starts are than the base's, within one bench. Every cold start is an environment of
 * its own. Where both sides have cold starts in enough rounds, the rounds are paired, as for warm invocations. Else
 * the environments are the sample: the typical ratio of two of them, with the interval of the rank sum.
 */
export function coldRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  statistic: Statistic,
  hosts: Hosts = 'many',
): Estimate {
  const [ownRounds, baseRounds] = [valuesByRound(own), valuesByRound(base)];
  const common = [...ownRounds.keys()].filter((round) => baseRounds.has(round));
  if (common.length >= LEAST_PAIRS) return pairedRatio(own, base, statistic, hosts);
  const logs = (side: readonly Observation[]) =>
    side.flatMap(({ value }) => (value > 0 ? [Math.log(value)] : []));
  const [left, right] = [logs(own), logs(base)];
  const counts = { rounds: common.length, environments: Math.min(environmentsOf(own), environmentsOf(base)) };
  const location = rankSumInterval(left, right);
  if (location === undefined) {
    const ratio = Math.exp((mean(right) ?? Number.NaN) - (mean(left) ?? Number.NaN));
    return { ratio, ...counts, needs: { environments: LEAST_PER_SIDE } };
  }
  const moments = hosts === 'many' ? 0 : 1 / ownRounds.size + 1 / baseRounds.size;
  return {
    ratio: Math.exp(location.center),
    interval: ratioInterval(location, [NORMAL_QUANTILE * MOMENT_DEVIATION * Math.sqrt(moments)]),
    ...counts,
  };
}
