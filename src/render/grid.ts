import Table from 'cli-table3';

/** A column of a text grid: how it is headed, on which side it stands, and what goes first where room is short. */
export interface Column<Row> {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Columns are dropped from the lowest up; absent: never. */
  readonly dropOrder?: number;
}

/** A line across all columns, or a row of cells. */
export type GridLine<Row> = { readonly across: string } | { readonly row: Row };

export interface Grid {
  readonly text: string;
  /** Heads of the columns that found no room. */
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

/** Columns that a text takes on a terminal, colours aside. */
function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour.
  return [...text.replace(/\u001b\[\d+m/g, '')].length;
}

/** Lays rows out in columns without a frame, within so many characters, by dropping the columns that may go. */
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
