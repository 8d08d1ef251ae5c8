import { medianOf } from '../../model/median.ts';
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
import { environmentRatio, PROCESS_DEVIATION } from './paired-ratio.ts';
import { LEAST_PAIRS, rankSumInterval } from './rank-intervals.ts';
import { logStatistic, type RoundValues, valuesByRound } from './round-statistics.ts';
import { mean } from './statistics.ts';

/**
 * Standard deviation of the log of a figure between benches of one build at different times, besides the spread of
 * their rounds.
 * @see docs/statistics.md for the measurement
 */
export const BENCH_DEVIATION: Readonly<Record<Hosts, number>> = { one: 0.1, many: 0.05 };

/** The observations of one side, one list per bench. Each bench was made at another time. */
export type Benches = readonly (readonly Observation[])[];

/**
 * By what factor a statistic of warm invocations changed between benches at different times: after / before. The
 * rounds of both sides are compared by their rank sum. The interval is widened by the error from environments that
 * serve several rounds, and by the differences between benches of the same build.
 */
export function unpairedChange(
  before: Benches,
  after: Benches,
  statistic: Statistic,
  hosts: Hosts,
): Estimate {
  const [left, right] = [roundsApart(before), roundsApart(after)];
  const sets = [valuesByRound(left), valuesByRound(right)] as const;
  const count = Math.min(...sets.map(typicalCount));
  const [leftLogs, rightLogs] = [logsOf(sets[0], statistic, count), logsOf(sets[1], statistic, count)];
  const counts = {
    rounds: Math.min(leftLogs.length, rightLogs.length),
    environments: Math.min(environmentsOf(left), environmentsOf(right)),
  };
  const location = counts.rounds < LEAST_PAIRS ? undefined : rankSumInterval(leftLogs, rightLogs);
  if (location === undefined) {
    const ratio = Math.exp((mean(rightLogs) ?? Number.NaN) - (mean(leftLogs) ?? Number.NaN));
    return { ratio, ...counts, needs: { rounds: LEAST_PAIRS } };
  }
  const ratio = Math.exp(location.center);
  const error = environmentError([left, right], hosts === 'one' ? PROCESS_DEVIATION : undefined);
  if (error.isUnknown) return { ratio, ...counts, needs: { environments: LEAST_ENVIRONMENTS } };
  const freedom = leftLogs.length + rightLogs.length - 2;
  const interval = ratioInterval(location, freedom, [error, betweenBenches(before, after, hosts)]);
  return { ratio, interval, ...counts };
}

/**
 * By what factor a quantity changed between benches at different times if each environment has it once: after /
 * before. Examples are cold starts and the largest memory that an environment used. Every observation is an
 * environment of its own.
 */
export function unpairedEnvironments(before: Benches, after: Benches, hosts: Hosts): Estimate {
  return environmentRatio(before.flat(), after.flat(), [betweenBenches(before, after, hosts)]);
}

/** The error from the random times of the benches. */
function betweenBenches(before: Benches, after: Benches, hosts: Hosts): FurtherError {
  return knownError(BENCH_DEVIATION[hosts] * Math.sqrt(1 / before.length + 1 / after.length));
}

/** A number above that of the rounds or environments of any bench. */
const APART = 1_000_000;

/** All observations of a side. Rounds and environments of different benches get different numbers. */
function roundsApart(benches: Benches): Observation[] {
  return benches.flatMap((bench, index) =>
    bench.map(({ round, environment, value }) => ({
      round: round + index * APART,
      environment: environment + index * APART,
      value,
    })),
  );
}

/** The median of the counts of the rounds. */
function typicalCount(rounds: RoundValues): number {
  return medianOf([...rounds.values()].map(({ length }) => length))?.p50 ?? 0;
}

function logsOf(rounds: RoundValues, statistic: Statistic, count: number): number[] {
  return [...rounds.values()].map((values) => logStatistic(values, statistic, count));
}
