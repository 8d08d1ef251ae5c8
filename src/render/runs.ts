import Table from 'cli-table3';
import { formatCount } from '../model/number-text.ts';
import type { RunRecord } from '../model/run.ts';
import { paint } from './ansi.ts';

/** What the list of runs is made of. */
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

/** The runs on disk as a table, the latest first. */
export function renderRuns(view: RunsView, style: { readonly color: boolean }): string {
  if (view.runs.length === 0) return 'No runs yet in this folder:  shedbench bench --local\n';
  const { dim } = paint(style.color);
  const table = new Table({
    head: ['run', 'started (UTC)', 'where', 'runtime', 'route', 'calls', 'failed', 'state'],
    colAligns: ['left', 'left', 'left', 'left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  });
  for (const run of view.runs) {
    table.push([
      run.id,
      new Date(run.startedAtEpochMs).toISOString().slice(0, 19).replace('T', ' '),
      run.target.kind === 'url'
        ? 'url'
        : `${run.target.kind} ${run.target.region ?? ''} ${run.project ?? ''}`,
      run.runtime,
      run.route,
      formatCount(run.calls),
      formatCount(run.unexpected + run.errors),
      run.state,
    ]);
  }
  const more = view.total - view.runs.length;
  const tail = more > 0 ? `${dim(`${formatCount(more)} older ones: --limit ${view.total}`)}\n` : '';
  return `${table.toString().replaceAll(/ +$/gm, '')}\n${tail}`;
}
