import type { Completeness } from '../../model/report.ts';
import type { CountInterval } from '../../model/run.ts';

/** Rows found against the interval of rows that should be there. */
export function completenessOf(found: number, expected: CountInterval): Completeness {
  const missing = Math.max(0, expected.min - found);
  const foreign = Math.max(0, found - expected.max);
  const verdict = missing > 0 ? 'short' : foreign > 0 ? 'foreign' : 'complete';
  return { found, expected, verdict, missing, foreign };
}

/**
 * Whether waiting longer can't add a row that is due: the maximum is there, or the minimum is and the last look found
 * no more than the one before.
 */
export function isSettled(found: number, foundBefore: number | undefined, expected: CountInterval): boolean {
  return found >= expected.max || (found >= expected.min && found === foundBefore);
}
