import type { InvocationGroup, Report, Summary } from '../model/report.ts';
import { groupsOf } from './report-view.ts';

/** Insights' bytes per MB of a REPORT line, and the divisor in the published query. */
const MEBIBYTES_PER_MB = 1_000_000 / 1024 / 1024;
/** Insights prints about four decimals. */
const DECIMALS = 1e4;

const STATISTICS = [
  ['avg', 'mean'],
  ['min', 'min'],
  ['max', 'max'],
  ['StdDev', 'stddev'],
] as const;

/** The quantities of the published query, by the ends of their column names. */
const QUANTITIES: readonly (readonly [
  name: string,
  value: (group: InvocationGroup) => Summary,
  scale: number,
])[] = [
  ['Duration', ({ durationMs }) => durationMs, 1],
  ['Billed', ({ billedMs }) => billedMs, 1],
  ['Ram', ({ memoryMB }) => memoryMB, MEBIBYTES_PER_MB],
];

/**
 * Renders the report in the columns of the query that was published with the original demo, for spreadsheets that were
 * made for its result. It is a CSV with one row per function and `coldStart` (1 or 0). Durations are in ms, memory is
 * in MiB of Insights' bytes (122.07 for 128 MB), all with four decimals. The standard deviation is that of the sample.
 */
export function renderInsights(report: Report): string {
  const names = QUANTITIES.flatMap(([quantity]) => STATISTICS.map(([name]) => `${name}${quantity}`));
  const rows = report.runs.flatMap((run) =>
    groupsOf(run).map(({ temperature, group }) => [
      run.label,
      temperature === 'cold' ? '1' : '0',
      String(group.count),
      ...QUANTITIES.flatMap(([, summaryOf, scale]) =>
        STATISTICS.map(([, statistic]) => numberText(summaryOf(group)[statistic], scale)),
      ),
    ]),
  );
  return [['Lambda', 'coldStart', 'count', ...names], ...rows]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
}

/** Empty if there is no value, such as the deviation of a single row. */
function numberText(value: number | undefined, scale: number): string {
  return value === undefined ? '' : String(Math.round(value * scale * DECIMALS) / DECIMALS);
}
