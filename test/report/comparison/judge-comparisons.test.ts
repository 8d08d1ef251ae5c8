import { expect, test } from 'vitest';
import { compareReports } from '../../../src/report/comparison/compare-reports.ts';
import { judgeComparisons, noticedShare } from '../../bench/judge-comparisons.ts';
import { reportOfRounds } from './reports-of-rounds.ts';

async function compared(seed: number, typicalMs: number) {
  const [before, after] = await Promise.all([
    reportOfRounds({ seed, rounds: 8 }),
    reportOfRounds({ seed: seed + 50, rounds: 8, typicalMs }),
  ]);
  return compareReports(
    { name: 'before', report: before },
    { name: 'after', report: after },
    { rules: [], force: false },
  );
}

test('the judgement counts figures with an interval, those called changed, and the benches in which a slower build was noticed', async () => {
  const [alike, slower] = [await compared(1, 20), await compared(2, 30)];
  // Warm: three percentiles, mean, billed, memory. Cold: the same and init; its p90 and p99 have no interval.
  expect(judgeComparisons([alike])).toEqual({
    comparisons: 1,
    withoutVerdict: 0,
    figures: 13,
    withInterval: 11,
    changed: 0,
    changedShare: 0,
  });
  expect(judgeComparisons([slower]).changed).toBeGreaterThanOrEqual(5);
  expect(noticedShare([alike, slower])).toBe(0.5);
  expect(judgeComparisons([])).toMatchObject({ comparisons: 0, changedShare: 0 });
  expect(noticedShare([])).toBeNaN();
});
