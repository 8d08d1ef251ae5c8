import type { History, HistoryGroup, HistoryPoint } from '../model/history.ts';
import { formatAmount, formatCount, toThreeDigits } from '../model/number-text.ts';
import { routeTitle } from '../model/route.ts';
import { html, Markup, table } from './html/markup.ts';
import reportStyle from './html/report.css?raw';
import { formatTime } from './report-view.ts';

/** The page has no script and fetches nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE = `figure { margin: 12px 0 20px; } svg { width: 100%; height: auto; } svg text { fill: var(--quiet); font: 12px system-ui, sans-serif; } svg .grid { stroke: var(--line); } svg .runtime { font-weight: 600; }`;

/** Of a figure, in the units of its own coordinates. */
const WIDTH = 1080;
const HEIGHT = 300;
const EDGE = { left: 64, right: 110, top: 16, bottom: 32 } as const;
/** How many colours the style sheet has for series. */
const COLOURS = 6;
const TICKS = 5;
const DAY_MS = 86_400_000;

/** The medians over days as one HTML document that needs no other file and no network: a figure for each route. */
export function renderHistoryPage(history: History): string {
  const names = [...new Set(history.groups.flatMap(({ series }) => series.map(({ runtime }) => runtime)))];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>shedbench: medians over days</title>
<style>${new Markup(reportStyle)}
${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>Medians over days</h1>
<p class="quiet">Median of the Duration of warm invocations, on a logarithmic scale. A point is a run; its line goes from the lowest to the highest median of a round. Times are UTC.</p>
</header>
<main>
${history.groups.map((group) => section(group, names))}
</main>
<footer class="quiet"><p>Printed ${formatTime(history.createdAtEpochMs)} by shedbench. ${leftOut(history.withoutRows)}</p></footer>
</body>
</html>
`;
  return page.text;
}

function leftOut(withoutRows: number): string {
  if (withoutRows === 0) return '';
  return withoutRows === 1
    ? 'One run is left out: no report was made of it.'
    : `${formatCount(withoutRows)} runs are left out: no report was made of them.`;
}

function section(group: HistoryGroup, names: readonly string[]): Markup {
  const rows = group.series.flatMap(({ runtime, points }) => points.map((point) => ({ runtime, point })));
  return html`<section class="card">
<h2>${routeTitle(group.route)}</h2>
<p class="quiet">${group.facts}</p>
<figure>${figure(group, names)}</figure>
<details><summary>All ${rows.length} runs</summary>
${table(
  `The runs of ${group.route}`,
  [
    { head: 'runtime', kind: 'text', cell: ({ runtime }) => runtime },
    { head: 'measured', kind: 'text', cell: ({ point }) => formatTime(point.measuredAtEpochMs) },
    { head: 'p50 ms', kind: 'number', cell: ({ point }) => formatAmount(point.p50Ms) },
    { head: 'rounds ms', kind: 'number', cell: ({ point }) => roundsText(point) },
    { head: 'invocations', kind: 'number', cell: ({ point }) => formatCount(point.count) },
    { head: 'run', kind: 'text', cell: ({ point }) => point.runId },
  ],
  rows,
)}</details>
</section>`;
}

function roundsText({ roundsMs }: HistoryPoint): string {
  return roundsMs === undefined ? '–' : `${formatAmount(roundsMs.low)} to ${formatAmount(roundsMs.high)}`;
}

/** Where a time and a duration stand in a figure. */
interface Scale {
  readonly x: (epochMs: number) => number;
  readonly y: (ms: number) => number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lowMs: number;
  readonly highMs: number;
}

function figure(group: HistoryGroup, names: readonly string[]): Markup {
  const scale = scaleOf(group.series.flatMap(({ points }) => points));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Medians of ${group.route} over days">
${valueTicks(scale)}
${dayTicks(scale)}
${group.series.map(({ runtime, points }) => line(runtime, points, names.indexOf(runtime), scale))}
</svg>`;
}

function scaleOf(points: readonly HistoryPoint[]): Scale {
  const times = points.map(({ measuredAtEpochMs }) => measuredAtEpochMs);
  // A day on each side, so that one day's points do not stand on the edge.
  const [fromMs, toMs] = [Math.min(...times) - DAY_MS / 2, Math.max(...times) + DAY_MS / 2];
  const lowMs = Math.min(...points.map(({ p50Ms, roundsMs }) => roundsMs?.low ?? p50Ms)) / 1.15;
  const highMs = Math.max(...points.map(({ p50Ms, roundsMs }) => roundsMs?.high ?? p50Ms)) * 1.15;
  const [across, up] = [WIDTH - EDGE.left - EDGE.right, HEIGHT - EDGE.top - EDGE.bottom];
  return {
    x: (epochMs) => round(EDGE.left + ((epochMs - fromMs) / (toMs - fromMs)) * across),
    y: (ms) => round(EDGE.top + (1 - Math.log(ms / lowMs) / Math.log(highMs / lowMs)) * up),
    fromMs,
    toMs,
    lowMs,
    highMs,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function valueTicks({ lowMs, highMs, y }: Scale): Markup[] {
  return Array.from({ length: TICKS }, (_, index) => {
    const ms = lowMs * (highMs / lowMs) ** ((index + 0.5) / TICKS);
    return html`<line class="grid" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(ms)}" y2="${y(ms)}"/><text x="${EDGE.left - 8}" y="${y(ms) + 4}" text-anchor="end">${toThreeDigits(ms)} ms</text>`;
  });
}

function dayTicks({ fromMs, toMs, x }: Scale): Markup[] {
  const [first, last] = [Math.ceil(fromMs / DAY_MS), Math.floor(toMs / DAY_MS)];
  const step = Math.max(1, Math.ceil((last - first + 1) / (TICKS * 2)));
  const days = Array.from(
    { length: Math.floor((last - first) / step) + 1 },
    (_, index) => first + index * step,
  );
  return days.map(
    (day) =>
      html`<text x="${x(day * DAY_MS)}" y="${HEIGHT - 8}" text-anchor="middle">${new Date(day * DAY_MS).toISOString().slice(5, 10)}</text><line class="grid" x1="${x(day * DAY_MS)}" x2="${x(day * DAY_MS)}" y1="${EDGE.top}" y2="${HEIGHT - EDGE.bottom}"/>`,
  );
}

function line(runtime: string, points: readonly HistoryPoint[], index: number, { x, y }: Scale): Markup {
  const colour = `var(--series-${(index % COLOURS) + 1})`;
  const at = points.map((point) => ({ point, x: x(point.measuredAtEpochMs), y: y(point.p50Ms) }));
  const last = at.at(-1);
  return html`<g stroke="${colour}" fill="${colour}">
<polyline fill="none" stroke-width="1.5" points="${at.map((one) => `${one.x},${one.y}`).join(' ')}"/>
${at.map(
  ({ point, x, y: middle }) =>
    html`${
      point.roundsMs === undefined
        ? undefined
        : html`<line opacity="0.5" x1="${x}" x2="${x}" y1="${y(point.roundsMs.low)}" y2="${y(point.roundsMs.high)}"/>`
    }<circle cx="${x}" cy="${middle}" r="3.5"><title>${runtime} ${formatTime(point.measuredAtEpochMs)}: ${formatAmount(point.p50Ms)} ms</title></circle>`,
)}
${last === undefined ? undefined : html`<text class="runtime" style="fill: ${colour}; stroke: none" x="${last.x + 10}" y="${last.y + 4}">${runtime}</text>`}
</g>`;
}
