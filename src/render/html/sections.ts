import type { ClientSide, InvocationGroup, Report, Summary, Temperature } from '../../model/report.ts';
import { formatAmount, formatCount, formatShare, formatUsd, NO_VALUE } from '../numbers.ts';
import { ratioText } from '../ratio-text.ts';
import { costNotes, costTitle, outcomesText } from '../report-notes.ts';
import { formatTime, groupOf, groupsOf, type RouteView, type RunView } from '../report-view.ts';
import { html, Markup, type TableColumn, table } from './markup.ts';

const NOTHING = new Markup('');

/** What is not as it should be, errors first. */
export function problemList({ problems }: Report): Markup {
  if (problems.length === 0) return NOTHING;
  const sorted = [...problems].sort((a, b) => b.exitCode - a.exitCode);
  return html`<ul class="problems">${sorted.map(
    ({ severity, message, hint }) =>
      html`<li class="${severity}"><b>${severity}</b> ${message}${hint === undefined ? undefined : html`<br><span class="quiet">${hint}</span>`}</li>`,
  )}</ul>`;
}

function figure(chart: string, title: string, note: string, summary: string, report: Report): Markup {
  const origin =
    report.target.kind === 'aws'
      ? ''
      : report.target.kind === 'local'
        ? ' · LOCAL CLOUD, NOT AWS'
        : ' · NOT AWS';
  return html`<figure><figcaption><b>${title}</b> · ${note}${origin}</figcaption>
<div class="chart" data-chart="${chart}" role="img" aria-label="${title}. ${summary}"></div></figure>`;
}

function nameCell({ name, isBest }: RunView): Markup {
  return isBest ? html`<span class="best">★ ${name}</span>` : html`${name}`;
}

/** Who is how much faster, and what a cold start adds. */
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
  const p50 = (temperature: Temperature) => ({
    head: `${temperature} p50 ms`,
    kind: 'number' as const,
    cell: ({ view }: Row) => formatAmount(groupOf(view.run, temperature)?.durationMs.p50),
  });
  const summary = rows
    .map(({ route, view }) => {
      const [warm, cold] = [groupOf(view.run, 'warm'), groupOf(view.run, 'cold')];
      return `${view.name} ${route} warm ${formatAmount(warm?.durationMs.p50)}, cold ${formatAmount(cold?.durationMs.p50)} ms`;
    })
    .join('; ');
  return html`<section id="glance"><h2>At a glance</h2>
${table<Row>(
  baseline === undefined
    ? 'Median duration; ★ lowest warm median of the route.'
    : `Median duration, and how many times faster than ${baseline} with the 95 % bootstrap interval; ~ where 1 lies within. ★ lowest warm median of the route.`,
  [
    { head: 'route', kind: 'text', cell: ({ route }) => route },
    { head: 'runtime', kind: 'text', cell: ({ view }) => nameCell(view) },
    p50('warm'),
    p50('cold'),
    ...(baseline === undefined ? [] : [ratio('warm'), ratio('cold')]),
  ],
  rows,
)}
${figure('cold-warm', 'Cold against warm', 'median duration, init included, logarithmic', summary, report)}
</section>`;
}

interface GroupRow {
  readonly view: RunView;
  readonly temperature: Temperature;
  readonly group: InvocationGroup;
}

function groupColumns(): TableColumn<GroupRow>[] {
  const of = (
    head: string,
    value: (group: InvocationGroup) => number | undefined,
  ): TableColumn<GroupRow> => ({
    head,
    kind: 'number',
    cell: ({ group }) => formatAmount(value(group)),
  });
  const spread = (name: string, summary: (group: InvocationGroup) => Summary | undefined) => [
    of(`${name} avg`, (group) => summary(group)?.mean),
    of('min', (group) => summary(group)?.min),
    of('max', (group) => summary(group)?.max),
    of('sd', (group) => summary(group)?.stddev),
  ];
  const count = (head: string, value: (group: InvocationGroup) => number): TableColumn<GroupRow> => ({
    head,
    kind: 'number',
    cell: ({ group }) => formatCount(value(group)),
  });
  return [
    { head: '', kind: 'text', cell: ({ view }) => nameCell(view) },
    { head: '', kind: 'text', cell: ({ temperature }) => temperature },
    count('count', (group) => group.count),
    ...spread('duration', ({ durationMs }) => durationMs),
    of('p50', ({ durationMs }) => durationMs.p50),
    of('p90', ({ durationMs }) => durationMs.p90),
    of('p99', ({ durationMs }) => durationMs.p99),
    of('init avg', ({ initMs }) => initMs?.mean),
    of('p99', ({ initMs }) => initMs?.p99),
    ...spread('billed', ({ billedMs }) => billedMs),
    ...spread('MB', ({ memoryMB }) => memoryMB),
    count('errors', ({ errors }) => errors),
    count('timeouts', ({ timeouts }) => timeouts),
  ];
}

/** One route: its distributions, its course over time, all of its figures. */
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
  const unread = view.runs.flatMap(({ name, run: { server } }) =>
    server.state === 'unavailable' ? [html`<p class="quiet">${name}: ${server.reason}.</p>`] : [],
  );
  return html`<section id="${view.route}"><h2>${view.title}</h2>
<div class="pair">
${figure(`warm-${view.route}`, 'Warm', 'share of invocations within a duration', summary('warm'), report)}
${figure(`cold-${view.route}`, 'Cold', 'the same, init included', summary('cold'), report)}
</div>
${figure(`time-${view.route}`, 'Over the run', 'duration from the first to the last invocation; line: median, dots: slowest; logarithmic', 'Medians as lines, slowest as dots; the table has the figures.', report)}
${unread}
${table<GroupRow>('Duration in ms, init included; billed in ms; MB of memory used at most; sd: standard deviation of the sample.', groupColumns(), rows)}
</section>`;
}

/** Memory used, against what the functions had. */
export function memorySection(report: Report): Markup {
  const summary = report.runs
    .flatMap((run) => {
      const most = groupsOf(run).map(({ group }) => group.memoryMB.max);
      return most.length === 0 ? [] : [`${run.label} ${formatAmount(Math.max(...most))} MB`];
    })
    .join('; ');
  return html`<section id="memory"><h2>Memory</h2>
${figure('memory', 'Max Memory Used', 'the highest of each run, MB as in the REPORT line', summary, report)}</section>`;
}

/** What a million calls cost. */
export function costSection(report: Report, routes: readonly RouteView[]): Markup {
  const { cost } = report;
  if (cost.state === 'unpriced') {
    return html`<section id="cost"><h2>Cost of a million calls</h2><p>Not priced: ${cost.reason}; ${cost.hint}.</p></section>`;
  }
  const rows = routes.flatMap(({ route, runs }) =>
    runs.flatMap((view) => {
      const row = cost.rows.find(({ runId }) => runId === view.run.runId);
      return row === undefined ? [] : [{ route, view, row }];
    }),
  );
  type Row = (typeof rows)[number];
  const usd = (head: string, value: (row: Row['row']) => number | undefined): TableColumn<Row> => ({
    head,
    kind: 'number',
    cell: ({ row }) => formatUsd(value(row)),
  });
  const summary = rows
    .map(({ route, view, row }) => `${view.name} ${route} ${formatUsd(row.totalUsd)}`)
    .join('; ');
  return html`<section id="cost"><h2>${costTitle(report)}</h2>
${figure('cost', 'US dollars per million calls', 'at the measured share of cold starts', summary, report)}
${table<Row>(
  'US dollars per million calls.',
  [
    { head: 'route', kind: 'text', cell: ({ route }) => route },
    { head: 'runtime', kind: 'text', cell: ({ view }) => view.name },
    { head: 'cold', kind: 'number', cell: ({ row }) => formatShare(row.coldShare) },
    { head: 'billed ms', kind: 'number', cell: ({ row }) => formatAmount(row.meanBilledMs) },
    usd('GB-seconds', (row) => row.lambdaComputeUsd),
    usd('Lambda requests', (row) => row.lambdaRequestUsd),
    usd('API Gateway', (row) => row.apiGatewayUsd),
    usd('DynamoDB (est.)', (row) => row.dynamodb?.usd),
    usd('total', (row) => row.totalUsd),
    usd('if all warm', (row) => row.warmTotalUsd),
  ],
  rows,
)}
${costNotes(report).map((note) => html`<p class="quiet">${note}</p>`)}</section>`;
}

/** The other end of the wire. */
export function clientSection(routes: readonly RouteView[]): Markup {
  const rows = routes.flatMap(({ route, runs }) =>
    runs.map((view) => ({ route, view, side: view.run.client })),
  );
  type Row = (typeof rows)[number];
  const latency = (
    head: string,
    value: (latency: NonNullable<ClientSide['latency']>) => number,
  ): TableColumn<Row> => ({
    head,
    kind: 'number',
    cell: ({ side }) => formatAmount(side.latency === undefined ? undefined : value(side.latency)),
  });
  const count = (head: string, value: (side: ClientSide) => number): TableColumn<Row> => ({
    head,
    kind: 'number',
    cell: ({ side }) => formatCount(value(side)),
  });
  return html`<section id="client"><h2>Seen by the client</h2>
${table<Row>(
  'Latency of successes, ms, from the load generator: network, API Gateway and queueing included.',
  [
    { head: 'route', kind: 'text', cell: ({ route }) => route },
    { head: 'runtime', kind: 'text', cell: ({ view }) => view.name },
    count('calls', ({ calls }) => calls),
    count('unexpected', ({ unexpected }) => unexpected),
    count('errors', ({ errors }) => errors),
    count('retries', ({ retries }) => retries),
    { head: 'calls/s', kind: 'number', cell: ({ side }) => formatAmount(side.ratePerSecond) },
    latency('avg', ({ meanMs }) => meanMs),
    latency('min', ({ minMs }) => minMs),
    latency('p50', ({ p50Ms }) => p50Ms),
    latency('p90', ({ p90Ms }) => p90Ms),
    latency('p99', ({ p99Ms }) => p99Ms),
    latency('max', ({ maxMs }) => maxMs),
    { head: 'attempts by outcome', kind: 'text', cell: ({ side }) => outcomesText(side) },
  ],
  rows,
)}</section>`;
}

/** Everything that somebody needs who doubts the figures or wants to measure them again. */
export function methodSection(report: Report): Markup {
  const { queries, runs, cost } = report;
  const short = (hash: string | undefined) =>
    hash === undefined ? NO_VALUE : html`<code title="${hash}">${hash.slice(0, 12)}</code>`;
  return html`<section id="method"><h2>How it was measured</h2>
<dl>
<dt>Source</dt><dd>The REPORT lines that Lambda writes, read by CloudWatch Logs Insights over each run's window, in server time. Two queries: one that aggregates, one that gives every row. Count, minimum, maximum and mean must agree between them.</dd>
<dt>Complete</dt><dd>A run's rows must be as many as its attempts that reached the function: answers of the handler, 502 and 504 did; 403, 429 and refusals before the handler did not; cut connections may have.</dd>
<dt>Percentiles</dt><dd>By nearest rank: always a duration that was measured.</dd>
<dt>Intervals</dt><dd>95 %, bootstrap of both samples, 4,000 resamples. They tell chance within these runs, not what another day or machine would give.</dd>
<dt>Cold</dt><dd>An invocation whose REPORT line has an Init Duration; its duration here is both together. Billed duration holds the init already and is never added to it.</dd>
<dt>Memory</dt><dd>Max Memory Used is the highest so far in one environment; MB as in the REPORT line (Insights counts 1,000,000 bytes each).</dd>
${cost.state === 'priced' ? html`<dt>Prices</dt><dd>AWS's list prices of ${cost.priceRegion} as of ${cost.pricesAsOf}.</dd>` : undefined}
</dl>
${table(
  'The runs.',
  [
    { head: 'run', kind: 'text', cell: (run) => run.runId },
    { head: 'function', kind: 'text', cell: (run) => run.label },
    { head: 'runtime', kind: 'text', cell: (run) => run.lambdaRuntime ?? NO_VALUE },
    { head: 'architecture', kind: 'text', cell: (run) => run.architecture ?? NO_VALUE },
    {
      head: 'memory MB',
      kind: 'number',
      cell: (run) => (run.memorySizeMB === undefined ? NO_VALUE : String(run.memorySizeMB)),
    },
    { head: 'load', kind: 'text', cell: (run) => `${run.plan.mode} loop, ${run.plan.parallel} in flight` },
    { head: 'window from', kind: 'text', cell: (run) => formatTime(run.window.startEpochMs) },
    {
      head: 'seconds',
      kind: 'number',
      cell: (run) => formatAmount((run.window.endEpochMs - run.window.startEpochMs) / 1000),
    },
    {
      head: 'rows',
      kind: 'number',
      cell: ({ server }) =>
        server.state === 'unavailable'
          ? NO_VALUE
          : `${formatCount(server.completeness.found)} of ${formatCount(server.completeness.expected.max)}`,
    },
    {
      head: 'sheep',
      kind: 'number',
      cell: (run) =>
        run.sheep === undefined
          ? NO_VALUE
          : `${formatCount(run.sheep.before)} → ${formatCount(run.sheep.after)}`,
    },
    { head: 'code', kind: 'text', cell: (run) => short(run.artifactSha256) },
    { head: 'template', kind: 'text', cell: (run) => short(run.templateSha256) },
  ],
  runs,
)}
<details><summary>The queries</summary>
<h3>Aggregate</h3><pre>${queries.aggregate}</pre>
<h3>Rows</h3><pre>${queries.rows}</pre></details>
</section>`;
}
