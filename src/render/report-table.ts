import type {
  ClientSide,
  CostRow,
  InvocationGroup,
  Report,
  ReportProblem,
  SpeedRatio,
  Temperature,
} from '../model/report.ts';
import { type Paint, paint } from './ansi.ts';
import { type Column, type GridLine, grid } from './grid.ts';
import { formatAmount, formatCount, formatShare, formatUsd, NO_VALUE } from './numbers.ts';
import { ratioText } from './ratio-text.ts';
import { costNotes, costTitle, outcomesText } from './report-notes.ts';
import {
  completenessLine,
  formatTime,
  groupsOf,
  localNotice,
  type RunView,
  routeViews,
  sharedFacts,
} from './report-view.ts';

export interface TableOptions {
  /** Characters a line may have; ignored when `wide`. */
  readonly width: number;
  readonly color: boolean;
  /** Every column, however long the lines get. */
  readonly wide: boolean;
}

/** Fewer rows than this and the 99th percentile is their maximum. */
const ENOUGH_FOR_P99 = 100;

interface GroupRow {
  readonly view: RunView;
  readonly temperature: Temperature;
  readonly group: InvocationGroup | undefined;
  /** Of the run's rows, the one that carries its name. */
  readonly isFirst: boolean;
}

const BEST = '★';

function groupColumns(style: Paint): Column<GroupRow>[] {
  const amount = (
    head: string,
    value: (group: InvocationGroup) => number | undefined,
    dropOrder?: number,
  ): Column<GroupRow> => ({
    head,
    align: 'right',
    cell: ({ group }) => formatAmount(group === undefined ? undefined : value(group)),
    ...(dropOrder === undefined ? {} : { dropOrder }),
  });
  const whole = (
    head: string,
    value: (group: InvocationGroup) => number,
    dropOrder?: number,
  ): Column<GroupRow> => ({
    head,
    align: 'right',
    cell: ({ group }) => (group === undefined ? NO_VALUE : formatCount(value(group))),
    ...(dropOrder === undefined ? {} : { dropOrder }),
  });
  return [
    {
      head: '',
      align: 'left',
      cell: ({ view, isFirst }) => {
        const name = `${view.isBest ? BEST : ' '} ${view.name}`;
        return isFirst ? (view.isBest ? style.green(name) : name) : '';
      },
    },
    { head: '', align: 'left', cell: ({ temperature, group }) => (group === undefined ? '' : temperature) },
    whole('count', ({ count }) => count),
    amount('avg', ({ durationMs }) => durationMs.mean),
    amount('min', ({ durationMs }) => durationMs.min, 20),
    amount('max', ({ durationMs }) => durationMs.max, 50),
    amount('sd', ({ durationMs }) => durationMs.stddev, 19),
    amount('p50', ({ durationMs }) => durationMs.p50),
    amount('p90', ({ durationMs }) => durationMs.p90, 40),
    {
      head: 'p99',
      align: 'right',
      cell: ({ group }) =>
        group === undefined
          ? NO_VALUE
          : `${formatAmount(group.durationMs.p99)}${group.count < ENOUGH_FOR_P99 ? '*' : ''}`,
    },
    amount('init', ({ initMs }) => initMs?.mean, 45),
    amount('init p50', ({ initMs }) => initMs?.p50, 9),
    amount('init max', ({ initMs }) => initMs?.max, 8),
    amount('billed', ({ billedMs }) => billedMs.mean),
    amount('billed min', ({ billedMs }) => billedMs.min, 1),
    amount('billed max', ({ billedMs }) => billedMs.max, 3),
    amount('billed sd', ({ billedMs }) => billedMs.stddev, 2),
    amount('MB', ({ memoryMB }) => memoryMB.mean, 60),
    amount('MB min', ({ memoryMB }) => memoryMB.min, 4),
    amount('MB max', ({ memoryMB }) => memoryMB.max, 6),
    amount('MB sd', ({ memoryMB }) => memoryMB.stddev, 5),
    whole('failed', ({ errors, timeouts }) => errors + timeouts),
    whole('timeouts', ({ timeouts }) => timeouts, 7),
  ];
}

function durationSection(report: Report, options: TableOptions, style: Paint): string {
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
  const { text, dropped } = grid(groupColumns(style), lines, {
    width: options.wide ? Number.POSITIVE_INFINITY : options.width,
    head: style.dim,
  });
  const groups = report.runs.flatMap(groupsOf);
  const notes = [
    `Duration in ms, a cold start's init included; billed in ms; MB of memory used at most;`,
    `sd: standard deviation of the sample; failed: timeouts and errors. ${BEST} lowest warm p50 of the route.`,
    groups.some(({ group }) => group.count < ENOUGH_FOR_P99)
      ? '* p99 of fewer than 100 rows is their maximum.'
      : '',
    dropped.length > 0
      ? `Left out for want of room (--wide shows all): ${dropped.length} columns, such as ${dropped.slice(-2).join(', ')}.`
      : '',
  ];
  return [text, '', ...notes.filter((note) => note !== '').map(style.dim)].join('\n');
}

function paintedRatio(ratio: SpeedRatio | undefined, style: Paint): string {
  if (ratio === undefined) return NO_VALUE;
  const text = ratioText(ratio);
  if (ratio.verdict === 'unclear') return text;
  return ratio.verdict === 'faster' ? style.green(text) : style.red(text);
}

function ratioSection(report: Report, options: TableOptions, style: Paint): string | undefined {
  if (report.baseline === undefined || report.ratios.length === 0) return undefined;
  const of = (view: RunView, temperature: Temperature) =>
    report.ratios.find((ratio) => ratio.runId === view.run.runId && ratio.temperature === temperature);
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.filter((view) => of(view, 'warm') ?? of(view, 'cold')).map((view) => ({ route, view })),
  );
  const { text } = grid(
    [
      { head: '', align: 'left', cell: ({ route }) => `  ${route}` },
      { head: '', align: 'left', cell: ({ view }) => view.name },
      { head: 'warm', align: 'left', cell: ({ view }) => paintedRatio(of(view, 'warm'), style) },
      { head: 'cold', align: 'left', cell: ({ view }) => paintedRatio(of(view, 'cold'), style) },
    ],
    rows.map((row) => ({ row })),
    { width: options.width, head: style.dim },
  );
  return [
    style.bold(`Against ${report.baseline}, by p50 (95 % bootstrap intervals; ~ where 1 lies within)`),
    text,
  ].join('\n');
}

function clientSection(report: Report, options: TableOptions, style: Paint): string {
  const rows = routeViews(report).flatMap(({ route, runs }) => runs.map((view) => ({ route, view })));
  type Row = (typeof rows)[number];
  const latency = (
    head: string,
    value: (side: NonNullable<ClientSide['latency']>) => number,
    dropOrder?: number,
  ) => ({
    head,
    align: 'right' as const,
    cell: ({ view }: Row) =>
      formatAmount(view.run.client.latency === undefined ? undefined : value(view.run.client.latency)),
    ...(dropOrder === undefined ? {} : { dropOrder }),
  });
  const count = (head: string, value: (side: ClientSide) => number, dropOrder?: number) => ({
    head,
    align: 'right' as const,
    cell: ({ view }: Row) => formatCount(value(view.run.client)),
    ...(dropOrder === undefined ? {} : { dropOrder }),
  });
  const { text } = grid<Row>(
    [
      { head: '', align: 'left', cell: ({ route }) => `  ${route}` },
      { head: '', align: 'left', cell: ({ view }) => view.name },
      count('calls', ({ calls }) => calls),
      count('failed', ({ unexpected, errors }) => unexpected + errors),
      count('retries', ({ retries }) => retries, 30),
      { head: 'calls/s', align: 'right', cell: ({ view }) => formatAmount(view.run.client.ratePerSecond) },
      latency('avg', ({ meanMs }) => meanMs, 20),
      latency('min', ({ minMs }) => minMs, 10),
      latency('p50', ({ p50Ms }) => p50Ms),
      latency('p90', ({ p90Ms }) => p90Ms, 25),
      latency('p99', ({ p99Ms }) => p99Ms),
      latency('max', ({ maxMs }) => maxMs, 15),
      {
        head: 'attempts by outcome',
        align: 'left',
        cell: ({ view }) => outcomesText(view.run.client),
        dropOrder: 5,
      },
    ],
    rows.map((row) => ({ row })),
    { width: options.wide ? Number.POSITIVE_INFINITY : options.width, head: style.dim },
  );
  return [style.bold('Seen by the client: latency of successes, ms'), text].join('\n');
}

function costSection(report: Report, options: TableOptions, style: Paint): string {
  const { cost } = report;
  if (cost.state === 'unpriced') {
    return `${style.bold('Cost of a million calls')}: ${cost.reason}; ${cost.hint}`;
  }
  const rows = routeViews(report).flatMap(({ route, runs }) =>
    runs.flatMap((view) => {
      const row = cost.rows.find(({ runId }) => runId === view.run.runId);
      return row === undefined ? [] : [{ route, view, row }];
    }),
  );
  type Row = { readonly route: string; readonly view: RunView; readonly row: CostRow };
  const usd = (
    head: string,
    value: (row: CostRow) => number | undefined,
    dropOrder?: number,
  ): Column<Row> => ({
    head,
    align: 'right',
    cell: ({ row }) => formatUsd(value(row)),
    ...(dropOrder === undefined ? {} : { dropOrder }),
  });
  const { text } = grid<Row>(
    [
      { head: '', align: 'left', cell: ({ route }) => `  ${route}` },
      { head: '', align: 'left', cell: ({ view }) => view.name },
      { head: 'cold', align: 'right', cell: ({ row }) => formatShare(row.coldShare) },
      { head: 'billed ms', align: 'right', cell: ({ row }) => formatAmount(row.meanBilledMs) },
      usd('GB-s', (row) => row.lambdaComputeUsd),
      usd('requests', (row) => row.lambdaRequestUsd, 10),
      usd('API Gateway', (row) => row.apiGatewayUsd, 30),
      usd('DynamoDB (est.)', (row) => row.dynamodb?.usd, 20),
      usd('total', (row) => row.totalUsd),
      usd('if all warm', (row) => row.warmTotalUsd),
    ],
    rows.map((row) => ({ row })),
    { width: options.wide ? Number.POSITIVE_INFINITY : options.width, head: style.dim },
  );
  return [style.bold(costTitle(report)), text, ...costNotes(report).map(style.dim)].join('\n');
}

function problemText({ severity, message, hint }: ReportProblem, style: Paint): string {
  const head = severity === 'error' ? style.red('✗') : style.yellow('!');
  return `${head} ${message}${hint === undefined ? '' : `\n  → ${hint}`}`;
}

/** The report as text for a terminal. */
export function renderTable(report: Report, options: TableOptions): string {
  const style = paint(options.color);
  const notice = localNotice(report);
  const facts = sharedFacts(report);
  const head = [
    ...(notice === undefined
      ? []
      : [style.bold(style.yellow(`━━ ${notice.title} ━━`)), ...notice.lines.map(style.yellow), '']),
    `${facts}${facts === '' ? '' : ' · '}${formatTime(report.createdAtEpochMs)}`,
    completenessLine(report),
  ].join('\n');
  return `${[
    head,
    durationSection(report, options, style),
    ratioSection(report, options, style),
    clientSection(report, options, style),
    costSection(report, options, style),
    report.problems.length === 0
      ? undefined
      : report.problems.map((problem) => problemText(problem, style)).join('\n'),
  ]
    .filter((section) => section !== undefined)
    .join('\n\n')}\n`;
}
