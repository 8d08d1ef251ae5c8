/** One line of the result: what was asked, what came out. */
export interface Row {
  readonly measure: string;
  readonly goal: string;
  readonly stretch: string;
  readonly measured: string;
  readonly isMet: boolean;
  readonly isStretched: boolean | undefined;
}

/** Judges one measured value against its bounds; `direction` says whether less or more is better. */
export function judge(
  measure: string,
  value: number,
  direction: 'at most' | 'at least',
  goal: number,
  stretch: number | undefined,
  format: (value: number) => string,
): Row {
  const sign = direction === 'at most' ? '≤' : '≥';
  const holds = (bound: number) => (direction === 'at most' ? value <= bound : value >= bound);
  return {
    measure,
    goal: `${sign} ${format(goal)}`,
    stretch: stretch === undefined ? '' : `${sign} ${format(stretch)}`,
    measured: format(value),
    isMet: holds(goal),
    isStretched: stretch === undefined ? undefined : holds(stretch),
  };
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function resultTable(rows: readonly Row[]): string {
  return markdownTable(
    ['measure', 'goal', 'stretch', 'measured', ''],
    rows.map((row) => [
      row.measure,
      row.goal,
      row.stretch,
      `**${row.measured}**`,
      row.isStretched === true ? 'stretch met' : row.isMet ? 'met' : 'not met',
    ]),
  );
}
