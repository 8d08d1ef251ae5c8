import type { ForecastPoint } from '../../model/forecast.ts';
import { formatUsd, groupThousands } from '../../model/number-text.ts';
import type { Report } from '../../model/report.ts';
import { listText } from './words.ts';

/** The forecast of a function at its deployed memory size. */
interface Named {
  readonly name: string;
  readonly route: string;
  readonly point: ForecastPoint;
}

/**
 * The sentence about Lambda's expected durations, with their uncertainty. Undefined if there is no forecast for the
 * memory size of the functions.
 * @param nameOf the name of a run as sentences have it: `Rust`
 */
export function forecastSentence(
  forecast: Report['forecast'],
  nameOf: (runId: string) => string,
): string | undefined {
  if (forecast?.state !== 'made') return undefined;
  const { memorySizeMB, architecture, functions } = forecast;
  const named = functions.flatMap(({ runId, route, points }): Named[] => {
    const point = points.find(({ memoryMB }) => memoryMB === memorySizeMB);
    return point === undefined ? [] : [{ name: nameOf(runId), route, point }];
  });
  if (named.length === 0) return undefined;
  const byName = [...new Set(named.map(({ name }) => name))].map((name) => ({
    name,
    own: named.filter((one) => one.name === name),
  }));
  const takes = byName.map(({ name, own }) => `${name} ${rangeText(own.map(({ point }) => point))}`);
  // Means over different routes can't be compared, so the cost is that of the routes that all of them have.
  const isShared = (route: string) => byName.every(({ own }) => own.some((one) => one.route === route));
  const factor = Math.max(...named.map(({ point }) => Math.sqrt(point.warmP50.high / point.warmP50.low)));
  const costs = byName.flatMap(({ own }) => {
    const usd = own.flatMap(({ route, point }) => (isShared(route) ? (point.usd?.value ?? []) : []));
    return usd.length === 0 ? [] : [formatUsd(usd.reduce((sum, value) => sum + value, 0) / usd.length)];
  });
  const cost =
    costs.length === byName.length ? `; Lambda's part of a million calls costs ${listText(costs)}` : '';
  const sure = `within a factor of ${factor.toFixed(1)}${factor * factor > 2 ? ', which is wide' : ''}`;
  return `Forecast for Lambda at ${groupThousands(memorySizeMB)} MB (${architecture}), warm: ${listText(takes)}, ${sure}${cost}.`;
}

/** `4.1 ms`, `12 to 350 ms`: the medians of some functions. */
function rangeText(points: readonly ForecastPoint[]): string {
  const medians = points.map(({ warmP50 }) => warmP50.value);
  const [low, high] = [spoken(Math.min(...medians)), spoken(Math.max(...medians))];
  return low === high ? `${low} ms` : `${low} to ${high} ms`;
}

/** Formats with two digits, because a forecast is not more precise. */
function spoken(ms: number): string {
  return ms >= 9.95 ? groupThousands(Number(ms.toPrecision(2))) : ms.toFixed(1);
}
