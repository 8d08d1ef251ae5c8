import { formatAmount, formatCount, formatShare, formatUsd, NO_VALUE } from '../../model/number-text.ts';
import type {
  ClientSide,
  CostRow,
  InvocationGroup,
  Report,
  ReportProblem,
  Temperature,
} from '../../model/report.ts';
import { plainName } from '../../model/route.ts';
import { FEWEST_FOR_MEDIAN } from '../../model/run-work.ts';
import { coldStartTable } from '../cold-starts.ts';
import { COST_RATIO_HEAD, COST_RATIO_NOTE, costRatioText } from '../cost-ratio.ts';
import { type Figure, figuresFor, figureText } from '../figure.ts';
import {
  COST_FIGURES,
  clientFigures,
  FAILED_HEADING,
  groupFigures,
  groupFigureText,
  MEDIAN_HEADING,
} from '../figures.ts';
import { ratioText } from '../ratio-text.ts';
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
} from '../report-notes.ts';
import {
  chartedSetting,
  groupOf,
  groupsOf,
  originText,
  type RouteView,
  type RunView,
} from '../report-view.ts';
import { architectureTable, sweepTable, sweptCurves } from '../sweep.ts';
import { TEXT_COLUMNS, type TextTable } from '../text-table.ts';
import { html, Markup, type TableColumn, table } from './markup.ts';

const NOTHING = new Markup('');

/** Renders the verdict, in the sentences of the report. */
export function verdictSection({ verdict }: Report): Markup {
  if (verdict.length === 0) return NOTHING;
  return html`<section id="verdict"><h2>Verdict</h2>
<ul class="verdict">${verdict.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;
}

/** Renders problems as a list. */
export function problemList(problems: readonly ReportProblem[]): Markup {
  if (problems.length === 0) return NOTHING;
  return html`<ul class="problems">${problems.map(
    ({ severity, message, hint }) =>
      html`<li class="${severity}"><b>${severity}</b> ${message}${hint === undefined ? undefined : html`<br><span class="quiet">${hint}</span>`}</li>`,
  )}</ul>`;
}

/** Renders a chart with its caption. `summary` describes it for screen readers. */
export function figure(chart: string, title: string, note: string, summary: string, report: Report): Markup {
  return html`<figure><figcaption><b>${title}</b> · ${note}${originText(report)}</figcaption>
<div class="chart" data-chart="${chart}" role="img" aria-label="${title}. ${summary}"></div></figure>`;
}

function nameCell({ name, mark }: RunView): Markup {
  if (mark === '★') return html`<span class="best">★ ${name}</span>`;
  return html`${mark === '' ? name : `${mark} ${name}`}`;
}

/** Renders the overview: how much faster each runtime is, and what a cold start adds. */
export function glanceSection(report: Report, routes: readonly RouteView[]): Markup {
  const { baseline } = report;
  const rows = routes.flatMap(({ route, runs }) => runs.map((view) => ({ route, view })));
  type Row = (typeof rows)[number];
  const ratio = (temperature: Temperature) => ({
    head: `${temperature} against ${baseline ?? ''}`,
    kind: 'text' as const,
    cell: ({ view }: Row) => {
      if (view.run.runtime === baseline) return 'baseline';
      const found = report.ratios.find(
        (one) => one.runId === view.run.runId && one.temperature === temperature,
      );
      return found === undefined ? NO_VALUE : html`<span class="${found.verdict}">${ratioText(found)}</span>`;
    },
  });
  const costRatio = {
    head: COST_RATIO_HEAD,
    kind: 'number' as const,
    cell: ({ view }: Row) => costRatioText(report, view.run),
  };
  const p50 = (temperature: Temperature) => ({
    head: `${temperature} ${MEDIAN_HEADING}`,
    kind: 'number' as const,
    cell: ({ view }: Row) => medianText(groupOf(view.run, temperature), temperature),
  });
  const summary = rows
    .map(({ route, view }) => {
      const [warm, cold] = [groupOf(view.run, 'warm'), groupOf(view.run, 'cold')];
      return `${view.name} ${route} warm ${medianText(warm, 'warm')}, cold ${medianText(cold, 'cold')} ms`;
    })
    .join('; ');
  return html`<section id="glance"><h2>Warm and cold</h2>
${table<Row>(
  `Median duration, ms${baseline === undefined ? '' : `, and how many times faster than ${baseline}`}.`,
  [
    { head: 'run', kind: 'text', cell: ({ route, view }) => html`${nameCell(view)} ${route}` },
    p50('warm'),
    p50('cold'),
    ...(baseline === undefined ? [] : [ratio('warm'), ratio('cold'), costRatio]),
    { head: FAILED_HEADING, kind: 'number', cell: ({ view }) => failedText(view.run.client) },
  ],
  rows,
)}
${[...(baseline === undefined ? [] : [RATIO_NOTE, COST_RATIO_NOTE]), MARKS_NOTE].map((note) => html`<p class="note">${note}</p>`)}
${figure('cold-warm', 'Cold against warm', `median duration, init included, logarithmic${chartedSetting(report)}`, summary, report)}
</section>`;
}

/** `0 of 1,000`, or `12 of 1,000 (1.2 %)` if some failed. */
function failedText(client: ClientSide | undefined): string {
  if (client === undefined) return NO_VALUE;
  const { calls, unexpected, errors } = client;
  const failed = unexpected + errors;
  const share = failed === 0 ? '' : ` (${formatShare(failed / calls)})`;
  return `${formatCount(failed)} of ${formatCount(calls)}${share}`;
}

interface GroupRow {
  readonly view: RunView;
  readonly temperature: Temperature;
  readonly group: InvocationGroup;
}

/** The median as in the tables. If there are too few values, their number. */
function medianText(group: InvocationGroup | undefined, temperature: Temperature): string {
  const [median] = groupFigures([50]).filter(({ name }) => name === 'duration_p50_ms');
  return median === undefined ? NO_VALUE : groupFigureText(median, group, temperature);
}

/** The columns of the catalogue's figures. */
function figureColumns<Row, Subject>(
  figures: readonly Figure<Subject>[],
  cell: (figure: Figure<Subject>, row: Row) => string,
): TableColumn<Row>[] {
  return figuresFor(figures, 'html').map((figure) => ({
    head: figure.heading,
    kind: 'number',
    cell: (row) => cell(figure, row),
  }));
}

/** Renders one route: its distributions, its durations over time, and all of its figures. */
export function routeSection(report: Report, view: RouteView): Markup {
  const rows = view.runs.flatMap((runView): GroupRow[] =>
    groupsOf(runView.run).map(({ temperature, group }) => ({ view: runView, temperature, group })),
  );
  const summary = (temperature: Temperature) =>
    rows
      .filter((row) => row.temperature === temperature)
      .map(
        ({ view: { name }, group: { durationMs } }) =>
          `${name} p50 ${formatAmount(durationMs.p50)}, p99 ${formatAmount(durationMs.p99)} ms`,
      )
      .join('; ');
  const hasColdCurve = rows.some(
    ({ temperature, group }) => temperature === 'cold' && group.count >= FEWEST_FOR_MEDIAN,
  );
  const unread = view.runs.flatMap(({ name, run: { server } }) =>
    server.state === 'unavailable' ? [html`<p class="quiet">${name}: ${server.reason}.</p>`] : [],
  );
  return html`<section id="${view.route}"><h2>${view.title}</h2>
<div class="${hasColdCurve ? 'pair' : ''}">
${figure(`warm-${view.route}`, 'Warm', `share of invocations within a duration${chartedSetting(report)}`, summary('warm'), report)}
${
  hasColdCurve
    ? figure(
        `cold-${view.route}`,
        'Cold',
        `the same, init included${chartedSetting(report)}`,
        summary('cold'),
        report,
      )
    : html`<p class="note"><b>Cold</b> · too few cold starts for a curve; the table has them.</p>`
}
</div>
${figure(`time-${view.route}`, 'Over the run', `duration from the first to the last invocation; line: median, dots: slowest; logarithmic${chartedSetting(report)}`, 'Medians as lines, slowest as dots; the table has the figures.', report)}
${unread}
${table<GroupRow>(
  'Every figure of the route.',
  [
    { head: '', kind: 'text', cell: (row) => html`${nameCell(row.view)} ${row.temperature}` },
    ...figureColumns<GroupRow, InvocationGroup>(groupFigures(report.percentiles), (figure, row) =>
      groupFigureText(figure, row.group, row.temperature),
    ),
  ],
  rows,
)}
${[...DURATION_NOTES, ...report.notes].map((note) => html`<p class="note">${note}</p>`)}</section>`;
}

/** Renders the memory that was used, and the functions' memory size. */
export function memorySection(report: Report): Markup {
  const summary = report.runs
    .flatMap((run) => {
      const most = groupsOf(run).flatMap(({ group }) => group.memoryMB.max ?? []);
      return most.length === 0 ? [] : [`${plainName(run.label)} ${formatAmount(Math.max(...most))} MB`];
    })
    .join('; ');
  return html`<section id="memory"><h2>Memory</h2>
${figure('memory', 'Max Memory Used', `the highest of each run, MB as in the REPORT line${chartedSetting(report)}`, summary, report)}</section>`;
}

/** Renders the cost of a million calls. */
export function costSection(report: Report, routes: readonly RouteView[]): Markup {
  const { cost } = report;
  if (cost.state === 'unpriced') {
    return html`<section id="cost"><h2>${costTitle(report)}</h2><p>Not priced: ${cost.reason}; ${cost.hint}.</p></section>`;
  }
  const rows = routes.flatMap(({ route, runs }) =>
    runs.flatMap((view) => {
      const row = cost.rows.find(({ runId }) => runId === view.run.runId);
      return row === undefined ? [] : [{ route, view, row }];
    }),
  );
  type Row = (typeof rows)[number];
  const summary = rows
    .map(({ route, view, row }) => `${view.name} ${route} ${formatUsd(row.totalUsd)}`)
    .join('; ');
  return html`<section id="cost"><h2>${costTitle(report)}</h2>
${figure('cost', 'US dollars per million calls', `at the measured share of cold starts${chartedSetting(report)}`, summary, report)}
${table<Row>(
  'US dollars per million calls.',
  [
    { head: 'run', kind: 'text', cell: ({ route, view }) => `${view.name} ${route}` },
    ...figureColumns<Row, CostRow>([...COST_FIGURES], (figure, { row }) => figureText(figure, row)),
  ],
  rows,
)}
${costNotes(report).map((note) => html`<p class="note">${note}</p>`)}</section>`;
}

const CURVES_NOTE =
  'Over memory in MB, with 95 % intervals; all axes are logarithmic. Warm: ● is on the Pareto front, so no other size of that function is both faster and cheaper; ○ is not.';

/**
 * Renders the curves over memory sizes, four charts for each route, and the architectures. Undefined without a sweep.
 */
export function sweepSection(report: Report): Markup | undefined {
  const [sizes, architectures] = [sweepTable(report), architectureTable(report)];
  const first = sizes ?? architectures;
  if (first === undefined) return undefined;
  const routes = [...new Set(sweptCurves(report).map(({ route }) => route))];
  return html`<section id="sweep"><h2>${first.title}</h2>
${sizes === undefined ? undefined : html`<p class="note">${CURVES_NOTE}</p>`}
${routes.map(
  (route) => html`<div class="pair">
${figure(`sweep-time-${route}`, `${route}: warm`, 'median duration', 'The table has the figures.', report)}
${figure(`sweep-cost-${route}`, `${route}: compute, warm`, 'US dollars per million calls', 'The table has the figures.', report)}
</div>
<div class="pair">
${figure(`sweep-cold-${route}`, `${route}: cold`, 'median duration, init included', 'The table has the figures.', report)}
${figure(`sweep-cold-cost-${route}`, `${route}: compute, cold`, 'US dollars per million calls, init included', 'The table has the figures.', report)}
</div>`,
)}
${sizes === undefined ? undefined : textTableMarkup('Every memory size.', sizes)}
${
  architectures === undefined
    ? undefined
    : html`<h3>${architectures.title}</h3>${textTableMarkup('The architectures.', architectures)}`
}</section>`;
}

/** Renders the duration of forced cold starts. Undefined if there were none. */
export function coldStartSection(report: Report): Markup | undefined {
  const starts = coldStartTable(report);
  if (starts === undefined) return undefined;
  return html`<section id="cold-starts"><h2>${starts.title}</h2>
${textTableMarkup('Forced cold starts.', starts)}</section>`;
}

function textTableMarkup(caption: string, { heads, rows, notes }: TextTable): Markup {
  const columns = heads.map(
    (head, at): TableColumn<readonly string[]> => ({
      head,
      kind: at < TEXT_COLUMNS ? 'text' : 'number',
      cell: (cells) => cells[at] ?? '',
    }),
  );
  return html`${table(caption, columns, rows)}${notes.length === 0 ? undefined : '\n'}${notes.map((note) => html`<p class="note">${note}</p>`)}`;
}

/** Renders the load generator's figures. Undefined if there are none. */
export function clientSection(report: Report, routes: readonly RouteView[]): Markup | undefined {
  const rows = routes.flatMap(({ route, runs }) =>
    runs.flatMap((view) => (view.run.client === undefined ? [] : [{ route, view, side: view.run.client }])),
  );
  if (rows.length === 0) return undefined;
  type Row = (typeof rows)[number];
  return html`<section id="client"><h2>${CLIENT_TITLE}</h2>
${table<Row>(
  'What the load generator saw.',
  [
    { head: 'run', kind: 'text', cell: ({ route, view }) => `${view.name} ${route}` },
    ...figureColumns<Row, ClientSide>(clientFigures(report.percentiles), (figure, { side }) =>
      figureText(figure, side),
    ),
    { head: OUTCOMES_HEADING, kind: 'text', cell: ({ side }) => outcomesText(side) },
  ],
  rows,
)}
<p class="note">${CLIENT_NOTE} Network, API Gateway and queueing are in it.</p>
${originNotes(report).map((note) => html`<p class="note">${note}</p>`)}</section>`;
}
