import Table from 'cli-table3';
import { visibleLength } from '../model/wrap-text.ts';

/** A column of a text grid: its heading, its alignment, and whether it may be dropped. */
export interface Column<Row> {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Columns with the lowest numbers are dropped first. Undefined: never dropped. */
  readonly dropOrder?: number;
}

/** A line across all columns, or a row of cells. */
export type GridLine<Row> = { readonly across: string } | { readonly row: Row };

export interface Grid {
  readonly text: string;
  /** The headings of the columns that were dropped. */
  readonly dropped: readonly string[];
}

const GAP = '  ';
const NO_FRAME = {
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
  middle: GAP,
};

/** Lays out rows in columns without a frame. If they exceed the width, it drops the columns that may be dropped. */
export function grid<Row>(
  columns: readonly Column<Row>[],
  lines: readonly GridLine<Row>[],
  options: { readonly width: number; readonly head?: (text: string) => string },
): Grid {
  const rows = lines.flatMap((line) => ('row' in line ? [line.row] : []));
  const widthOf = (column: Column<Row>) =>
    Math.max(visibleLength(column.head), ...rows.map((row) => visibleLength(column.cell(row))));
  let kept = [...columns];
  const dropped: string[] = [];
  const total = () => kept.reduce((sum, column) => sum + widthOf(column), GAP.length * (kept.length - 1));
  while (total() > options.width) {
    const [first] = kept
      .filter(({ dropOrder }) => dropOrder !== undefined)
      .sort((a, b) => (a.dropOrder ?? 0) - (b.dropOrder ?? 0));
    if (first === undefined) break;
    kept = kept.filter((column) => column !== first);
    dropped.push(first.head);
  }
  const head = options.head ?? ((text: string) => text);
  const table = new Table({
    chars: NO_FRAME,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: kept.map(({ align }) => align),
  });
  table.push(kept.map((column) => head(column.head)));
  for (const line of lines) {
    table.push(
      'across' in line
        ? [{ colSpan: kept.length, content: line.across }]
        : kept.map((column) => column.cell(line.row)),
    );
  }
  const text = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return { text, dropped };
}

/** Names the columns that a table had no room for. @param flag the flag that shows them all */
export function leftOutNote(dropped: readonly string[], flag: string): string {
  const names = dropped.map((head) => `“${head}”`).join(', ');
  return `Left out for want of room (${flag} shows all): the ${dropped.length === 1 ? 'column' : 'columns'} ${names}.`;
}
