import { environmentError, environmentsOf, LEAST_ENVIRONMENTS } from './environment-spread.ts';
import {
  type Estimate,
  type FurtherError,
  type Hosts,
  knownError,
  type Observation,
  ratioInterval,
  type Statistic,
} from './estimate.ts';
import { LEAST_PAIRS, LEAST_PER_SIDE, rankSumInterval, signedRankInterval } from './rank-intervals.ts';
import { logStatistic, valuesByRound } from './round-statistics.ts';
import { mean } from './statistics.ts';

/**
 * Standard deviation of the log speed of processes that run the same code on one machine. It is used if a function
 * had too few environments to estimate it.
 * @see docs/statistics.md for the measurement
 */
export const PROCESS_DEVIATION = 0.02;

/**
 * Standard deviation of the log speed of one machine from one moment of a bench to another. On one machine all cold
 * starts of a function in one round happen at the same moment.
 * @see docs/statistics.md for the measurement
 */
const MOMENT_DEVIATION = 0.05;

/**
 * How many times lower the own value is than the base's, within one bench. The ratio base / own is computed in every
 * round that both sides have, so a disturbance of both sides of a round cancels. The rounds are combined on the log
 * scale by signed ranks. The interval is widened by the error from environments that serve several rounds.
 */
export function pairedRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  statistic: Statistic,
  hosts: Hosts,
): Estimate {
  const [ownRounds, baseRounds] = [valuesByRound(own), valuesByRound(base)];
  const differences = [...ownRounds].flatMap(([round, values]) => {
    const others = baseRounds.get(round);
    if (others === undefined) return [];
    const count = Math.min(values.length, others.length);
    return [logStatistic(others, statistic, count) - logStatistic(values, statistic, count)];
  });
  const counts = {
    rounds: differences.length,
    environments: Math.min(environmentsOf(own), environmentsOf(base)),
  };
  const location = signedRankInterval(differences);
  if (location === undefined) {
    return { ratio: Math.exp(mean(differences) ?? Number.NaN), ...counts, needs: { rounds: LEAST_PAIRS } };
  }
  const error = environmentError([own, base], hosts === 'one' ? PROCESS_DEVIATION : undefined);
  const ratio = Math.exp(location.center);
  return error.isUnknown
    ? { ratio, ...counts, needs: { environments: LEAST_ENVIRONMENTS } }
    : { ratio, interval: ratioInterval(location, differences.length - 1, [error]), ...counts };
}

/**
 * How many times lower the own cold starts are than the base's, within one bench. Every cold start is an environment
 * of its own. If both sides have cold starts in enough rounds, the rounds are paired, as for warm invocations.
 * Otherwise the environments are the sample, and the ratio is the typical ratio of two environments, for every
 * statistic.
 */
export function coldRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  statistic: Statistic,
  hosts: Hosts,
): Estimate {
  const [ownRounds, baseRounds] = [valuesByRound(own), valuesByRound(base)];
  const common = [...ownRounds.keys()].filter((round) => baseRounds.has(round)).length;
  if (common >= LEAST_PAIRS) return pairedRatio(own, base, statistic, hosts);
  const moments = hosts === 'many' ? 0 : Math.sqrt(1 / ownRounds.size + 1 / baseRounds.size);
  const estimate = environmentRatio(own, base, [knownError(MOMENT_DEVIATION * moments)]);
  return { ...estimate, rounds: common };
}

/**
 * How many times lower the own values are than the base's if every observation is an environment of its own. It is
 * the typical ratio of two environments, with the interval of the rank sum.
 *
 * @param further errors that the spread of the environments does not show
 */
export function environmentRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  further: readonly FurtherError[],
): Estimate {
  const logs = (side: readonly Observation[]) =>
    side.flatMap(({ value }) => (value > 0 ? [Math.log(value)] : []));
  const [left, right] = [logs(own), logs(base)];
  const counts = { rounds: 0, environments: Math.min(left.length, right.length) };
  const location = rankSumInterval(left, right);
  if (location === undefined) {
    const ratio = Math.exp((mean(right) ?? Number.NaN) - (mean(left) ?? Number.NaN));
    return { ratio, ...counts, needs: { environments: LEAST_PER_SIDE } };
  }
  return {
    ratio: Math.exp(location.center),
    interval: ratioInterval(location, left.length + right.length - 2, further),
    ...counts,
  };
}
