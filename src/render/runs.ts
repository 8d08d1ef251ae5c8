import { formatCount } from '../model/number-text.ts';
import type { RunRecord } from '../model/run.ts';
import { wrapText } from '../model/wrap-text.ts';
import { paint } from './ansi.ts';
import { type Column, grid, leftOutNote } from './grid.ts';

/** The data for the list of runs. */
export interface RunsView {
  readonly total: number;
  readonly runs: readonly {
    readonly id: string;
    readonly name?: string;
    readonly startedAtEpochMs: number;
    readonly target: RunRecord['target'];
    readonly project?: string;
    readonly runtime: string;
    readonly route: string;
    readonly state: string;
    readonly calls: number;
    readonly unexpected: number;
    readonly errors: number;
  }[];
}

const COLUMNS: readonly Column<RunsView['runs'][number]>[] = [
  { head: 'run', align: 'left', cell: ({ id }) => id },
  {
    head: 'started (UTC)',
    align: 'left',
    cell: ({ startedAtEpochMs }) => utcSeconds(startedAtEpochMs),
    dropOrder: 2,
  },
  {
    head: 'where',
    align: 'left',
    cell: ({ target, project }) =>
      target.kind === 'url' ? 'url' : `${target.kind} ${target.region ?? ''} ${project ?? ''}`,
    dropOrder: 1,
  },
  { head: 'runtime', align: 'left', cell: ({ runtime }) => runtime, dropOrder: 4 },
  { head: 'route', align: 'left', cell: ({ route }) => route, dropOrder: 3 },
  { head: 'calls', align: 'right', cell: ({ calls }) => formatCount(calls) },
  { head: 'failed', align: 'right', cell: ({ unexpected, errors }) => formatCount(unexpected + errors) },
  { head: 'state', align: 'left', cell: ({ state }) => state, dropOrder: 5 },
];

/** The columns. There is one for names only if some run has a name. */
function columnsOf(view: RunsView): readonly Column<RunsView['runs'][number]>[] {
  const [id, ...others] = COLUMNS;
  if (id === undefined || view.runs.every(({ name }) => name === undefined)) return COLUMNS;
  return [id, { head: 'name', align: 'left', cell: ({ name }) => name ?? '' }, ...others];
}

/**
 * Renders the runs on disk as a table, the latest first. If the terminal is too narrow, columns are dropped in a fixed
 * order: the id already contains the time, the route and the runtime.
 */
export function renderRuns(
  view: RunsView,
  style: { readonly color: boolean; readonly columns: number },
): string {
  if (view.runs.length === 0) return 'No runs yet in this folder:  shedbench bench --local\n';
  const { dim } = paint(style.color);
  const { text, dropped } = grid(
    columnsOf(view),
    view.runs.map((row) => ({ row })),
    { width: style.columns },
  );
  const more = view.total - view.runs.length;
  const tail = more > 0 ? `${dim(`${formatCount(more)} older ones: --limit ${view.total}`)}\n` : '';
  const left =
    dropped.length === 0 ? '' : `${dim(wrapText(leftOutNote(dropped, '--json'), style.columns))}\n`;
  return `${text}\n${left}${tail}`;
}

function utcSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
