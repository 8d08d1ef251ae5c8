import type { CostRow, InvocationGroup, Report, ReportedRun, Summary, Temperature } from '../model/report.ts';
import { groupsOf } from './report-view.ts';

type Cell = string | number | undefined;

interface CsvRow {
  readonly report: Report;
  readonly run: ReportedRun;
  readonly temperature: Temperature;
  readonly group: InvocationGroup;
  readonly cost: CostRow | undefined;
}

type CsvColumn = readonly [name: string, cell: (row: CsvRow) => Cell];

function summaryColumns(
  name: string,
  unit: string,
  summary: (group: InvocationGroup) => Summary | undefined,
): CsvColumn[] {
  const of =
    (value: (summary: Summary) => number | undefined) =>
    ({ group }: CsvRow): Cell => {
      const found = summary(group);
      return found === undefined ? undefined : value(found);
    };
  return [
    [`${name}_avg_${unit}`, of(({ mean }) => mean)],
    [`${name}_min_${unit}`, of(({ min }) => min)],
    [`${name}_max_${unit}`, of(({ max }) => max)],
    [`${name}_stddev_${unit}`, of(({ stddev }) => stddev)],
    [`${name}_p50_${unit}`, of(({ p50 }) => p50)],
    [`${name}_p90_${unit}`, of(({ p90 }) => p90)],
    [`${name}_p99_${unit}`, of(({ p99 }) => p99)],
  ];
}

const COLUMNS: readonly CsvColumn[] = [
  ['function', ({ run }) => run.label],
  ['runtime', ({ run }) => run.runtime],
  ['route', ({ run }) => run.route],
  ['temperature', ({ temperature }) => temperature],
  ['target', ({ report }) => report.target.kind],
  ['region', ({ report }) => report.target.region],
  ['architecture', ({ run }) => run.architecture],
  ['memory_size_mb', ({ run }) => run.memorySizeMB],
  ['lambda_runtime', ({ run }) => run.lambdaRuntime],
  ['run_id', ({ run }) => run.runId],
  ['window_start', ({ run }) => new Date(run.window.startEpochMs).toISOString()],
  ['window_end', ({ run }) => new Date(run.window.endEpochMs).toISOString()],
  ['count', ({ group }) => group.count],
  ...summaryColumns('duration', 'ms', ({ durationMs }) => durationMs),
  ...summaryColumns('init', 'ms', ({ initMs }) => initMs),
  ...summaryColumns('billed', 'ms', ({ billedMs }) => billedMs),
  ...summaryColumns('memory', 'mb', ({ memoryMB }) => memoryMB),
  ['errors', ({ group }) => group.errors],
  ['timeouts', ({ group }) => group.timeouts],
  [
    'run_rows_found',
    ({ run }) => (run.server.state === 'measured' ? run.server.completeness.found : undefined),
  ],
  [
    'run_rows_expected_min',
    ({ run }) => (run.server.state === 'measured' ? run.server.completeness.expected.min : undefined),
  ],
  [
    'run_rows_expected_max',
    ({ run }) => (run.server.state === 'measured' ? run.server.completeness.expected.max : undefined),
  ],
  ['run_calls', ({ run }) => run.client.calls],
  ['run_successes', ({ run }) => run.client.successes],
  ['run_unexpected', ({ run }) => run.client.unexpected],
  ['run_errors', ({ run }) => run.client.errors],
  ['run_retries', ({ run }) => run.client.retries],
  ['run_calls_per_second', ({ run }) => run.client.ratePerSecond],
  ['run_client_avg_ms', ({ run }) => run.client.latency?.meanMs],
  ['run_client_p50_ms', ({ run }) => run.client.latency?.p50Ms],
  ['run_client_p90_ms', ({ run }) => run.client.latency?.p90Ms],
  ['run_client_p99_ms', ({ run }) => run.client.latency?.p99Ms],
  ['run_client_max_ms', ({ run }) => run.client.latency?.maxMs],
  ['run_cold_share', ({ cost }) => cost?.coldShare],
  ['run_usd_per_million_lambda_compute', ({ cost }) => cost?.lambdaComputeUsd],
  ['run_usd_per_million_lambda_requests', ({ cost }) => cost?.lambdaRequestUsd],
  ['run_usd_per_million_api_gateway', ({ cost }) => cost?.apiGatewayUsd],
  ['run_usd_per_million_dynamodb_estimate', ({ cost }) => cost?.dynamodb?.usd],
  ['run_usd_per_million_total', ({ cost }) => cost?.totalUsd],
];

/** More decimals than any clock or price has would be binary dust. */
const MOST_DECIMALS = 1e6;

/** A spreadsheet runs a text that begins so as a formula; an apostrophe before it makes it a text again. */
const FORMULA_START = /^[=+\-@\t\r]/;

function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(Math.round(cell * MOST_DECIMALS) / MOST_DECIMALS);
  const safe = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * The report as a spreadsheet wants it: one header, plain numbers with a decimal point, one row per function and
 * temperature. Columns that begin with `run_` are of the run as a whole and stand in each of its rows.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function renderCsv(report: Report): string {
  const { cost } = report;
  const lines = report.runs.flatMap((run) =>
    groupsOf(run).map(({ temperature, group }) => {
      const row: CsvRow = {
        report,
        run,
        temperature,
        group,
        cost: cost.state === 'priced' ? cost.rows.find(({ runId }) => runId === run.runId) : undefined,
      };
      return COLUMNS.map(([, cell]) => cellText(cell(row))).join(',');
    }),
  );
  return [COLUMNS.map(([name]) => name).join(','), ...lines, ''].join('\r\n');
}
