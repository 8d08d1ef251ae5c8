import type { TargetKind } from '../../model/target.ts';
import type { Estimate, Observation, Statistic } from './estimate.ts';
import { aroundLog, environmentsOf, logByRound, NEEDED } from './paired-ratio.ts';
import { mean, sampleStddev } from './statistics.ts';
import { studentQuantile } from './student.ts';

/** What else is known of two benches that are compared. */
export interface BenchContext {
  readonly target: TargetKind | 'url';
}

/** A change between two benches. */
export interface ChangeEstimate extends Estimate {
  /** The smallest relative change, above 0, that would probably have been noticed; absent without an interval. */
  readonly noticeable?: number;
}

/** How far two benches of the same build lie apart beyond what their rounds show: a standard deviation of the log. */
const BETWEEN_BENCHES = 0.05;

/**
 * By what factor a statistic changed from one bench to another at another time: after / before. The interval holds
 * the spread of the rounds on both sides, and that benches at different times differ by more than their rounds show.
 */
export function unpairedChange(
  before: readonly Observation[],
  after: readonly Observation[],
  statistic: Statistic,
  _context: BenchContext,
): ChangeEstimate {
  const sides = [before, after].map((side) => [...logByRound(side, statistic).values()]);
  const [left = [], right = []] = sides;
  const center = (mean(right) ?? Number.NaN) - (mean(left) ?? Number.NaN);
  const counts = {
    rounds: Math.min(left.length, right.length),
    environments: Math.min(environmentsOf(before), environmentsOf(after)),
  };
  if (counts.rounds < NEEDED.rounds) {
    return { ratio: Math.exp(center), ...counts, needs: { rounds: NEEDED.rounds } };
  }
  const rounds = sides.reduce((total, logs) => total + (sampleStddev(logs) ?? 0) ** 2 / logs.length, 0);
  const half = studentQuantile(counts.rounds - 1) * Math.sqrt(rounds + 2 * BETWEEN_BENCHES ** 2);
  return {
    ratio: Math.exp(center),
    interval: aroundLog(center, half),
    ...counts,
    noticeable: Math.expm1(half * 1.43),
  };
}
