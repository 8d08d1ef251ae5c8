import { counted } from '../model/number-text.ts';
import { DEFAULT_PERCENTILES, isMaximum } from '../model/percentiles.ts';
import type { InvocationGroup, Report, ReportedRun, Temperature } from '../model/report.ts';
import type { Figure } from './figure.ts';
import { COST_FIGURES, groupFigures } from './figures.ts';
import { groupsOf } from './report-view.ts';

/**
 * One figure in the format of github-action-benchmark, for its tool `customSmallerIsBetter`.
 * @see https://github.com/benchmark-action/github-action-benchmark#examples
 */
interface BenchmarkFigure {
  /** Identifies a line of its charts, so it is the same from run to run. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** How the figure was measured. It is shown beside the figure. */
  readonly extra: string;
}

/**
 * Renders the figures of a report for a chart over commits, as a JSON array. For every function and temperature it has
 * the median and the 99th percentile of the duration in ms, the mean billed duration in ms and the highest memory in
 * MB; for every function the cost of a million calls in US dollars. Of several runs of one function in one size the
 * last one counts. A run whose rows could not be read has no figures.
 */
export function renderGithubBenchmark(report: Report): string {
  const byName = new Map<string, BenchmarkFigure>();
  for (const run of report.runs) {
    const size = run.memorySizeMB === undefined ? '' : ` ${run.memorySizeMB} MB`;
    const label = `${run.label}${size}${run.architecture === undefined ? '' : ` ${run.architecture}`}`;
    const figures = [
      ...groupsOf(run).flatMap(({ temperature, group }) => durations(label, temperature, group, run)),
      ...cost(label, run, report),
    ];
    for (const figure of figures) byName.set(figure.name, figure);
  }
  return `${JSON.stringify([...byName.values()], undefined, 2)}\n`;
}

function durations(
  label: string,
  temperature: Temperature,
  group: InvocationGroup,
  run: ReportedRun,
): BenchmarkFigure[] {
  const rounds = run.rounds.filter(({ index }) => index > 0).length;
  const evidence = `${counted(group.count, 'invocation')} in ${counted(rounds, 'round')}`;
  return benchmarkFigures(
    `${label} ${temperature}`,
    groupFigures(DEFAULT_PERCENTILES),
    group,
    ({ percent }) =>
      percent !== undefined && isMaximum(percent, group.count)
        ? `${evidence}, the maximum of these`
        : evidence,
  );
}

function cost(label: string, run: ReportedRun, { cost }: Report): BenchmarkFigure[] {
  const row = cost.state === 'priced' ? cost.rows.find(({ runId }) => runId === run.runId) : undefined;
  if (cost.state === 'unpriced' || row === undefined) return [];
  const extra = `prices of ${cost.priceRegion}, ${cost.pricesAsOf}`;
  return benchmarkFigures(label, COST_FIGURES, row, () => extra);
}

/** The figures of the catalogue that have a name in this format. @param extraOf how a figure was measured */
function benchmarkFigures<Subject>(
  label: string,
  catalogue: readonly Figure<Subject>[],
  subject: Subject,
  extraOf: (figure: Figure<Subject>) => string,
): BenchmarkFigure[] {
  return catalogue.flatMap((figure) => {
    const value = figure.value(subject);
    return figure.benchmark === undefined || value === undefined
      ? []
      : [{ name: `${label} ${figure.benchmark}`, unit: figure.unit, value, extra: extraOf(figure) }];
  });
}
