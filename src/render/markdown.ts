import { NO_VALUE } from '../model/number-text.ts';
import type { Report, ReportProblem } from '../model/report.ts';
import { plainName } from '../model/route.ts';
import { coldStartTable } from './cold-starts.ts';
import { COST_RATIO_HEAD, COST_RATIO_NOTE, costRatioText } from './cost-ratio.ts';
import { figuresFor, figureText } from './figure.ts';
import { COST_FIGURES, clientFigures, groupFigures, groupFigureText } from './figures.ts';
import { escapeHtml } from './html/markup.ts';
import { markdownText } from './markdown-text.ts';
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
  routeViews,
  sharedFacts,
} from './report-view.ts';
import { architectureTable, sweepTable } from './sweep.ts';
import { TEXT_COLUMNS, type TextTable } from './text-table.ts';

/** The text of a cell, or Markdown whose texts are escaped already. */
type MarkdownCell = string | { readonly markdown: string };

/** Renders a GitHub table. Its first `leftColumns` columns are aligned left, the others, which are numbers, right. */
function table(
  head: readonly string[],
  rows: readonly (readonly MarkdownCell[])[],
  leftColumns: number,
): string {
  const text = (cell: MarkdownCell) => (typeof cell === 'string' ? markdownText(cell) : cell.markdown);
  const line = (cells: readonly MarkdownCell[]) => `| ${cells.map(text).join(' | ')} |`;
  return [
    line(head),
    `|${head.map((_, index) => (index < leftColumns ? ' :-- ' : ' --: ')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

function durations(report: Report): string {
  const figures = figuresFor(groupFigures(report.percentiles), 'markdown');
  const rows = routeViews(report).flatMap(({ runs }) =>
    runs.flatMap(({ run, name, mark }) => {
      const label = name === run.runtime ? plainName(run.label) : `${plainName(run.label)} (${name})`;
      const shown: MarkdownCell =
        mark === '★'
          ? { markdown: `**${markdownText(label)}** ★` }
          : mark === ''
            ? label
            : `${label} ${mark}`;
      const groups = groupsOf(run);
      if (groups.length === 0) return [[shown, NO_VALUE, ...figures.map(() => NO_VALUE)]];
      return groups.map(({ temperature, group }) => [
        shown,
        temperature,
        ...figures.map((figure) => groupFigureText(figure, group, temperature)),
      ]);
    }),
  );
  return table(['function', '', ...figures.map(({ heading }) => heading)], rows, 2);
}

function ratios(report: Report, { aside }: Dialect): string | undefined {
  if (report.baseline === undefined || report.ratios.length === 0) return undefined;
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap(({ run, name }) => {
      const own = report.ratios.filter(({ runId }) => runId === run.runId);
      if (own.length === 0) return [];
      const text = (temperature: 'warm' | 'cold') => {
        const ratio = own.find((one) => one.temperature === temperature);
        return ratio === undefined ? NO_VALUE : ratioText(ratio);
      };
      return [[route, name, text('warm'), text('cold'), costRatioText(report, run)]];
    }),
  );
  const head = ['route', 'runtime', 'warm', 'cold', COST_RATIO_HEAD];
  const notes = `${markdownText(RATIO_NOTE)} ${markdownText(COST_RATIO_NOTE)}`;
  return aside(`Against ${report.baseline}`, `${notes}\n\n${table(head, rows, 4)}`);
}

function textTable(shown: TextTable | undefined): string | undefined {
  if (shown === undefined) return undefined;
  const parts = [`### ${shown.title}`, table(shown.heads, shown.rows, TEXT_COLUMNS)];
  const notes = shown.notes.map(markdownText).join('\n');
  return [...parts, ...(notes === '' ? [] : [notes])].join('\n\n');
}

function client(report: Report, { aside }: Dialect): string | undefined {
  const figures = figuresFor(clientFigures(report.percentiles), 'markdown');
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap(({ run: { client: side }, name }) =>
      side === undefined
        ? []
        : [[route, name, outcomesText(side), ...figures.map((figure) => figureText(figure, side))]],
    ),
  );
  if (rows.length === 0) return undefined;
  const head = ['route', 'runtime', OUTCOMES_HEADING, ...figures.map(({ heading }) => heading)];
  const notes = [CLIENT_NOTE, ...originNotes(report).map(markdownText)].join('\n');
  return aside(CLIENT_TITLE, `${notes}\n\n${table(head, rows, 3)}`);
}

function costs(report: Report, { aside }: Dialect): string {
  const { cost } = report;
  if (cost.state === 'unpriced')
    return aside(costTitle(report), `Not priced: ${markdownText(cost.reason)}; ${markdownText(cost.hint)}.`);
  const figures = figuresFor(COST_FIGURES, 'markdown');
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap(({ run, name }) => {
      const row = cost.rows.find(({ runId }) => runId === run.runId);
      return row === undefined ? [] : [[route, name, ...figures.map((figure) => figureText(figure, row))]];
    }),
  );
  const head = ['route', 'runtime', ...figures.map(({ heading }) => heading)];
  const notes = costNotes(report).map(markdownText).join('\n');
  return aside(costTitle(report), `${table(head, rows, 2)}\n\n${notes}`);
}

function problemText({ severity, message, hint }: ReportProblem): string {
  return `**${severity}**: ${markdownText(message)}${hint === undefined ? '' : `. ${markdownText(hint)}`}`;
}

/** How a Markdown reader shows elements beyond headings, lists and tables. */
interface Dialect {
  /** Renders a sentence that must not be overlooked. */
  warning(markdown: string): string;
  /** Renders a title and the sentences below it as a separate box. All are plain text. */
  note(title: string, lines: readonly string[]): string;
  /** Renders a section that not every reader needs. The heading is plain text, the body Markdown. */
  aside(heading: string, body: string): string;
}

/** For every reader of GitHub-flavoured Markdown. */
const COMMON: Dialect = {
  warning: (markdown) => markdown,
  note: (title, lines) => quotation([`**${markdownText(title)}**`, ...lines.map(markdownText)]),
  aside: (heading, body) => `### ${markdownText(heading)}\n\n${body}`,
};

/**
 * For job summaries and comments on GitHub: alerts, and sections that open with a click.
 * @see https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts
 */
const GITHUB: Dialect = {
  warning: (markdown) => `> [!WARNING]\n${quotation([markdown])}`,
  note: (title, lines) => `> [!NOTE]\n${COMMON.note(title, lines)}`,
  aside: (heading, body) => `<details>\n<summary>${escapeHtml(heading)}</summary>\n\n${body}\n\n</details>`,
};

function quotation(paragraphs: readonly string[]): string {
  return paragraphs.map((paragraph) => `> ${paragraph}`).join('\n>\n');
}

/** Renders the report as GitHub-flavoured Markdown: the verdict first, then the figures. */
export function renderMarkdown(report: Report): string {
  return render(report, COMMON);
}

/**
 * Renders the report for a job summary or a comment on GitHub. What a reviewer needs first is visible, the rest opens
 * with a click.
 */
export function renderGithub(report: Report): string {
  return render(report, GITHUB);
}

function render(report: Report, dialect: Dialect): string {
  const notice = localNotice(report);
  const warning = firstWarning(report);
  const problems = otherProblems(report).map((problem) => `- ${problemText(problem)}`);
  const facts = sharedFacts(report);
  const sections = [
    '## shedbench report',
    warning === undefined ? undefined : dialect.warning(problemText(warning)),
    notice === undefined ? undefined : dialect.note(notice.title, notice.lines),
    report.verdict.length === 0
      ? undefined
      : report.verdict.map((line) => `- ${markdownText(line)}`).join('\n'),
    [
      markdownText(`${facts}${facts === '' ? '' : ' · '}${measuredText(report)}`),
      `Printed ${formatTime(report.createdAtEpochMs)} by shedbench ${report.toolVersion}.`,
      markdownText(completenessLine(report)),
    ].join('\n\n'),
    problems.length === 0 ? undefined : problems.join('\n'),
    `### Duration\n\n${durations(report)}\n\n${[...DURATION_NOTES, MARKS_NOTE, ...report.notes].map(markdownText).join('\n')}`,
    ratios(report, dialect),
    textTable(sweepTable(report)),
    textTable(architectureTable(report)),
    textTable(coldStartTable(report)),
    client(report, dialect),
    costs(report, dialect),
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}
