import type { History, HistoryGroup, HistorySeries } from '../model/history.ts';
import { counted, formatAmount, formatCount } from '../model/number-text.ts';
import { routeTitle } from '../model/route.ts';
import { paint } from './ansi.ts';
import { type Column, grid } from './grid.ts';

const DAY_MS = 86_400_000;
/** The largest width of a figure, in characters. For a longer time, one character stands for several days. */
const MAX_COLUMNS = 60;
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** The smallest range of a figure, so that noise does not fill it. */
const LEAST_RANGE = 1.5;

/** Renders the medians over days as text: for each route one line of bars per runtime, one character per day. */
export function renderHistory(history: History, style: { readonly color: boolean }): string {
  const { bold, dim } = paint(style.color);
  const blocks = history.groups.map((group) => {
    const { text } = grid(
      columnsOf(group),
      group.series.map((row) => ({ row })),
      {
        width: Number.POSITIVE_INFINITY,
        head: dim,
      },
    );
    return `${bold(`${routeTitle(group.route)}`)}\n${dim(group.facts)}\n${text}\n`;
  });
  const { withoutRows } = history;
  const left =
    withoutRows === 0
      ? ''
      : `\n${dim(`${counted(withoutRows, 'run is', 'runs are')} left out: no report was made of ${withoutRows === 1 ? 'it' : 'them'}.`)}\n`;
  return `Warm median of Duration by day, UTC\n\n${blocks.join('\n')}${left}`;
}

function columnsOf(group: HistoryGroup): Column<HistorySeries>[] {
  const days = group.series.flatMap(({ points }) => points.map((point) => dayOf(point.measuredAtEpochMs)));
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const heading = first === last ? dateText(first) : `${dateText(first)} to ${dateText(last)}`;
  return [
    { head: '', align: 'left', cell: ({ runtime }) => `  ${runtime}` },
    { head: heading, align: 'left', cell: (series) => bars(series, first, last).padEnd(heading.length) },
    { head: 'latest', align: 'right', cell: ({ points }) => `${formatAmount(points.at(-1)?.p50Ms)} ms` },
    {
      head: 'lowest to highest',
      align: 'right',
      cell: ({ points }) => rangeText(points.map(({ p50Ms }) => p50Ms)),
    },
    { head: 'runs', align: 'right', cell: ({ points }) => formatCount(points.length) },
  ];
}

function rangeText(values: readonly number[]): string {
  return `${formatAmount(Math.min(...values))} to ${formatAmount(Math.max(...values))} ms`;
}

/**
 * Draws one character per day, or per several days. Days without a measurement are blank. Heights are on a logarithmic
 * scale.
 */
function bars({ points }: HistorySeries, firstDay: number, lastDay: number): string {
  const daysPerColumn = Math.max(1, Math.ceil((lastDay - firstDay + 1) / MAX_COLUMNS));
  const columns: number[][] = Array.from(
    { length: Math.floor((lastDay - firstDay) / daysPerColumn) + 1 },
    () => [],
  );
  for (const { measuredAtEpochMs, p50Ms } of points) {
    columns[Math.floor((dayOf(measuredAtEpochMs) - firstDay) / daysPerColumn)]?.push(p50Ms);
  }
  const all = columns.flat();
  const low = Math.min(...all);
  const range = Math.max(Math.max(...all) / low, LEAST_RANGE);
  return columns.map((values) => (values.length === 0 ? ' ' : levelOf(mean(values) / low, range))).join('');
}

function levelOf(ratio: number, range: number): string {
  const share = Math.log(ratio) / Math.log(range);
  return LEVELS[Math.min(LEVELS.length - 1, Math.round(share * (LEVELS.length - 1)))] ?? ' ';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dayOf(epochMs: number): number {
  return Math.floor(epochMs / DAY_MS);
}

function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
