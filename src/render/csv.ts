import { counted } from '../model/number-text.ts';
import { isMaximum, percentileName } from '../model/percentiles.ts';
import type { CostRow, InvocationGroup, Report, ReportedRun, Temperature } from '../model/report.ts';
import type { Figure } from './figure.ts';
import { COST_FIGURES, clientFigures, groupFigures } from './figures.ts';
import { groupsOf } from './report-view.ts';
import { BUNDLE_FIGURES, COLD_START_FIGURES, ROWS_FIGURES } from './table-figures.ts';

type Cell = string | number | undefined;

interface CsvRow {
  readonly report: Report;
  readonly run: ReportedRun;
  readonly temperature: Temperature;
  readonly group: InvocationGroup;
  readonly cost: CostRow | undefined;
}

type CsvColumn = readonly [name: string, cell: (row: CsvRow) => Cell];

const identity: readonly CsvColumn[] = [
  ['function', ({ run }) => run.label],
  ['runtime', ({ run }) => run.runtime],
  ['route', ({ run }) => run.route],
  ['temperature', ({ temperature }) => temperature],
  ['target', ({ report }) => report.target.kind],
  ['region', ({ report }) => report.target.region],
  ['architecture', ({ run }) => run.architecture],
  ['memory_size_mb', ({ run }) => run.memorySizeMB],
  ['cpu_quota_us', ({ run }) => run.enforcedCpu?.quotaUs],
  ['lambda_runtime', ({ run }) => run.lambdaRuntime],
  ['interpreter', ({ run }) => run.interpreter],
  ['run_id', ({ run }) => run.runId],
  ['run_state', ({ run }) => run.state],
  ['window_start', ({ run }) => new Date(run.window.startEpochMs).toISOString()],
  ['window_end', ({ run }) => new Date(run.window.endEpochMs).toISOString()],
];

function completeness({ server }: ReportedRun) {
  return server.state === 'measured' ? server.completeness : undefined;
}

/**
 * Names the percentiles of this row that are the maximum of its values: `p99 of 80 rows is their maximum`. Empty if
 * there is none.
 */
function noteOf({ report, group }: CsvRow): string {
  const maxima = report.percentiles.filter((percent) => isMaximum(percent, group.count)).map(percentileName);
  return maxima.length === 0 ? '' : `${maxima.join(' ')} of ${counted(group.count, 'row')} is their maximum`;
}

function columnsOf(report: Report): CsvColumn[] {
  const figures = <Subject>(
    catalogue: readonly Figure<Subject>[],
    subject: (row: CsvRow) => Subject | undefined,
  ) =>
    catalogue.map(
      ({ name, value }): CsvColumn => [
        name,
        (row) => {
          const of = subject(row);
          return of === undefined ? undefined : value(of);
        },
      ],
    );
  return [
    ...identity,
    ...figures(groupFigures(report.percentiles), ({ group }) => group),
    ...figures(ROWS_FIGURES, ({ run }) => completeness(run)),
    ['run_rounds', ({ run }) => run.rounds.filter(({ index }) => index > 0).length],
    ...figures(COLD_START_FIGURES, ({ run }) => run.coldStarts),
    ...figures(BUNDLE_FIGURES, ({ run }) => run.bundle),
    ...figures(clientFigures(report.percentiles), ({ run }) => run.client),
    ...figures(COST_FIGURES, ({ cost }) => cost),
    ['note', noteOf],
  ];
}

/** Decimals that are written. No clock and no price has more, and further digits come from binary fractions. */
const MOST_DECIMALS = 1e6;

/** A text that spreadsheets run as a formula. An apostrophe in front makes it text. */
const FORMULA_START = /^[=+\-@\t\r]/;

/** Renders one cell, with quotes if needed. */
function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(Math.round(cell * MOST_DECIMALS) / MOST_DECIMALS);
  const safe = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Renders the report for spreadsheets: one header, plain numbers with a decimal point, one row per function and
 * temperature. Columns that begin with `run_` describe the whole run and are equal in each of its rows.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function renderCsv(report: Report): string {
  const { cost } = report;
  const columns = columnsOf(report);
  const lines = report.runs.flatMap((run) =>
    groupsOf(run).map(({ temperature, group }) => {
      const row: CsvRow = {
        report,
        run,
        temperature,
        group,
        cost: cost.state === 'priced' ? cost.rows.find(({ runId }) => runId === run.runId) : undefined,
      };
      return columns.map(([, cell]) => cellText(cell(row))).join(',');
    }),
  );
  return [columns.map(([name]) => name).join(','), ...lines, ''].join('\r\n');
}
