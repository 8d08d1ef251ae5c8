import { usageError } from '../../errors.ts';
import {
  COMPARISON_SCHEMA,
  type ComparedFunction,
  type ComparedMetric,
  type ComparedSide,
  type Comparison,
  type MetricChange,
  type Report,
  type ReportedRun,
  TEMPERATURES,
  type Temperature,
} from '../../model/report.ts';
import { columnOf, ROW_STATUS, rowsOf } from '../rows/samples.ts';
import {
  type ResampledStatistic,
  ratioInterval,
  resampledMean,
  resampledPercentile,
} from '../statistics/bootstrap.ts';
import { type Random, seededRandom } from '../statistics/random-draws.ts';
import { type Sorted, sorted, summarize } from '../statistics/statistics.ts';
import { differencesOf } from './differences.ts';
import { type FailRule, judgeRules } from './fail-rules.ts';

const SEED = 20_260_402;

/** A report under the name that a person gave it: a file, a run, a bench. */
export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

/** What is known of one function at one temperature on one side. */
interface Side {
  readonly count: number;
  readonly values: Readonly<Partial<Record<ComparedMetric, number>>>;
  /** Resampled for the intervals; absent where a statistic has none. */
  readonly draws: Readonly<Partial<Record<ComparedMetric, ResampledStatistic>>>;
}

/**
 * What changed between two reports, per function and temperature, later over earlier. Several runs of one function in
 * a report are pooled.
 * @throws usageError `not-comparable` where target kind, memory size or architecture differ, unless `force`
 */
export function compareReports(
  before: NamedReport,
  after: NamedReport,
  options: { readonly rules: readonly FailRule[]; readonly force: boolean },
): Comparison {
  const [labelsBefore, labelsAfter] = [labelsOf(before.report), labelsOf(after.report)];
  const shared = labelsBefore.filter((label) => labelsAfter.includes(label));
  if (!options.force) refuseUnlike(before, after, shared);
  const random = seededRandom(SEED);
  const functions = shared.flatMap((label) =>
    TEMPERATURES.flatMap((temperature) =>
      compareFunction(before.report, after.report, label, temperature, random),
    ),
  );
  return {
    schema: COMPARISON_SCHEMA,
    before: sideOf(before),
    after: sideOf(after),
    functions,
    differences: differencesOf(before.report, after.report, shared),
    onlyBefore: labelsBefore.filter((label) => !shared.includes(label)),
    onlyAfter: labelsAfter.filter((label) => !shared.includes(label)),
    rules: judgeRules(options.rules, functions),
  };
}

/** 1 where a rule failed, else 0. */
export function comparisonExitCode(comparison: Comparison): 0 | 1 {
  return comparison.rules.some(({ state }) => state === 'failed') ? 1 : 0;
}

function labelsOf(report: Report): string[] {
  return [...new Set(report.runs.map(({ label }) => label))];
}

function sideOf({ name, report }: NamedReport): ComparedSide {
  return {
    name,
    createdAtEpochMs: report.createdAtEpochMs,
    toolVersion: report.toolVersion,
    targetKind: report.target.kind,
    ...(report.target.region === undefined ? {} : { region: report.target.region }),
  };
}

function refuseUnlike(before: NamedReport, after: NamedReport, shared: readonly string[]): void {
  const refuse = (what: string, left: string, right: string) =>
    usageError(
      'not-comparable',
      `${before.name} and ${after.name} are of different ${what} (${left}; ${right}): their difference says nothing of the code`,
      '--force compares them all the same',
    );
  const [kindBefore, kindAfter] = [before.report.target.kind, after.report.target.kind];
  if (kindBefore !== kindAfter) throw refuse('targets', kindBefore, kindAfter);
  for (const label of shared) {
    const texts = (value: (run: ReportedRun) => string) =>
      [before.report, after.report].map((report) =>
        [...new Set(runsOf(report, label).map(value))].join(', '),
      ) as [string, string];
    const memory = texts(({ memorySizeMB }) =>
      memorySizeMB === undefined ? 'unknown' : `${memorySizeMB} MB`,
    );
    if (memory[0] !== memory[1]) throw refuse('memory sizes', ...memory);
    const architecture = texts((run) => run.architecture ?? 'unknown');
    if (architecture[0] !== architecture[1]) throw refuse('architectures', ...architecture);
  }
}

function runsOf(report: Report, label: string): ReportedRun[] {
  return report.runs.filter((run) => run.label === label);
}

function compareFunction(
  before: Report,
  after: Report,
  label: string,
  temperature: Temperature,
  random: Random,
): ComparedFunction[] {
  const [runs, laterRuns] = [runsOf(before, label), runsOf(after, label)];
  const [left, right] = [measure(runs, temperature), measure(laterRuns, temperature)];
  const [sample] = laterRuns;
  if (left === undefined || right === undefined || sample === undefined) return [];
  const metrics = Object.keys(left.values) as ComparedMetric[];
  return [
    {
      label,
      runtime: sample.runtime,
      route: sample.route,
      temperature,
      beforeCount: left.count,
      afterCount: right.count,
      changes: metrics.flatMap((metric) => {
        const change = compareMetric(metric, left, right, random);
        return change === undefined ? [] : [change];
      }),
    },
  ];
}

function compareMetric(
  metric: ComparedMetric,
  left: Side,
  right: Side,
  random: Random,
): MetricChange | undefined {
  const [before, after] = [left.values[metric], right.values[metric]];
  if (before === undefined || after === undefined) return undefined;
  const [drawBefore, drawAfter] = [left.draws[metric], right.draws[metric]];
  const ratios =
    before === 0 || drawBefore === undefined || drawAfter === undefined
      ? undefined
      : ratioInterval({ size: right.count, draw: drawAfter }, { size: left.count, draw: drawBefore }, random);
  const interval = ratios === undefined ? undefined : { low: ratios.low - 1, high: ratios.high - 1 };
  const verdict =
    before === after
      ? 'same'
      : interval === undefined
        ? 'unclear'
        : interval.high < 0
          ? 'better'
          : interval.low > 0
            ? 'worse'
            : 'unclear';
  return {
    metric,
    before,
    after,
    ...(before === 0 ? {} : { change: after / before - 1 }),
    ...(interval === undefined ? {} : { interval }),
    verdict,
  };
}

/** One function's figures: from the pooled rows of its runs, or where a run has none, from the last run's groups. */
function measure(runs: readonly ReportedRun[], temperature: Temperature): Side | undefined {
  const samples = runs.flatMap(({ server }) =>
    server.state === 'measured' && server.samples !== undefined ? [server.samples] : [],
  );
  if (samples.length < runs.length || samples.length === 0) return measureGroup(runs.at(-1), temperature);
  const pool = (column: 'durationMs' | 'initMs' | 'billedMs' | 'memoryMB'): Sorted =>
    sorted(samples.flatMap((one) => [...columnOf(one, column, temperature)]));
  const durations = pool('durationMs');
  const summary = summarize(durations);
  if (summary === undefined) return undefined;
  const isCold = temperature === 'cold';
  const [billed, memory] = [pool('billedMs'), pool('memoryMB')];
  const init = isCold ? pool('initMs') : undefined;
  const failed = samples.reduce(
    (total, one) =>
      total + rowsOf(one, temperature).filter((row) => one.status[row] !== ROW_STATUS.ok).length,
    0,
  );
  return {
    count: durations.length,
    values: {
      p50: summary.p50,
      p90: summary.p90,
      p99: summary.p99,
      avg: summary.mean,
      max: summary.max,
      ...(init === undefined ? {} : { init: summarize(init)?.mean ?? 0 }),
      billed: summarize(billed)?.mean ?? 0,
      memory: summarize(memory)?.mean ?? 0,
      errors: failed / durations.length,
    },
    draws: {
      p50: resampledPercentile(durations, 50),
      p90: resampledPercentile(durations, 90),
      p99: resampledPercentile(durations, 99),
      avg: resampledMean(durations),
      ...(init === undefined ? {} : { init: resampledMean(init) }),
      billed: resampledMean(billed),
      memory: resampledMean(memory),
    },
  };
}

function measureGroup(run: ReportedRun | undefined, temperature: Temperature): Side | undefined {
  const group = run?.server.state === 'measured' ? run.server[temperature] : undefined;
  if (group === undefined) return undefined;
  return {
    count: group.count,
    values: {
      p50: group.durationMs.p50,
      p90: group.durationMs.p90,
      p99: group.durationMs.p99,
      avg: group.durationMs.mean,
      max: group.durationMs.max,
      ...(group.initMs === undefined ? {} : { init: group.initMs.mean }),
      billed: group.billedMs.mean,
      memory: group.memoryMB.mean,
      errors: (group.errors + group.timeouts) / group.count,
    },
    draws: {},
  };
}
