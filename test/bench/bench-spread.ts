// How far benches of one build lie apart beyond what their rounds show, and how far the processes of one function do:
// npm run bench:spread -- report.json report.json …  (reports of one build, one after the other)
// The constants of src/report/statistics come from here.
import { readFileSync } from 'node:fs';
import type { Report, ReportedRun } from '../../src/model/report.ts';
import { rowsOf } from '../../src/model/sample-rows.ts';
import { environmentVariance, spreadOf } from '../../src/report/statistics/environment-spread.ts';
import type { Observation } from '../../src/report/statistics/estimate.ts';
import { logStatistic, valuesByRound } from '../../src/report/statistics/round-statistics.ts';
import { mean, sampleStddev } from '../../src/report/statistics/statistics.ts';

const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')) as Report);
const labels = [...new Set(reports.flatMap(({ runs }) => runs.map(({ label }) => label)))];

function warmRows(run: ReportedRun): Observation[] {
  const samples = run.server.state === 'measured' ? run.server.samples : undefined;
  return samples === undefined
    ? []
    : rowsOf(samples, 'warm').map((row) => ({
        round: samples.round[row] ?? 0,
        environment: samples.environment[row] ?? 0,
        value: samples.durationMs[row] ?? Number.NaN,
      }));
}

function percent(variance: number): string {
  return `${(Math.sqrt(Math.max(0, variance)) * 100).toFixed(1)} %`;
}

console.log(
  '| function | benches | of a round’s p50 | between benches, beyond the rounds | between processes |',
);
console.log('| :-- | --: | --: | --: | --: |');
const [beyond, processes]: [number[], number[]] = [[], []];
for (const label of labels) {
  const benches = reports
    .flatMap(({ runs }) => runs.filter((run) => run.label === label))
    .map(warmRows)
    .filter((rows) => rows.length > 0);
  const rounds = benches.map((rows) =>
    [...valuesByRound(rows).values()].map((values) =>
      logStatistic(values, { kind: 'percentile', percent: 50 }, values.length),
    ),
  );
  const ofRounds = mean(rounds.map((logs) => (sampleStddev(logs) ?? 0) ** 2)) ?? 0;
  const ofMeans = mean(rounds.map((logs) => (sampleStddev(logs) ?? 0) ** 2 / logs.length)) ?? 0;
  const between = (sampleStddev(rounds.map((logs) => mean(logs) ?? Number.NaN)) ?? 0) ** 2 - ofMeans;
  const { variance } = environmentVariance(benches.map(spreadOf));
  beyond.push(between);
  processes.push(variance);
  console.log(
    `| ${label} | ${benches.length} | ${percent(ofRounds)} | ${percent(between)} | ${percent(variance)} |`,
  );
}
console.log(`| root mean square | | | ${percent(mean(beyond) ?? 0)} | ${percent(mean(processes) ?? 0)} |`);
