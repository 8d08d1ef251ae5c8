import { expect, test } from 'vitest';
import { verdictOf } from '../../../src/report/verdict/verdict.ts';
import { decidedReport, undecidedReport } from '../../render/sample-reports.ts';

test('where the fastest run cannot be told, the verdict names the runs among which it is and how far the others are behind', async () => {
  const [warm] = verdictOf(await undecidedReport());
  expect(warm).toBe('Warm, Node or Rust is fastest on all three routes: 2.2 to 46 times as fast as Python.');
});

test('runs that are left out of one route for one reason stand in one phrase', async () => {
  const report = await decidedReport();
  const runs = report.runs.map((run) => ({ ...run, state: 'failed' as const }));
  const [phrase] = verdictOf({ ...report, runs }).filter((sentence) => sentence.startsWith('Left out'));
  expect(phrase).toMatch(/^Left out: \w+, \w+ and \w+ on cat \(no connection could be opened\);/);
});
