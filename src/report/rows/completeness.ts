import type { Completeness } from '../../model/report.ts';
import type { CountInterval } from '../../model/run.ts';
import type { ReportSubject } from '../subject.ts';
import type { Aggregate } from './aggregate.ts';

/**
 * The number of REPORT rows that a run's calls must have left in its window, those of its warm-up and forced cold
 * starts included. Undefined if no load of this program made the calls, because nobody counted them.
 */
export function expectedRows({
  rounds,
  accounting,
}: Pick<ReportSubject, 'rounds' | 'accounting'>): CountInterval | undefined {
  if (accounting === undefined) return undefined;
  // The run's own accounting covers only the measured rounds.
  const others = rounds.filter(({ index }) => index <= 0).map((round) => round.accounting.reachedLambda);
  return {
    min: others.reduce((total, { min }) => total + min, accounting.reachedLambda.min),
    max: others.reduce((total, { max }) => total + max, accounting.reachedLambda.max),
  };
}

/** Compares the number of rows with the expected interval, if that is known. */
export function completenessOf(
  found: number,
  expected: CountInterval | undefined,
  others: Pick<Completeness, 'duplicates' | 'unreadable'> = { duplicates: 0, unreadable: 0 },
): Completeness {
  if (expected === undefined) return { found, verdict: 'uncounted', missing: 0, foreign: 0, ...others };
  const missing = Math.max(0, expected.min - found);
  const foreign = Math.max(0, found - expected.max);
  const verdict = missing > 0 ? 'short' : foreign > 0 ? 'foreign' : 'complete';
  return { found, expected, verdict, missing, foreign, ...others };
}

/**
 * Whether no missing row can arrive any more. This holds if the maximum of rows exists, if the minimum exists and the
 * last query found no more than the one before, or if nobody counted the calls.
 */
export function isSettled(
  { rows, requests }: Pick<Aggregate, 'rows' | 'requests'>,
  before: Pick<Aggregate, 'rows' | 'requests'> | undefined,
  expected: CountInterval | undefined,
): boolean {
  if (expected === undefined) return true;
  if (requests >= expected.max) return true;
  return requests >= expected.min && rows === before?.rows && requests === before.requests;
}
