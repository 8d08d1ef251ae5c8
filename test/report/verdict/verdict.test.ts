import { expect, test } from 'vitest';
import { verdictOf } from '../../../src/report/verdict/verdict.ts';
import { decidedReport, failedReport, forecastReport, undecidedReport } from '../../render/sample-reports.ts';

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

test('where failed calls leave no route with a price for every language, the verdict tells the cost of one route', async () => {
  const cost = verdictOf(await failedReport()).find((sentence) => sentence.startsWith('A million calls'));
  expect(cost).toBe(
    'A million calls cost $3.92 in Rust and $13.63 in Python on cat; compute alone is $0.22 and $9.93.',
  );
});

test("the forecast's cost is that of the routes that every language has a forecast for", async () => {
  const report = await forecastReport();
  if (report.forecast?.state !== 'made') throw new Error('no forecast');
  const functions = report.forecast.functions.filter(
    ({ runtime, route }) => runtime !== 'python' || route !== 'sheep',
  );
  const sentence = verdictOf({ ...report, forecast: { ...report.forecast, functions } }).at(-1);
  // At 128 MB the cats cost this much; Node's and Rust's sheep would lower only their own means.
  expect(sentence).toMatch(/Lambda's part of a million calls costs \$0\.52, \$4\.37 and \$0\.24\.$/);
});
