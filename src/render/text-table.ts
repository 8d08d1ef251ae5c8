/** A table of texts in the report, the same in every format. */
export interface TextTable {
  readonly title: string;
  /** The headings of the columns. The first two columns, route and runtime, are texts, the others are numbers. */
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How to read the table, one sentence each. */
  readonly notes: readonly string[];
}

/** How many columns of a text table are texts. */
export const TEXT_COLUMNS = 2;

/** A column after the first two: its heading, and its text for a row. */
export interface TextColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
}

/** Makes a table of rows that begin with a route and a runtime. Undefined without rows. */
export function textTable<Row extends { readonly route: string; readonly name: string }>(
  title: string,
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
  notes: readonly string[],
): TextTable | undefined {
  if (rows.length === 0) return undefined;
  return {
    title,
    heads: ['route', 'runtime', ...columns.map(({ head }) => head)],
    rows: rows.map((row) => [row.route, row.name, ...columns.map(({ cell }) => cell(row))]),
    notes,
  };
}
