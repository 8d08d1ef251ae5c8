import type { BundleSize } from '../model/deployment.ts';
import type { Median } from '../model/interval.ts';
import { formatAmount, formatCount, NO_VALUE } from '../model/number-text.ts';
import type { ForcedColdStarts, Report } from '../model/report.ts';
import { routeViews } from './report-view.ts';
import { type TextColumn, type TextTable, textTable } from './text-table.ts';

const NOTES: readonly string[] = [
  'Medians with 95 % intervals over environments. wait: from the send to the whole answer, as the caller saw it; init: Init Duration; init + call: what REPORT shows; the rest: network, front, download and start of the environment, which no REPORT line shows.',
  'Code in kB. SDK: what of the unzipped code is the AWS SDK with its dependencies; 0 where the runtime brings it, – where a compiler merged it with the rest.',
  'Forced cold starts are in no cost: what a call costs depends on the cold starts that come by themselves.',
];

interface ColdStartRow {
  readonly route: string;
  readonly name: string;
  readonly starts: ForcedColdStarts;
  /** The size of the code. Undefined if it is not known. */
  readonly bundle: BundleSize | undefined;
}

const COLUMNS: readonly TextColumn<ColdStartRow>[] = [
  {
    head: 'starts',
    cell: ({ starts: { found, asked } }) =>
      found === asked ? formatCount(found) : `${formatCount(found)} of ${formatCount(asked)}`,
  },
  { head: 'wait', cell: ({ starts }) => medianText(starts.waitMs) },
  { head: 'init', cell: ({ starts }) => medianText(starts.initMs) },
  { head: 'init + call', cell: ({ starts }) => medianText(starts.durationMs) },
  {
    head: 'the rest',
    cell: ({ starts: { unseenMs } }) => (unseenMs === undefined ? NO_VALUE : formatAmount(unseenMs)),
  },
  { head: 'zip kB', cell: ({ bundle }) => kilobytes(bundle?.zipBytes) },
  { head: 'unzipped', cell: ({ bundle }) => kilobytes(bundle?.unzippedBytes) },
  { head: 'SDK', cell: ({ bundle }) => kilobytes(bundle?.sdkBytes) },
];

/** The table of forced cold starts. Undefined if no run forced any. */
export function coldStartTable(report: Report): TextTable | undefined {
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap(({ name, run }) =>
      run.coldStarts === undefined ? [] : [{ route, name, starts: run.coldStarts, bundle: run.bundle }],
    ),
  );
  return textTable('Forced cold starts, ms', COLUMNS, rows, NOTES);
}

function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? NO_VALUE : formatCount(bytes / 1000);
}

/** A value with its interval: `312 [298, 330]`. */
function medianText(median: Median | undefined): string {
  if (median === undefined) return NO_VALUE;
  const { p50, interval } = median;
  const value = formatAmount(p50);
  return interval === undefined
    ? value
    : `${value} [${formatAmount(interval.low)}, ${formatAmount(interval.high)}]`;
}
