// How far benches of one build lie apart beyond what their rounds show, and how far the processes of one function do:
// npm run bench:spread -- report.json report.json …  (reports of one build, one after the other)
// The constants of src/report/statistics come from here. Two benches are a pair where they follow each other and `compare`
// would give a verdict. Reports of two equal builds (bench:aa --mode builds) also show how far processes lie apart.
import { readFileSync } from 'node:fs';
import type { Report, ReportedRun } from '../../src/model/report.ts';
import { rowsOf } from '../../src/model/sample-rows.ts';
import { buildPairs } from '../../src/report/comparison/compare-builds.ts';
import { machineDiffers } from '../../src/report/comparison/same-machine.ts';
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

/** The logarithm of the p50 of each round, by the round's number. */
function logsOf(rows: readonly Observation[]): Map<number, number> {
  return new Map(
    [...valuesByRound(rows)].map(([round, values]) => [
      round,
      logStatistic(values, { kind: 'percentile', percent: 50 }, values.length),
    ]),
  );
}

/** The mean of some values, and the variance of this mean if the values are independent. */
function meanOf(values: readonly number[]) {
  return {
    value: mean(values) ?? Number.NaN,
    variance: (sampleStddev(values) ?? Number.NaN) ** 2 / values.length,
  };
}

function percent(variance: number | undefined): string {
  return variance === undefined || Number.isNaN(variance)
    ? '–'
    : `${(Math.sqrt(Math.max(0, variance)) * 100).toFixed(1)} %`;
}

function runOf(report: Report, label: string): ReportedRun | undefined {
  return report.runs.find((run) => run.label === label);
}

const pairs = reports.slice(1).flatMap((after, index) => {
  const before = reports[index];
  return before === undefined || machineDiffers(before, after) !== undefined
    ? []
    : [[before, after] as const];
});

console.log(
  '| function | benches | of a round’s p50 | between benches, beyond the rounds | between two benches in a row | between processes |',
);
console.log('| :-- | --: | --: | --: | --: | --: |');
const [beyond, inARow, processes]: [number[], number[], number[]] = [[], [], []];
for (const label of labels) {
  const benches = reports
    .flatMap(({ runs }) => runs.filter((run) => run.label === label))
    .map(warmRows)
    .filter((rows) => rows.length > 0);
  const rounds = benches.map((rows) => [...logsOf(rows).values()]);
  const means = rounds.map(meanOf);
  const ofRounds = mean(rounds.map((logs) => (sampleStddev(logs) ?? 0) ** 2)) ?? 0;
  const between =
    (sampleStddev(means.map(({ value }) => value)) ?? 0) ** 2 -
    (mean(means.map(({ variance }) => variance)) ?? 0);
  const steps = pairs.flatMap((pair) => {
    const [before, after] = pair.map((report) => {
      const run = runOf(report, label);
      return meanOf([...logsOf(run === undefined ? [] : warmRows(run)).values()]);
    });
    if (before === undefined || after === undefined) return [];
    const excess = (after.value - before.value) ** 2 - before.variance - after.variance;
    return Number.isNaN(excess) ? [] : [excess / 2];
  });
  const { variance } = environmentVariance(benches.map(spreadOf));
  beyond.push(between);
  inARow.push(...steps);
  processes.push(variance);
  console.log(
    `| ${label} | ${benches.length} | ${percent(ofRounds)} | ${percent(between)} | ${percent(mean(steps))} | ${percent(variance)} |`,
  );
}
console.log(
  `| root mean square | | | ${percent(mean(beyond))} | ${percent(mean(inARow))} | ${percent(mean(processes))} |`,
);
console.log(`${pairs.length} of ${reports.length - 1} pairs are of a machine in the same state.`);

/**
 * Of each pair of equal builds: the square of the mean log ratio of their rounds less its variance by the rounds, and how
 * much the rounds share their processes. Without a spread between processes the excess is 0 on average.
 */
const builds = reports.flatMap((report) =>
  buildPairs(report.runs.map(({ runtime }) => runtime)).flatMap(({ before, after }) =>
    report.runs
      .filter(({ runtime }) => runtime === before)
      .flatMap((own) => {
        const other = report.runs.find(({ runtime, route }) => runtime === after && route === own.route);
        if (other === undefined) return [];
        const sides = [own, other].map(warmRows);
        const [left = new Map<number, number>(), right = new Map<number, number>()] = sides.map(logsOf);
        const differences = [...left].flatMap(([round, log]) => {
          const paired = right.get(round);
          return paired === undefined ? [] : [paired - log];
        });
        const { value, variance } = meanOf(differences);
        const overlap = sides.reduce((sum, rows) => sum + spreadOf(rows).overlap, 0);
        return Number.isNaN(variance) ? [] : [{ excess: value ** 2 - variance, variance, overlap }];
      }),
  ),
);
if (builds.length > 0) {
  const excess = meanOf(builds.map((one) => one.excess));
  const overlap = mean(builds.map((one) => one.overlap)) ?? Number.NaN;
  const high = excess.value + 2 * Math.sqrt(excess.variance);
  console.log(
    `${builds.length} pairs of builds: a mean ratio varies by ${percent(mean(builds.map(({ variance }) => variance)))} by its rounds; between processes beyond them ${percent(excess.value / overlap)}, at most ${percent(high / overlap)} (two standard errors).`,
  );
}
