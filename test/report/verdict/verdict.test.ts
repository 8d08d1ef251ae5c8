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
  // The amounts are those of the cats at 128 MB. Python has no forecast for the sheep here, so the sheep of the
  // others, which are cheaper, are left out of their means too.
  expect(sentence).toMatch(
    /a million calls cost \$4\.02, \$7\.87 and \$3\.74, Lambda's part of it \$0\.52, \$4\.37 and \$0\.24\.$/,
  );
});

test('where a region has no price of API Gateway, the forecast tells the cost of Lambda alone', async () => {
  const report = await forecastReport();
  if (report.cost.state !== 'priced') throw new Error('no prices');
  const rows = report.cost.rows.map(({ apiGatewayUsd: _, ...row }) => row);
  const sentence = verdictOf({ ...report, cost: { ...report.cost, rows } }).at(-1);
  expect(sentence).toMatch(/; Lambda's part of a million calls costs \$/);
});

test('a verdict with everything to say keeps the forecast as its last of six sentences', async () => {
  const { forecast } = await forecastReport();
  const report = await undecidedReport();
  const [first] = report.runs;
  if (first === undefined || forecast === undefined) throw new Error('no runs or no forecast');
  const failed = { ...first, runId: 'failed', state: 'failed' as const };
  const tooSmall = { points: [], cheapestMB: [], fastestMB: [], paretoMB: [], outOfMemoryMB: [128] };
  const curve = { route: 'cat', runtime: 'node', architecture: 'arm64' as const, ...tooSmall };
  const sweep = { curves: [curve], architectures: [] };
  const sentences = verdictOf({ ...report, runs: [...report.runs, failed], sweep, forecast });
  expect(sentences).toHaveLength(6);
  expect(sentences.at(-2)).toMatch(/^Could not be told: .*\. Left out: .*\.$/);
  expect(sentences.at(-1)).toMatch(/^Forecast for Lambda/);
});
