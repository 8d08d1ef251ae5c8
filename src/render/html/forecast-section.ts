import type { FunctionForecast, MadeForecast } from '../../model/forecast.ts';
import { formatCount } from '../../model/number-text.ts';
import type { Report } from '../../model/report.ts';
import {
  choiceText,
  type ForecastRoute,
  forecastRoutes,
  forecastTitle,
  forecastUsd,
  warmText,
} from '../forecast.ts';
import { FORECAST_MEMORY, FORECAST_USD } from '../table-figures.ts';
import type { MemoryCurve, MemoryPanel } from './charts/payload.ts';
import { html, Markup, type TableColumn, table } from './markup.ts';
import { figure } from './sections.ts';

/** The digits of values. More would not be visible on a screen. */
const short = (value: number) => Number(value.toPrecision(4));

/**
 * The curves of the forecast: the warm median of every route over the memory sizes, and its cost. Adds missing names of
 * curves to `names`.
 */
export function forecastPanels(forecast: Report['forecast'], names: string[]): MemoryPanel[] {
  if (forecast?.state !== 'made') return [];
  return forecastRoutes(forecast).flatMap(({ route, functions }): MemoryPanel[] => {
    const priced = functions.filter(({ points }) => points.every(({ usd }) => usd !== undefined));
    return [
      {
        chart: `forecast-${route}`,
        unit: 'ms',
        curves: functions.map((one) => curveOf(one, names, ({ warmP50 }) => warmP50)),
      },
      ...(priced.length === 0
        ? []
        : [
            {
              chart: `forecast-cost-${route}`,
              unit: 'usd' as const,
              curves: priced.map((one) => curveOf(one, names, ({ usd, warmP50 }) => usd ?? warmP50)),
            },
          ]),
    ];
  });
}

function curveOf(
  { runtime, points }: FunctionForecast,
  names: string[],
  bandOf: (point: FunctionForecast['points'][number]) => FunctionForecast['coreFactor'],
): MemoryCurve {
  const bands = points.map(bandOf);
  if (!names.includes(runtime)) names.push(runtime);
  return {
    name: names.indexOf(runtime),
    memoryMB: points.map(({ memoryMB }) => memoryMB),
    value: bands.map(({ value }) => short(value)),
    low: bands.map(({ low }) => short(low)),
    high: bands.map(({ high }) => short(high)),
  };
}

/** Renders the forecast as curves and figures. Empty without a forecast. */
export function forecastSection(report: Report): Markup {
  const { forecast } = report;
  if (forecast?.state !== 'made') return new Markup('');
  return html`<section id="forecast"><h2>Forecast for Lambda</h2>
${forecast.notes.map((note) => html`<p class="quiet">${note}</p>`)}
${forecastRoutes(forecast).map((route) => charts(report, route))}
${forecastRoutes(forecast).map((route) => figures(forecast, route))}</section>`;
}

function charts(report: Report, { route, functions }: ForecastRoute): Markup {
  const summary = functions.map(choiceText).join(' ');
  const isPriced = functions.some(({ cheapestMB }) => cheapestMB !== undefined);
  return html`<div class="pair">${figure(`forecast-${route}`, route, 'forecast of the warm median over MB of memory', summary, report)}
${isPriced ? figure(`forecast-cost-${route}`, route, 'forecast of Lambda’s cost of a million warm calls', summary, report) : undefined}</div>`;
}

function figures(forecast: MadeForecast, { route, functions, sizesMB }: ForecastRoute): Markup {
  const columns = functions.flatMap((one): TableColumn<number>[] => [
    { head: one.runtime, kind: 'number', cell: (size) => warmText(one, size) },
    { head: FORECAST_USD.heading, kind: 'number', cell: (size) => forecastUsd(one, size) },
  ]);
  return html`<h3>${route}</h3>
<ul>${functions.map((one) => html`<li>${choiceText(one)}</li>`)}</ul>
<details><summary>${route} at every memory size</summary>
${table(`${forecastTitle(forecast)}.`, [{ head: FORECAST_MEMORY.heading, kind: 'number', cell: formatCount }, ...columns], sizesMB)}</details>`;
}
