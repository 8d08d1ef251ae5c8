import type { Estimate, Observation, Statistic } from './estimate.ts';
import { mean, percentile, sampleStddev, sorted } from './statistics.ts';
import { studentQuantile } from './student.ts';

/** Fewer rounds than this bound no difference. */
const LEAST_ROUNDS = 3;
/** Fewer environments on a side than this bound no difference of cold starts. */
const LEAST_ENVIRONMENTS = 6;

/** How many rounds or environments an interval needs at least on each side. */
export const NEEDED = { rounds: LEAST_ROUNDS, environments: LEAST_ENVIRONMENTS } as const;

/** How many environments served the observations. */
export function environmentsOf(observations: readonly Observation[]): number {
  return new Set(observations.map(({ environment }) => environment)).size;
}

/** The natural logarithm of the statistic of each round that has values. */
export function logByRound(observations: readonly Observation[], statistic: Statistic): Map<number, number> {
  const values = new Map<number, number[]>();
  for (const { round, value } of observations) {
    const known = values.get(round);
    if (known === undefined) values.set(round, [value]);
    else known.push(value);
  }
  return new Map([...values].map(([round, list]) => [round, Math.log(statisticOf(list, statistic))]));
}

function statisticOf(values: readonly number[], statistic: Statistic): number {
  const value = statistic.kind === 'mean' ? mean(values) : percentile(sorted(values), statistic.percent);
  return value ?? Number.NaN;
}

/**
 * How many times lower the own value is than the base's, within one bench: the ratio base / own is taken in every
 * round that both sides have, and combined over the rounds on the log scale.
 */
export function pairedRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  statistic: Statistic,
): Estimate {
  const [ownLogs, baseLogs] = [logByRound(own, statistic), logByRound(base, statistic)];
  const differences = [...ownLogs].flatMap(([round, log]) => {
    const other = baseLogs.get(round);
    return other === undefined ? [] : [other - log];
  });
  const counts = {
    rounds: differences.length,
    environments: Math.min(environmentsOf(own), environmentsOf(base)),
  };
  const center = mean(differences) ?? Number.NaN;
  const deviation = sampleStddev(differences);
  if (deviation === undefined || differences.length < LEAST_ROUNDS) {
    return { ratio: Math.exp(center), ...counts, needs: { rounds: LEAST_ROUNDS } };
  }
  const half = (studentQuantile(differences.length - 1) * deviation) / Math.sqrt(differences.length);
  return { ratio: Math.exp(center), interval: aroundLog(center, half), ...counts };
}

/**
 * How many times lower the own cold starts are than the base's, within one bench. Every environment starts cold once,
 * so that the environments are the sample; the rounds are not paired.
 */
export function coldRatio(
  own: readonly Observation[],
  base: readonly Observation[],
  statistic: Statistic,
): Estimate {
  const values = (side: readonly Observation[]) => side.map(({ value }) => value);
  const ratio = statisticOf(values(base), statistic) / statisticOf(values(own), statistic);
  const environments = Math.min(environmentsOf(own), environmentsOf(base));
  const counts = { rounds: 1, environments };
  if (environments < LEAST_ENVIRONMENTS) {
    return { ratio, ...counts, needs: { environments: LEAST_ENVIRONMENTS } };
  }
  const part = (side: readonly Observation[]) => {
    const logs = values(side).map(Math.log);
    return { variance: (sampleStddev(logs) ?? 0) ** 2 / logs.length, freedom: logs.length - 1 };
  };
  const parts = [part(own), part(base)];
  const variance = parts.reduce((total, one) => total + one.variance, 0);
  const freedom =
    variance === 0
      ? environments - 1
      : variance ** 2 / parts.reduce((total, one) => total + one.variance ** 2 / one.freedom, 0);
  return {
    ratio,
    interval: aroundLog(Math.log(ratio), studentQuantile(freedom) * Math.sqrt(variance)),
    ...counts,
  };
}

/** The interval of a ratio whose logarithm is `center` ± `half`. */
export function aroundLog(center: number, half: number): { readonly low: number; readonly high: number } {
  return { low: Math.exp(center - half), high: Math.exp(center + half) };
}
