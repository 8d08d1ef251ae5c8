import { formatCount } from '../model/number-text.ts';
import type { RunRecord } from '../model/run.ts';
import { paint } from './ansi.ts';
import { type Column, grid } from './grid.ts';

/** The data for the list of runs. */
export interface RunsView {
  readonly total: number;
  readonly runs: readonly {
    readonly id: string;
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
  { head: 'started (UTC)', align: 'left', cell: ({ startedAtEpochMs }) => utcSeconds(startedAtEpochMs) },
  {
    head: 'where',
    align: 'left',
    cell: ({ target, project }) =>
      target.kind === 'url' ? 'url' : `${target.kind} ${target.region ?? ''} ${project ?? ''}`,
  },
  { head: 'runtime', align: 'left', cell: ({ runtime }) => runtime },
  { head: 'route', align: 'left', cell: ({ route }) => route },
  { head: 'calls', align: 'right', cell: ({ calls }) => formatCount(calls) },
  { head: 'failed', align: 'right', cell: ({ unexpected, errors }) => formatCount(unexpected + errors) },
  { head: 'state', align: 'left', cell: ({ state }) => state },
];

/** Renders the stored runs as a table, the latest first. */
export function renderRuns(view: RunsView, style: { readonly color: boolean }): string {
  if (view.runs.length === 0) return 'No runs yet in this folder:  shedbench bench --local\n';
  const { dim } = paint(style.color);
  const { text } = grid(
    COLUMNS,
    view.runs.map((row) => ({ row })),
    { width: Number.POSITIVE_INFINITY },
  );
  const more = view.total - view.runs.length;
  const tail = more > 0 ? `${dim(`${formatCount(more)} older ones: --limit ${view.total}`)}\n` : '';
  return `${text}\n${tail}`;
}

function utcSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
