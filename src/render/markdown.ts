import type { InvocationGroup, Report } from '../model/report.ts';
import { markdownText } from './markdown-text.ts';
import { formatAmount, formatCount, formatShare, formatUsd, NO_VALUE } from './numbers.ts';
import { ratioText } from './ratio-text.ts';
import { costNotes, costTitle, outcomesText } from './report-notes.ts';
import {
  completenessLine,
  formatTime,
  groupsOf,
  localNotice,
  routeViews,
  sharedFacts,
} from './report-view.ts';

/** A cell's text, or Markdown whose texts are escaped already. */
type MarkdownCell = string | { readonly markdown: string };

/** A GitHub table. Its first `leftColumns` columns are aligned left, the numbers after them right. */
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

const GROUP_COLUMNS: readonly (readonly [head: string, value: (group: InvocationGroup) => string])[] = [
  ['count', ({ count }) => formatCount(count)],
  ['avg', ({ durationMs }) => formatAmount(durationMs.mean)],
  ['min', ({ durationMs }) => formatAmount(durationMs.min)],
  ['max', ({ durationMs }) => formatAmount(durationMs.max)],
  ['sd', ({ durationMs }) => formatAmount(durationMs.stddev)],
  ['p50', ({ durationMs }) => formatAmount(durationMs.p50)],
  ['p90', ({ durationMs }) => formatAmount(durationMs.p90)],
  ['p99', ({ durationMs }) => formatAmount(durationMs.p99)],
  ['init', ({ initMs }) => formatAmount(initMs?.mean)],
  ['billed', ({ billedMs }) => formatAmount(billedMs.mean)],
  ['MB', ({ memoryMB }) => formatAmount(memoryMB.mean)],
  ['failed', ({ errors, timeouts }) => formatCount(errors + timeouts)],
];

function durations(report: Report): string {
  const rows = routeViews(report).flatMap(({ runs }) =>
    runs.flatMap(({ run, name, isBest }) => {
      const label = name === run.runtime ? run.label : `${run.label} (${name})`;
      const shown = isBest ? { markdown: `**${markdownText(label)}** ★` } : label;
      const groups = groupsOf(run);
      if (groups.length === 0) return [[shown, NO_VALUE, ...GROUP_COLUMNS.map(() => NO_VALUE)]];
      return groups.map(({ temperature, group }) => [
        shown,
        temperature,
        ...GROUP_COLUMNS.map(([, value]) => value(group)),
      ]);
    }),
  );
  return table(['function', '', ...GROUP_COLUMNS.map(([head]) => head)], rows, 2);
}

function ratios(report: Report): string | undefined {
  if (report.baseline === undefined || report.ratios.length === 0) return undefined;
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap(({ run, name }) => {
      const own = report.ratios.filter(({ runId }) => runId === run.runId);
      if (own.length === 0) return [];
      const text = (temperature: 'warm' | 'cold') => {
        const ratio = own.find((one) => one.temperature === temperature);
        return ratio === undefined ? NO_VALUE : ratioText(ratio);
      };
      return [[route, name, text('warm'), text('cold')]];
    }),
  );
  return `### Against ${markdownText(report.baseline)}\n\nBy p50, with 95 % bootstrap intervals; ~ where 1 lies within.\n\n${table(['route', 'runtime', 'warm', 'cold'], rows, 4)}`;
}

function client(report: Report): string {
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.map(({ run: { client: side }, name }) => [
      route,
      name,
      outcomesText(side),
      formatCount(side.calls),
      formatCount(side.unexpected + side.errors),
      formatCount(side.retries),
      formatAmount(side.ratePerSecond),
      formatAmount(side.latency?.p50Ms),
      formatAmount(side.latency?.p90Ms),
      formatAmount(side.latency?.p99Ms),
      formatAmount(side.latency?.maxMs),
    ]),
  );
  const head = [
    'route',
    'runtime',
    'attempts',
    'calls',
    'failed',
    'retries',
    'calls/s',
    'p50',
    'p90',
    'p99',
    'max',
  ];
  return `### Seen by the client\n\nLatency of successes, ms.\n\n${table(head, rows, 3)}`;
}

function costs(report: Report): string {
  const { cost } = report;
  if (cost.state === 'unpriced')
    return `### Cost of a million calls\n\nNot priced: ${markdownText(cost.reason)}; ${markdownText(cost.hint)}.`;
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap(({ run, name }) => {
      const row = cost.rows.find(({ runId }) => runId === run.runId);
      if (row === undefined) return [];
      return [
        [
          route,
          name,
          formatShare(row.coldShare),
          formatAmount(row.meanBilledMs),
          formatUsd(row.lambdaComputeUsd),
          formatUsd(row.lambdaRequestUsd),
          formatUsd(row.apiGatewayUsd),
          formatUsd(row.dynamodb?.usd),
          formatUsd(row.totalUsd),
          formatUsd(row.warmTotalUsd),
        ],
      ];
    }),
  );
  const head = [
    'route',
    'runtime',
    'cold',
    'billed ms',
    'GB-s',
    'requests',
    'API Gateway',
    'DynamoDB (est.)',
    'total',
    'if all warm',
  ];
  return `### ${markdownText(costTitle(report))}\n\n${table(head, rows, 2)}\n\n${costNotes(report).map(markdownText).join('\n')}`;
}

/** The report as GitHub-flavoured Markdown. */
export function renderMarkdown(report: Report): string {
  const notice = localNotice(report);
  const problems = report.problems.map(
    ({ severity, message, hint }) =>
      `- **${severity}**: ${markdownText(message)}${hint === undefined ? '' : `. ${markdownText(hint)}`}`,
  );
  const sections = [
    '## shedbench report',
    notice === undefined
      ? undefined
      : [
          `> **${markdownText(notice.title)}**`,
          ...notice.lines.map((line) => `> ${markdownText(line)}`),
        ].join('\n>\n'),
    [
      `${markdownText(sharedFacts(report))} · ${formatTime(report.createdAtEpochMs)}`,
      markdownText(completenessLine(report)),
    ].join('\n\n'),
    problems.length === 0 ? undefined : problems.join('\n'),
    `### Duration\n\nms, a cold start's init included; billed in ms; MB of memory used at most; sd of the sample; ★ lowest warm p50 of the route.\n\n${durations(report)}`,
    ratios(report),
    client(report),
    costs(report),
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}
