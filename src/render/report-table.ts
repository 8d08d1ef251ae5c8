import { NO_VALUE } from '../model/number-text.ts';
import type {
  ClientSide,
  CostRow,
  InvocationGroup,
  Report,
  ReportProblem,
  SpeedRatio,
  Temperature,
} from '../model/report.ts';
import { wrapText } from '../model/wrap-text.ts';
import { type Paint, paint } from './ansi.ts';
import { coldStartTable } from './cold-starts.ts';
import { COST_RATIO_HEAD, COST_RATIO_NOTE, costRatioText } from './cost-ratio.ts';
import { type Figure, figuresFor, figureText } from './figure.ts';
import { COST_FIGURES, clientFigures, groupFigures, groupFigureText } from './figures.ts';
import { type Column, type GridLine, grid, leftOutNote } from './grid.ts';
import { ratioText } from './ratio-text.ts';
import {
  CLIENT_NOTE,
  CLIENT_TITLE,
  costNotes,
  costTitle,
  DURATION_NOTES,
  MARKS_NOTE,
  OUTCOMES_HEADING,
  originNotes,
  outcomesText,
  RATIO_NOTE,
} from './report-notes.ts';
import {
  completenessLine,
  firstWarning,
  formatTime,
  groupsOf,
  localNotice,
  measuredText,
  otherProblems,
  type RunView,
  routeViews,
  sharedFacts,
} from './report-view.ts';
import { architectureTable, sweepTable } from './sweep.ts';
import { TEXT_COLUMNS, type TextTable } from './text-table.ts';

export interface TableOptions {
  /** The width of lines in characters. Ignored for tables when `wide` is set. */
  readonly width: number;
  readonly color: boolean;
  /** Whether to show every column, even if lines become longer than `width`. */
  readonly wide: boolean;
}

/** Styles for text, and the remaining width for the tables. */
interface Page {
  readonly style: Paint;
  readonly width: number;
  readonly tableWidth: number;
  readonly place: 'table' | 'wide';
  /** A sentence, wrapped to the width of the page. */
  readonly note: (text: string) => string;
}

interface GroupRow {
  readonly view: RunView;
  readonly temperature: Temperature;
  readonly group: InvocationGroup | undefined;
  /** Whether this is the first row of its run, which shows the run's name. */
  readonly isFirst: boolean;
}

/** The columns of the catalogue's figures, right-aligned. */
function columnsOf<Row, Subject>(
  figures: readonly Figure<Subject>[],
  page: Page,
  cell: (figure: Figure<Subject>, row: Row) => string,
): Column<Row>[] {
  return figuresFor(figures, page.place).map((figure) => ({
    head: figure.heading,
    align: 'right',
    cell: (row) => cell(figure, row),
    ...(figure.dropOrder === undefined ? {} : { dropOrder: figure.dropOrder }),
  }));
}

function markedName({ mark, name }: RunView, style: Paint): string {
  const text = `${mark === '' ? ' ' : mark} ${name}`;
  if (mark === '✗') return style.red(text);
  return mark === '★' ? style.green(text) : text;
}

function durationSection(report: Report, page: Page): string {
  const { style } = page;
  const lines = routeViews(report).flatMap(({ title, runs }, index): GridLine<GroupRow>[] => [
    ...(index === 0 ? [] : [{ across: '' }]),
    { across: style.bold(title) },
    ...runs.flatMap((view): GridLine<GroupRow>[] => {
      const groups = groupsOf(view.run);
      if (groups.length === 0) {
        return [{ row: { view, temperature: 'warm', group: undefined, isFirst: true } }];
      }
      return groups.map(({ temperature, group }, at) => ({
        row: { view, temperature, group, isFirst: at === 0 },
      }));
    }),
  ]);
  const { text, dropped } = grid<GroupRow>(
    [
      { head: '', align: 'left', cell: ({ view, isFirst }) => (isFirst ? markedName(view, style) : '') },
      {
        head: '',
        align: 'left',
        cell: ({ temperature, group }) => (group === undefined ? '' : temperature),
      },
      ...columnsOf<GroupRow, InvocationGroup>(groupFigures(report.percentiles), page, (figure, row) =>
        groupFigureText(figure, row.group, row.temperature),
      ),
    ],
    lines,
    { width: page.tableWidth, head: style.dim },
  );
  const notes = [...DURATION_NOTES, MARKS_NOTE, ...report.notes, ...leftOut(dropped)];
  return [text, '', ...notes.map(page.note)].join('\n');
}

/** The note on columns that did not fit. Empty if all fit. */
function leftOut(dropped: readonly string[]): string[] {
  return dropped.length === 0 ? [] : [leftOutNote(dropped, '--wide')];
}

function paintedRatio(ratio: SpeedRatio | undefined, style: Paint): string {
  if (ratio === undefined) return NO_VALUE;
  const text = ratioText(ratio);
  if (ratio.verdict === 'unclear') return text;
  return ratio.verdict === 'faster' ? style.green(text) : style.red(text);
}

function ratioSection(report: Report, page: Page): string | undefined {
  if (report.baseline === undefined || report.ratios.length === 0) return undefined;
  const of = (view: RunView, temperature: Temperature) =>
    report.ratios.find((ratio) => ratio.runId === view.run.runId && ratio.temperature === temperature);
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.filter((view) => of(view, 'warm') ?? of(view, 'cold')).map((view) => ({ route, view })),
  );
  const { style } = page;
  const { text, dropped } = grid(
    [
      { head: '', align: 'left', cell: ({ route }) => `  ${route}` },
      { head: '', align: 'left', cell: ({ view }) => view.name },
      { head: 'warm', align: 'left', cell: ({ view }) => paintedRatio(of(view, 'warm'), style) },
      {
        head: 'cold',
        align: 'left',
        cell: ({ view }) => paintedRatio(of(view, 'cold'), style),
        dropOrder: 1,
      },
      {
        head: COST_RATIO_HEAD,
        align: 'right',
        cell: ({ view }) => costRatioText(report, view.run),
        dropOrder: 0,
      },
    ],
    rows.map((row) => ({ row })),
    { width: page.tableWidth, head: style.dim },
  );
  const isCostShown = !dropped.includes(COST_RATIO_HEAD);
  const notes = [RATIO_NOTE, ...(isCostShown ? [COST_RATIO_NOTE] : []), ...leftOut(dropped)].map(page.note);
  return [style.bold(`Against ${report.baseline}`), text, ...notes].join('\n');
}

function textTables(tables: readonly (TextTable | undefined)[], page: Page): string | undefined {
  const texts = tables.flatMap((shown) => (shown === undefined ? [] : [textTable(shown, page)]));
  return texts.length === 0 ? undefined : texts.join('\n');
}

function textTable(shown: TextTable, page: Page): string {
  const { style } = page;
  const columns = shown.heads.map((head, at): Column<readonly string[]> => {
    const isText = at < TEXT_COLUMNS;
    return {
      head: isText ? '' : head,
      align: isText ? 'left' : 'right',
      cell: (cells) => `${at === 0 ? '  ' : ''}${cells[at] ?? ''}`,
    };
  });
  const rows = shown.rows.map((row) => ({ row }));
  const { text } = grid(columns, rows, { width: page.tableWidth, head: style.dim });
  return [style.bold(shown.title), text, ...shown.notes.map(page.note)].join('\n');
}

function clientSection(report: Report, page: Page): string | undefined {
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap((view) => (view.run.client === undefined ? [] : [{ route, view, side: view.run.client }])),
  );
  if (rows.length === 0) return undefined;
  type Row = (typeof rows)[number];
  const { text, dropped } = grid<Row>(
    [
      { head: '', align: 'left', cell: ({ route }) => `  ${route}` },
      { head: '', align: 'left', cell: ({ view }) => view.name },
      ...columnsOf<Row, ClientSide>(clientFigures(report.percentiles), page, (figure, { side }) =>
        figureText(figure, side),
      ),
      {
        head: OUTCOMES_HEADING,
        align: 'left',
        cell: ({ side }) => outcomesText(side),
        dropOrder: 5,
      },
    ],
    rows.map((row) => ({ row })),
    { width: page.tableWidth, head: page.style.dim },
  );
  return [
    page.style.bold(CLIENT_TITLE),
    text,
    ...[CLIENT_NOTE, ...originNotes(report)].map(page.note),
    ...leftOut(dropped).map(page.note),
  ].join('\n');
}

function costSection(report: Report, page: Page): string {
  const { cost } = report;
  const { style } = page;
  if (cost.state === 'unpriced') {
    return `${style.bold(costTitle(report))}: ${cost.reason}; ${cost.hint}`;
  }
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap((view) => {
      const row = cost.rows.find(({ runId }) => runId === view.run.runId);
      return row === undefined ? [] : [{ route, view, row }];
    }),
  );
  type Row = (typeof rows)[number];
  const { text, dropped } = grid<Row>(
    [
      { head: '', align: 'left', cell: ({ route }) => `  ${route}` },
      { head: '', align: 'left', cell: ({ view }) => view.name },
      ...columnsOf<Row, CostRow>(COST_FIGURES, page, (figure, { row }) => figureText(figure, row)),
    ],
    rows.map((row) => ({ row })),
    { width: page.tableWidth, head: style.dim },
  );
  return [
    style.bold(wrapText(costTitle(report), page.width)),
    text,
    ...[...costNotes(report), ...leftOut(dropped)].map(page.note),
  ].join('\n');
}

function problemText({ severity, message, hint }: ReportProblem, { style, width }: Page): string {
  const head = severity === 'error' ? style.red('✗') : style.yellow('!');
  const text = wrapText(message, width, { first: '  ', rest: '  ' }).slice(1);
  // A hint may be a command to copy, so it is not wrapped.
  return `${head}${text}${hint === undefined ? '' : `\n  → ${hint}`}`;
}

function headSection(report: Report, { style, width }: Page): string {
  const notice = localNotice(report);
  const facts = sharedFacts(report);
  return [
    ...(notice === undefined
      ? []
      : [
          style.bold(style.yellow(`━━ ${notice.title} ━━`)),
          ...notice.lines.map((line) => style.yellow(wrapText(line, width))),
          '',
        ]),
    wrapText(`${facts}${facts === '' ? '' : ' · '}${measuredText(report)}`, width),
    style.dim(`printed ${formatTime(report.createdAtEpochMs)} by shedbench ${report.toolVersion}`),
    wrapText(completenessLine(report), width),
  ].join('\n');
}

/** The verdict is at the end of the report, so that it is on the screen when a bench ends. */
function verdictSection(report: Report, { style, width }: Page): string | undefined {
  if (report.verdict.length === 0) return undefined;
  return [
    style.bold('Verdict'),
    ...report.verdict.map((sentence) => wrapText(sentence, width, { first: '• ', rest: '  ' })),
  ].join('\n');
}

/** Renders the report as text for a terminal: the figures first, the verdict last. */
export function renderTable(report: Report, options: TableOptions): string {
  const style = paint(options.color);
  const page: Page = {
    style,
    width: options.width,
    tableWidth: options.wide ? Number.POSITIVE_INFINITY : options.width,
    place: options.wide ? 'wide' : 'table',
    note: (text) => style.dim(wrapText(text, options.width, { first: '', rest: '  ' })),
  };
  const warning = firstWarning(report);
  const problems = otherProblems(report);
  return `${[
    warning === undefined ? undefined : problemText(warning, page),
    headSection(report, page),
    durationSection(report, page),
    ratioSection(report, page),
    textTables([sweepTable(report), architectureTable(report)], page),
    textTables([coldStartTable(report)], page),
    clientSection(report, page),
    costSection(report, page),
    problems.length === 0 ? undefined : problems.map((problem) => problemText(problem, page)).join('\n'),
    verdictSection(report, page),
  ]
    .filter((section) => section !== undefined)
    .join('\n\n')}\n`;
}
