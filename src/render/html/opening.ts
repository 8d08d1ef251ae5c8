import type { Interval } from '../../model/interval.ts';
import { medianOf } from '../../model/median.ts';
import { formatAmount, formatShare, formatUsd } from '../../model/number-text.ts';
import type { Report, ReportedRun, Samples } from '../../model/report.ts';
import { FEWEST_FOR_MEDIAN, shortfallText } from '../../model/run-work.ts';
import { warmRowsByRound } from '../../model/sample-rows.ts';
import { groupOf, originText, type RouteView, type RunView } from '../report-view.ts';
import { inksOf } from './chart-payload.ts';
import { html, Markup } from './markup.ts';

/** One bar: a value of one run, with its 95 % interval if enough rounds were measured. */
export interface Bar {
  readonly view: RunView;
  readonly value: number;
  readonly interval?: Interval;
}

const percentOf = (value: number, most: number): string => `${((100 * value) / most).toFixed(2)}%`;

/**
 * The result of `figureOf` for the warm rows of each measured round of a run. Empty if the rows were not read
 * individually.
 */
function roundFigures(
  { server }: ReportedRun,
  figureOf: (samples: Samples, rows: readonly number[]) => number | undefined,
): number[] {
  if (server.state !== 'measured' || server.samples === undefined) return [];
  const { samples } = server;
  return warmRowsByRound(samples).flatMap((rows) => figureOf(samples, rows) ?? []);
}

function medianDuration({ durationMs }: Samples, rows: readonly number[]): number | undefined {
  return medianOf(rows.map((row) => durationMs[row] ?? Number.NaN))?.p50;
}

function meanBilled({ billedMs }: Samples, rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + (billedMs[row] ?? Number.NaN), 0) / rows.length;
}

/** The median warm duration of a run, ms. Undefined if there are too few rows for a median. */
export function timeBar(view: RunView): Bar | undefined {
  const group = groupOf(view.run, 'warm');
  const medianMs = group?.durationMs.p50;
  if (group === undefined || medianMs === undefined || group.count < FEWEST_FOR_MEDIAN) return undefined;
  return withInterval(view, medianMs, medianOf(roundFigures(view.run, medianDuration))?.interval);
}

/**
 * The cost of Lambda's compute for a million warm calls of a run, US dollars. It is the median over rounds of the mean
 * billed duration, or, without rounds, the mean over all invocations.
 */
export function computeBar(report: Report, view: RunView): Bar | undefined {
  if (report.cost.state === 'unpriced') return undefined;
  const row = report.cost.rows.find(({ runId }) => runId === view.run.runId);
  const group = groupOf(view.run, 'warm');
  if (row === undefined || group === undefined || row.meanBilledMs === 0) return undefined;
  const usdPerMs = row.lambdaComputeUsd / row.meanBilledMs;
  const { p50: billedMs, interval } = medianOf(roundFigures(view.run, meanBilled)) ?? {
    p50: group.billedMs.mean,
    interval: undefined,
  };
  return withInterval(
    view,
    billedMs * usdPerMs,
    interval === undefined ? undefined : { low: interval.low * usdPerMs, high: interval.high * usdPerMs },
  );
}

function withInterval(view: RunView, value: number, interval: Interval | undefined): Bar {
  return interval === undefined ? { view, value } : { view, value, interval };
}

/** The bars of the runs of one route, on a scale from 0 to the longest bar. */
function routeBars(
  { route }: RouteView,
  bars: readonly Bar[],
  inkOf: (view: RunView) => number,
  textOf: (value: number) => string,
): Markup {
  const most = Math.max(...bars.map(({ value, interval }) => Math.max(value, interval?.high ?? 0)));
  return html`<div class="route-bars"><h4>${route}</h4><ul>${bars.map(({ view, value, interval }) => {
    const series = (inkOf(view) % 6) + 1;
    const range = interval === undefined ? '' : `, ${textOf(interval.low)} to ${textOf(interval.high)}`;
    return html`<li title="${view.name} ${route}: ${textOf(value)}${range}"><span class="bar-name">${view.name}</span><span class="track"><span class="bar" style="width:${percentOf(value, most)};background:var(--series-${series})"></span>${
      interval === undefined
        ? undefined
        : html`<span class="whisker" style="left:${percentOf(interval.low, most)};width:${percentOf(interval.high - interval.low, most)}"></span>`
    }</span><span class="bar-value">${textOf(value)}</span></li>`;
  })}</ul></div>`;
}

function barFigure(
  title: string,
  note: string,
  routes: readonly RouteView[],
  inkOf: (view: RunView) => number,
  barOf: (view: RunView) => Bar | undefined,
  textOf: (value: number) => string,
): Markup {
  const groups = routes.flatMap((route) => {
    const bars = route.runs.map(barOf).filter((bar) => bar !== undefined);
    return bars.length === 0 ? [] : [routeBars(route, bars, inkOf, textOf)];
  });
  return html`<figure class="bars"><figcaption><b>${title}</b> · ${note}</figcaption>${
    groups.length === 0
      ? html`<p class="quiet">Too little was measured for a bar.</p>`
      : html`<div>${groups}</div>`
  }</figure>`;
}

/** Names the runs with calls that were not answered as expected, and the number of these calls. */
function failedCalls(routes: readonly RouteView[]): Markup | undefined {
  const failed = routes.flatMap(({ route, runs }) =>
    runs.flatMap(({ name, run: { client } }) => {
      if (client === undefined) return [];
      const text = shortfallText(client);
      const share = client.calls === 0 ? 0 : (client.unexpected + client.errors) / client.calls;
      return text === undefined
        ? []
        : [html`<li><b>${name} ${route}</b> ${formatShare(share)}: ${text}</li>`];
    }),
  );
  return failed.length === 0 ? undefined : html`<ul class="failed">${failed}</ul>`;
}

/** Renders the two charts at the top of the page: the duration of a warm call, and the cost of its compute. */
export function openingSection(report: Report, routes: readonly RouteView[]): Markup {
  const inkOf = inksOf(report, routes);
  const origin = originText(report);
  const calls = report.runs.reduce((sum, { client }) => sum + (client?.calls ?? 0), 0);
  return html`<section id="answer"><h2>The answer in two charts</h2>
<div class="pair">
${barFigure('Time of a warm call', `median, ms${origin}`, routes, inkOf, timeBar, (ms) => `${formatAmount(ms)} ms`)}
${barFigure('Compute of a million warm calls', `US dollars${origin}`, routes, inkOf, (view) => computeBar(report, view), formatUsd)}
</div>
<p class="note">Each route has a scale of its own, from 0. The line across the end of a bar is a 95 % interval: that of the median of its rounds, where there are six or more.</p>
${failedCalls(routes) ?? (calls === 0 ? undefined : html`<p class="note">Every call was answered as expected.</p>`)}
</section>`;
}

/** Renders links to the sections that are in `body`. */
export function contentsNav(body: Markup, routes: readonly RouteView[]): Markup {
  const named: readonly (readonly [string, string])[] = [
    ['answer', 'The answer'],
    ['glance', 'Warm and cold'],
    ['forecast', 'Forecast'],
    ['sweep', 'Settings'],
    ...routes.map(({ route }) => [route, route] as const),
    ['cold-starts', 'Cold starts'],
    ['memory', 'Memory'],
    ['cost', 'Cost'],
    ['client', 'Client'],
    ['method', 'How it was measured'],
    ['data', 'The data'],
  ];
  const parts = named.filter(([id]) => id === 'answer' || body.text.includes(`<section id="${id}">`));
  return html`<nav aria-label="Contents"><ul>${parts.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
}

/** Renders the figures as a file within the page, and the commands for further data. */
export function dataSection(report: Report, csv: string): Markup {
  const ids = [...new Set(report.runs.map(({ benchId }) => benchId))];
  const runs = ids.map((id) => ` --run ${id}`).join('');
  return html`<section id="data"><h2>The data</h2>
<p><a download="shedbench-figures.csv" href="data:text/csv;charset=utf-8,${new Markup(encodeURIComponent(csv).replaceAll("'", '%27'))}">shedbench-figures.csv</a>, every figure of this page, is within it. All rows, and this report as JSON, are given by:</p>
<pre>shedbench report${runs} -o report.json</pre>
</section>`;
}
