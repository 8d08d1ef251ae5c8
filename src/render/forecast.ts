import type { Band, ForecastPoint, FunctionForecast, MadeForecast } from '../model/forecast.ts';
import { formatCount, formatForecastMs, groupThousands, NO_VALUE } from '../model/number-text.ts';
import type { Report } from '../model/report.ts';
import { inBenchOrder } from '../model/route.ts';
import { wrapText } from '../model/wrap-text.ts';
import { paint } from './ansi.ts';
import { figureText } from './figure.ts';
import { grid, leftOutNote } from './grid.ts';
import { localNotice, measuredText } from './report-view.ts';
import { FORECAST_FIGURES, FORECAST_MEMORY, FORECAST_USD } from './table-figures.ts';

/** The functions of one route, which share a table. */
export interface ForecastRoute {
  readonly route: string;
  readonly functions: readonly FunctionForecast[];
  /** All memory sizes of the functions, ascending. */
  readonly sizesMB: readonly number[];
}

/** The functions of a forecast by route, in the order of the standard bench. */
export function forecastRoutes({ functions }: MadeForecast): ForecastRoute[] {
  return inBenchOrder(functions.map(({ route }) => route)).flatMap((route) => {
    const own = functions.filter((one) => one.route === route);
    const sizes = own.flatMap(({ points }) => points.map(({ memoryMB }) => memoryMB));
    return own.length === 0
      ? []
      : [{ route, functions: own, sizesMB: [...new Set(sizes)].sort((a, b) => a - b) }];
  });
}

/** The point of a function at a memory size. Undefined if the function does not fit into it. */
export function pointAt({ points }: FunctionForecast, memoryMB: number): ForecastPoint | undefined {
  return points.find((point) => point.memoryMB === memoryMB);
}

/** A value with its limits: `120 (87–170)`. */
export function bandText(band: Band | undefined): string {
  if (band === undefined) return NO_VALUE;
  return `${formatForecastMs(band.value)} (${formatForecastMs(band.low)}–${formatForecastMs(band.high)})`;
}

/** The warm median at a memory size with its limits. `–` if the function does not fit into it. */
export function warmText(one: FunctionForecast, memoryMB: number): string {
  return bandText(pointAt(one, memoryMB)?.warmP50);
}

/** The cost at a memory size, US dollars. */
export function forecastUsd(one: FunctionForecast, memoryMB: number): string {
  return figureText(FORECAST_USD, pointAt(one, memoryMB));
}

/**
 * The summary of a function: `rust: cheapest at 128 MB, fastest at 1,769 MB; above 1,024 MB it gains less than a
 * tenth. A cold start: 150 ms (110–200) at 128 MB, of which init 15 ms.`
 */
export function choiceText(one: FunctionForecast): string {
  const { runtime, cheapestMB, fastestMB } = one;
  const cheapest = cheapestMB === undefined ? '' : `cheapest at ${size(cheapestMB)}, `;
  return `${runtime}: ${cheapest}fastest at ${size(fastestMB)}; ${enoughText(one)}.${coldText(one)}`;
}

function size(memoryMB: number): string {
  return `${groupThousands(memoryMB)} MB`;
}

/** Where more memory stops to pay. */
function enoughText({ points, fastestMB, enoughMB }: FunctionForecast): string {
  if (points.length === 1) return 'no other size was computed';
  if (enoughMB !== fastestMB) return `above ${size(enoughMB)} it gains less than a tenth`;
  return enoughMB === points[0]?.memoryMB
    ? 'more memory makes it no faster'
    : 'less memory takes a tenth longer or more';
}

/**
 * ` A cold start: 150 ms (110–200) at 128 MB, of which init 15 ms.`, at the smallest size. Empty if no cold start was
 * measured.
 */
function coldText({ points: [smallest], initMs }: FunctionForecast): string {
  if (smallest?.coldP50 === undefined || initMs === undefined) return '';
  const { value, low, high } = smallest.coldP50;
  const limits = `(${formatForecastMs(low)}–${formatForecastMs(high)})`;
  return ` A cold start: ${formatForecastMs(value)} ms ${limits} at ${groupThousands(smallest.memoryMB)} MB, of which init ${formatForecastMs(initMs.value)} ms.`;
}

/** The text at the top of every form of the forecast. */
export function forecastTitle({ architecture, priceRegion }: MadeForecast): string {
  const prices =
    priceRegion === undefined ? 'no prices' : `$: Lambda, per million warm calls in ${priceRegion}`;
  return `Forecast for Lambda (${architecture}), warm median in ms with its limits; ${prices}`;
}

/** Renders the forecast of a report as text for a terminal. */
export function renderForecast(
  report: Report,
  forecast: MadeForecast,
  style: { readonly color: boolean; readonly columns: number },
): string {
  const { bold, dim, yellow } = paint(style.color);
  const wrap = (text: string) => wrapText(text, style.columns);
  const notice = localNotice(report);
  const sections = forecastRoutes(forecast).map(({ route, functions, sizesMB }) => {
    const { text, dropped } = grid<number>(
      [
        { head: FORECAST_MEMORY.heading, align: 'right', cell: formatCount },
        ...functions.flatMap((one) => [
          {
            head: one.runtime,
            align: 'right' as const,
            cell: (size: number) => warmText(one, size),
          },
          {
            head: FORECAST_USD.heading,
            align: 'right' as const,
            cell: (size: number) => forecastUsd(one, size),
            dropOrder: 1,
          },
        ]),
      ],
      sizesMB.map((row) => ({ row })),
      { width: style.columns, head: dim },
    );
    const left =
      dropped.length === 0 ? [] : [dim(wrap(`${leftOutNote([FORECAST_USD.heading], '-o forecast.csv')}`))];
    return [bold(route), text, ...left, ...functions.map((one) => wrap(choiceText(one)))].join('\n');
  });
  return `${[
    [
      bold(yellow('━━ FORECAST, NOT MEASURED ON AWS ━━')),
      ...(notice?.lines.slice(0, 1) ?? []).map((line) => yellow(wrap(line))),
      wrap(`${forecastTitle(forecast)}; ${measuredText(report)}.`),
    ].join('\n'),
    ...sections,
    forecast.notes.map((note) => dim(wrap(note))).join('\n'),
  ].join('\n\n')}\n`;
}

type Cell = string | number | undefined;

/** The columns before and after the figures of a row. */
const CSV_TEXTS: {
  readonly before: readonly (readonly [string, (one: FunctionForecast, forecast: MadeForecast) => Cell])[];
  readonly after: readonly (readonly [string, (one: FunctionForecast, forecast: MadeForecast) => Cell])[];
} = {
  before: [
    ['runtime', ({ runtime }) => runtime],
    ['route', ({ route }) => route],
    ['architecture', (_, { architecture }) => architecture],
  ],
  after: [
    ['model', (_, { model }) => model],
    ['run_id', ({ runId }) => runId],
  ],
};

/** Renders the forecast as CSV, one row per function and memory size. Runtime names contain no commas. */
export function renderForecastCsv(forecast: MadeForecast): string {
  const { before, after } = CSV_TEXTS;
  const cell = (value: Cell) =>
    typeof value === 'number' ? String(Number(value.toPrecision(6))) : (value ?? '');
  const lines = forecast.functions.flatMap((one) =>
    one.points.map((point) =>
      [
        ...before.map(([, of]) => of(one, forecast)),
        ...FORECAST_FIGURES.map(({ value }) => value(point)),
        ...after.map(([, of]) => of(one, forecast)),
      ].map(cell),
    ),
  );
  const head = [
    ...before.map(([name]) => name),
    ...FORECAST_FIGURES.map(({ name }) => name),
    ...after.map(([name]) => name),
  ];
  return [...[head, ...lines].map((cells) => cells.join(',')), ''].join('\r\n');
}

/** Renders the forecast as GitHub-flavoured Markdown. */
export function renderForecastMarkdown(report: Report, forecast: MadeForecast): string {
  const sections = forecastRoutes(forecast).map(({ route, functions, sizesMB }) => {
    const head = [
      FORECAST_MEMORY.heading,
      ...functions.flatMap(({ runtime }) => [runtime, FORECAST_USD.heading]),
    ];
    const rows = sizesMB.map((size) => [
      formatCount(size),
      ...functions.flatMap((one) => [warmText(one, size), forecastUsd(one, size)]),
    ]);
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    return [
      `### ${route}`,
      [line(head), line(head.map(() => '--:')), ...rows.map(line)].join('\n'),
      functions.map((one) => `- ${choiceText(one)}`).join('\n'),
    ].join('\n\n');
  });
  return `${[
    '## Forecast, not measured on AWS',
    `${forecastTitle(forecast)}; ${measuredText(report)}.`,
    ...sections,
    forecast.notes.join('\n'),
  ].join('\n\n')}\n`;
}
