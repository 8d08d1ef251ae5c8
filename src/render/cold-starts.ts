import type { BundleSize } from '../model/deployment.ts';
import { formatCount } from '../model/number-text.ts';
import type { ForcedColdStarts, Report } from '../model/report.ts';
import { figureText } from './figure.ts';
import { routeViews } from './report-view.ts';
import { BUNDLE_FIGURES, COLD_START_FIGURES } from './table-figures.ts';
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

/** The name of the figure that the number of requested cold starts follows, if not all were found. */
const FOUND = 'run_forced_cold_starts';

const COLUMNS: readonly TextColumn<ColdStartRow>[] = [
  ...COLD_START_FIGURES.map(
    (figure): TextColumn<ColdStartRow> => ({
      head: figure.heading,
      cell: ({ starts }) => {
        const text = figureText(figure, starts);
        const isShort = figure.name === FOUND && starts.found !== starts.asked;
        return isShort ? `${text} of ${formatCount(starts.asked)}` : text;
      },
    }),
  ),
  ...BUNDLE_FIGURES.map(
    (figure): TextColumn<ColdStartRow> => ({
      head: figure.heading,
      cell: ({ bundle }) => figureText(figure, bundle),
    }),
  ),
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
