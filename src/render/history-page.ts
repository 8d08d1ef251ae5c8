import type { History, HistoryGroup, HistoryPoint, HistorySeries } from '../model/history.ts';
import { formatAmount, formatCount } from '../model/number-text.ts';
import { routeTitle } from '../model/route.ts';
import { MEDIAN_HEADING } from './figures.ts';
import { documentStart, html, Markup, table } from './html/markup.ts';
import reportStyle from './html/report.css?raw';
import { formatTime } from './report-view.ts';

/** The page has no script and loads nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE = `figure { margin: 12px 0 20px; } svg { width: 100%; height: auto; } svg text { fill: var(--quiet); font: 12px system-ui, sans-serif; } svg .grid { stroke: var(--line); } svg .runtime { font-weight: 600; }`;

/** The size of a figure in the coordinates of its SVG. */
const WIDTH = 1080;
const HEIGHT = 300;
const EDGE = { left: 64, right: 110, top: 16, bottom: 32 } as const;
/** How many colours the style sheet has for series. */
const COLOURS = 6;
const MOST_VALUE_TICKS = 7;
const MOST_DAY_TICKS = 9;
const LABEL_HEIGHT = 14;
/** The factor by which the scale goes beyond the lowest and the highest value. */
const ROOM = 1.15;
const DAY_MS = 86_400_000;

/**
 * Renders the medians over days as one HTML document that needs no other file and no network, with a figure for each
 * route.
 */
export function renderHistoryPage(history: History): string {
  const names = [...new Set(history.groups.flatMap(({ series }) => series.map(({ runtime }) => runtime)))];
  const page = html`${documentStart(POLICY)}
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
<details><summary>${rows.length === 1 ? 'The run' : `All ${rows.length} runs`}</summary>
${table(
  `The runs of ${group.route}`,
  [
    { head: 'runtime', kind: 'text', cell: ({ runtime }) => runtime },
    { head: 'measured', kind: 'text', cell: ({ point }) => formatTime(point.measuredAtEpochMs) },
    { head: MEDIAN_HEADING, kind: 'number', cell: ({ point }) => formatAmount(point.p50Ms) },
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

/** Converts a time and a duration to a position in a figure. */
interface Scale {
  readonly x: (epochMs: number) => number;
  readonly y: (ms: number) => number;
  /** The first and the last day, counted from 1970. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly lowMs: number;
  readonly highMs: number;
}

function figure(group: HistoryGroup, names: readonly string[]): Markup {
  const scale = scaleOf(group.series.flatMap(({ points }) => points));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Medians of ${group.route} over days">
${valueTicks(scale)}
${dayTicks(scale)}
${group.series.map((series) => line(series, colourOf(series.runtime, names), scale))}
${labels(group, names, scale)}
</svg>`;
}

function colourOf(runtime: string, names: readonly string[]): string {
  return `var(--series-${(names.indexOf(runtime) % COLOURS) + 1})`;
}

/** The scales of a figure: horizontally whole days, vertically a logarithmic scale with room at both ends. */
function scaleOf(points: readonly HistoryPoint[]): Scale {
  const days = points.map(({ measuredAtEpochMs }) => Math.floor(measuredAtEpochMs / DAY_MS));
  const [firstDay, lastDay] = [Math.min(...days), Math.max(...days)];
  const lowMs = Math.min(...points.map(({ p50Ms, roundsMs }) => roundsMs?.low ?? p50Ms)) / ROOM;
  const highMs = Math.max(...points.map(({ p50Ms, roundsMs }) => roundsMs?.high ?? p50Ms)) * ROOM;
  const [across, up] = [WIDTH - EDGE.left - EDGE.right, HEIGHT - EDGE.top - EDGE.bottom];
  return {
    x: (epochMs) => round(EDGE.left + ((epochMs / DAY_MS - firstDay) / (lastDay + 1 - firstDay)) * across),
    y: (ms) => round(EDGE.top + (1 - Math.log(ms / lowMs) / Math.log(highMs / lowMs)) * up),
    firstDay,
    lastDay,
    lowMs,
    highMs,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function valueTicks({ lowMs, highMs, y }: Scale): Markup[] {
  return roundValues(lowMs, highMs).map(
    (ms) =>
      html`<line class="grid" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(ms)}" y2="${y(ms)}"/><text x="${EDGE.left - 8}" y="${y(ms) + 4}" text-anchor="end">${String(ms)} ms</text>`,
  );
}

/** The values 1, 2 and 5 of every decade between two values. If there are too many, only the 1s. */
function roundValues(low: number, high: number): number[] {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, index) => Math.floor(Math.log10(low)) + index,
  );
  const within = (steps: readonly number[]): number[] =>
    decades
      .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
      .filter((value) => value >= low && value <= high);
  const fine = within([1, 2, 5]);
  return fine.length > MOST_VALUE_TICKS ? within([1]) : fine;
}

function dayTicks({ firstDay, lastDay, x }: Scale): Markup[] {
  const step = Math.ceil((lastDay - firstDay + 1) / MOST_DAY_TICKS);
  const days = Array.from(
    { length: Math.floor((lastDay - firstDay) / step) + 1 },
    (_, index) => firstDay + index * step,
  );
  return days.map((day) => {
    const start = x(day * DAY_MS);
    return html`<line class="grid" x1="${start}" x2="${start}" y1="${EDGE.top}" y2="${HEIGHT - EDGE.bottom}"/><text x="${x((day + 0.5) * DAY_MS)}" y="${HEIGHT - 8}" text-anchor="middle">${new Date(day * DAY_MS).toISOString().slice(0, 10)}</text>`;
  });
}

function line({ runtime, points }: HistorySeries, colour: string, { x, y }: Scale): Markup {
  const at = points.map((point) => ({ point, x: x(point.measuredAtEpochMs), y: y(point.p50Ms) }));
  return html`<g stroke="${colour}" fill="${colour}">
<polyline fill="none" stroke-width="1.5" points="${at.map((one) => `${one.x},${one.y}`).join(' ')}"/>
${at.map(
  ({ point, x: across, y: up }) =>
    html`${
      point.roundsMs === undefined
        ? undefined
        : html`<line opacity="0.5" x1="${across}" x2="${across}" y1="${y(point.roundsMs.low)}" y2="${y(point.roundsMs.high)}"/>`
    }<circle cx="${across}" cy="${up}" r="3.5"><title>${runtime} ${formatTime(point.measuredAtEpochMs)}: ${formatAmount(point.p50Ms)} ms</title></circle>`,
)}
</g>`;
}

/** The runtimes' names beside their latest points. Names that would overlap are moved down. */
function labels(group: HistoryGroup, names: readonly string[], { y }: Scale): Markup[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return group.series
    .map(({ runtime, points }) => ({ runtime, at: y(points.at(-1)?.p50Ms ?? Number.NaN) }))
    .sort((a, b) => a.at - b.at)
    .map(({ runtime, at }) => {
      lowest = Math.max(at, lowest + LABEL_HEIGHT);
      return html`<text class="runtime" style="fill: ${colourOf(runtime, names)}" x="${WIDTH - EDGE.right + 10}" y="${round(lowest + 4)}">${runtime}</text>`;
    });
}
