import type { FurtherError, Observation } from './estimate.ts';
import { NORMAL_QUANTILE, studentQuantile } from './student.ts';

/**
 * The fewest environments of a side that show how environments differ. The number was chosen by the coverage of the
 * intervals.
 */
export const LEAST_ENVIRONMENTS = 4;

/**
 * The factor by which the variance between environments is enlarged. Environments affect a percentile more than the
 * mean, and a few of them are not normally distributed. The factor was chosen by the coverage of the intervals.
 */
function enlargement(degreesOfFreedom: number): number {
  return 1.1 + 1 / degreesOfFreedom;
}

/** The number of environments that served the observations. */
export function environmentsOf(observations: readonly Observation[]): number {
  return new Set(observations.map(({ environment }) => environment)).size;
}

interface EnvironmentTotals {
  count: number;
  /** The sums over the logarithms, each less the mean of its round. */
  sum: number;
  squares: number;
}

/** The analysis of one side's environments. */
export interface SideSpread {
  /** Sum of squares between environments, and its degrees of freedom. */
  readonly between: number;
  readonly betweenFreedom: number;
  /** Sum of squares within environments, and its degrees of freedom. */
  readonly within: number;
  readonly withinFreedom: number;
  /** The effective number of rows per environment, times `betweenFreedom`. */
  readonly rowsPerEnvironment: number;
  /**
   * How much the rounds share their environments: the mean, over all pairs of rounds, of the sum over environments of
   * the product of their shares. 1 for one environment throughout, 0 if every round has its own environments.
   */
  readonly overlap: number;
}

/**
 * The error from environments that serve several rounds. A fast or slow host is so in all of these rounds, so the
 * spread between rounds does not show it.
 */
export interface EnvironmentError extends FurtherError {
  /** Whether a side has too few environments to estimate the error. */
  readonly isUnknown: boolean;
}

/**
 * The part of the error of (log) statistics that comes from the random choice of environments. The variance between
 * environments is estimated from both sides together (one-way analysis of variance of the logarithms, each less the
 * mean of its round). It is assumed that an environment is equally slow or fast for all its calls.
 *
 * @param knownDeviation used if there are too few environments: the standard deviation between them on the log scale
 */
export function environmentError(
  sides: readonly (readonly Observation[])[],
  knownDeviation: number | undefined,
): EnvironmentError {
  const spreads = sides.map(spreadOf);
  const overlap = spreads.reduce((total, one) => total + one.overlap, 0);
  const known = { freedom: Number.POSITIVE_INFINITY, isUnknown: false };
  if (overlap === 0) return { half: 0, ...known };
  if (spreads.some(({ betweenFreedom }) => betweenFreedom < LEAST_ENVIRONMENTS - 1)) {
    if (knownDeviation === undefined) return { ...known, half: 0, isUnknown: true };
    return { half: NORMAL_QUANTILE * knownDeviation * Math.sqrt(overlap), ...known };
  }
  const { variance, freedom } = environmentVariance(spreads);
  return { half: studentQuantile(freedom) * Math.sqrt(variance * overlap), freedom, isUnknown: false };
}

/** The variance between environments, on the log scale, over all sides, and its degrees of freedom. */
export function environmentVariance(spreads: readonly SideSpread[]): {
  readonly variance: number;
  readonly freedom: number;
} {
  const total = (part: (spread: SideSpread) => number) => spreads.reduce((sum, one) => sum + part(one), 0);
  const [between, freedom] = [total((one) => one.between), total((one) => one.betweenFreedom)];
  const withinFreedom = total((one) => one.withinFreedom);
  const within = withinFreedom === 0 ? 0 : total((one) => one.within) / withinFreedom;
  const excess = enlargement(freedom) * Math.max(0, between - freedom * within);
  return { variance: excess === 0 ? 0 : excess / total((one) => one.rowsPerEnvironment), freedom };
}

/** Analyses the environments of one side's observations. */
export function spreadOf(observations: readonly Observation[]): SideSpread {
  const rounds = new Map<number, Observation[]>();
  for (const observation of observations) {
    if (!(observation.value > 0)) continue;
    const known = rounds.get(observation.round);
    if (known === undefined) rounds.set(observation.round, [observation]);
    else known.push(observation);
  }
  const totals = new Map<number, EnvironmentTotals>();
  for (const round of rounds.values()) addRound(totals, round);
  const all = [...totals.values()];
  const sumOf = (part: (one: EnvironmentTotals) => number) => all.reduce((sum, one) => sum + part(one), 0);
  const rows = sumOf(({ count }) => count);
  const between = sumOf(({ sum, count }) => sum ** 2 / count);
  return {
    between,
    betweenFreedom: Math.max(0, all.length - 1),
    within: Math.max(0, sumOf(({ squares }) => squares) - between),
    withinFreedom: rows - all.length,
    rowsPerEnvironment: rows === 0 ? 0 : rows - sumOf(({ count }) => count ** 2) / rows,
    overlap: overlapOf([...rounds.values()]),
  };
}

function addRound(totals: Map<number, EnvironmentTotals>, round: readonly Observation[]): void {
  const center = round.reduce((sum, { value }) => sum + Math.log(value), 0) / round.length;
  for (const { environment, value } of round) {
    const known = totals.get(environment) ?? { count: 0, sum: 0, squares: 0 };
    const distance = Math.log(value) - center;
    known.count++;
    known.sum += distance;
    known.squares += distance ** 2;
    if (known.count === 1) totals.set(environment, known);
  }
}

/** The sum over environments and pairs of rounds is the square of the sum of shares, less the sum of their squares. */
function overlapOf(rounds: readonly (readonly Observation[])[]): number {
  const count = rounds.length;
  if (count < 2) return 0;
  const shares = new Map<number, { sum: number; squares: number }>();
  for (const round of rounds) {
    const own = new Map<number, number>();
    for (const { environment } of round) own.set(environment, (own.get(environment) ?? 0) + 1 / round.length);
    for (const [environment, share] of own) {
      const known = shares.get(environment) ?? { sum: 0, squares: 0 };
      shares.set(environment, { sum: known.sum + share, squares: known.squares + share ** 2 });
    }
  }
  const total = [...shares.values()].reduce((sum, one) => sum + one.sum ** 2 - one.squares, 0);
  return Math.max(0, total) / (count * (count - 1));
}
