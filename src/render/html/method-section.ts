import { formatAmount, formatCount, NO_VALUE } from '../../model/number-text.ts';
import type { Report, ReportedRun } from '../../model/report.ts';
import { formatTime } from '../report-view.ts';
import { html, type Markup, type TableColumn, table } from './markup.ts';

/** The facts about each run that are needed to repeat the measurement. */
const RUN_COLUMNS: readonly TableColumn<ReportedRun>[] = [
  { head: 'run', kind: 'text', cell: (run) => run.runId },
  { head: 'function', kind: 'text', cell: (run) => run.label },
  { head: 'runtime', kind: 'text', cell: (run) => run.lambdaRuntime ?? NO_VALUE },
  { head: 'interpreter', kind: 'text', cell: (run) => run.interpreter ?? NO_VALUE },
  { head: 'architecture', kind: 'text', cell: (run) => run.architecture ?? NO_VALUE },
  {
    head: 'memory MB',
    kind: 'number',
    cell: (run) => (run.memorySizeMB === undefined ? NO_VALUE : String(run.memorySizeMB)),
  },
  {
    head: 'load',
    kind: 'text',
    cell: ({ plan }) => (plan === undefined ? NO_VALUE : `${plan.mode} loop, ${plan.parallel} in flight`),
  },
  {
    head: 'rounds',
    kind: 'number',
    cell: (run) => formatCount(run.rounds.filter(({ index }) => index > 0).length),
  },
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
        : server.completeness.expected === undefined
          ? formatCount(server.completeness.found)
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
];

/** The beginning of a hash, with the whole hash as its tooltip. */
function short(hash: string | undefined): string | Markup {
  return hash === undefined ? NO_VALUE : html`<code title="${hash}">${hash.slice(0, 12)}</code>`;
}

/** Explains how the figures were measured, for readers who doubt them or want to repeat the measurement. */
export function methodSection(report: Report): Markup {
  const { queries, runs, cost } = report;
  return html`<section id="method"><h2>How it was measured</h2>
<dl>
<dt>Source</dt><dd>The REPORT lines that Lambda writes, read by CloudWatch Logs Insights over each run's window, in server time. One query aggregates, another gives every row. Count, minimum, maximum and mean must agree between them.</dd>
<dt>Complete</dt><dd>A run's rows must be as many as its attempts that reached the function: answers of the handler, 502 and 504 did; 403, 429 and refusals before the handler did not; cut connections may have.</dd>
<dt>Percentiles</dt><dd>By nearest rank: always a duration that was measured.</dd>
<dt>Differences</dt><dd>Warm: the ratio is taken within each round, and the 95 % interval comes from the spread between the rounds. Cold: the interval comes from the spread between environments. Nothing is claimed that is smaller than what the machine itself moved by. Another day or machine may give other figures.</dd>
<dt>Cold</dt><dd>An invocation whose REPORT line has an Init Duration; its duration here is both together. Billed duration holds the init already and is never added to it.</dd>
<dt>Memory</dt><dd>Max Memory Used is the highest so far in one environment; MB as in the REPORT line (1,000,000 bytes for Insights).</dd>
${cost.state === 'priced' ? html`<dt>Prices</dt><dd>AWS's list prices of ${cost.priceRegion} as of ${cost.pricesAsOf}.</dd>` : undefined}
</dl>
${table('The runs.', RUN_COLUMNS, runs)}
<details><summary>The queries</summary>
<h3>Aggregate</h3><pre>${queries.aggregate}</pre>
<h3>Rows</h3><pre>${queries.rows}</pre></details>
</section>`;
}
