import { environmentError, environmentsOf, LEAST_ENVIRONMENTS } from './environment-spread.ts';
import { type Estimate, type Hosts, type Observation, ratioInterval, type Statistic } from './estimate.ts';
import { LEAST_PAIRS, signedRankInterval } from './rank-intervals.ts';
import { logStatistic, valuesByRound } from './round-statistics.ts';
import { mean } from './statistics.ts';

/**
 * Standard deviation of the log speed of processes that run the same code on one machine. It stands in where a
 * function had fewer environments than tell.
 * @see docs/statistics.md for the measurement
 */
export const PROCESS_DEVIATION = 0.01;

/**
 * How many times lower the own value is than the base's, within one bench. The ratio base / own is taken in every
 * round that both sides have, so that what both sides of a round share cancels. The rounds are combined on the log
 * scale by signed ranks; the interval is widened by what environments that serve several rounds hide.
 */
export function pairedRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  statistic: Statistic,
  hosts: Hosts = 'many',
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
    : { ratio, interval: ratioInterval(location, [error.half]), ...counts };
}
