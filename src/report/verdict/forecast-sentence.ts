import type { ForecastPoint } from '../../model/forecast.ts';
import { formatForecastMs, formatUsd, groupThousands } from '../../model/number-text.ts';
import type { CostSection, Report } from '../../model/report.ts';
import { listText } from './words.ts';

/** The forecast of a function at its deployed memory size. */
interface Named {
  readonly name: string;
  readonly route: string;
  readonly point: ForecastPoint;
  /** US dollars for a million calls of API Gateway and DynamoDB. Undefined if a price is unknown. */
  readonly aroundUsd: number | undefined;
}

/**
 * The sentence about Lambda's expected durations, with their uncertainty. Undefined if there is no forecast for the
 * memory size of the functions.
 * @param cost prices API Gateway and DynamoDB for each run
 * @param nameOf the name of a run as sentences have it: `Rust`
 */
export function forecastSentence(
  forecast: Report['forecast'],
  cost: CostSection,
  nameOf: (runId: string) => string,
): string | undefined {
  if (forecast?.state !== 'made') return undefined;
  const { memorySizeMB, architecture, functions } = forecast;
  const named = functions.flatMap(({ runId, route, points }): Named[] => {
    const point = points.find(({ memoryMB }) => memoryMB === memorySizeMB);
    return point === undefined
      ? []
      : [{ name: nameOf(runId), route, point, aroundUsd: aroundUsd(runId, cost) }];
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
  const mean = (own: readonly Named[], value: (one: Named) => number | undefined) => {
    const values = own.flatMap((one) => (isShared(one.route) ? (value(one) ?? Number.NaN) : []));
    return values.reduce((sum, usd) => sum + usd, 0) / values.length;
  };
  const costs = costText(
    byName.map(({ own }) => mean(own, ({ point }) => point.usd?.value)),
    byName.map(({ own }) =>
      mean(own, ({ point, aroundUsd }) => (point.usd?.value ?? Number.NaN) + (aroundUsd ?? Number.NaN)),
    ),
  );
  const sure = `within a factor of ${factor.toFixed(1)}${factor * factor > 2 ? ', which is wide' : ''}`;
  return `Forecast for Lambda at ${groupThousands(memorySizeMB)} MB (${architecture}), warm: ${listText(takes)}, ${sure}${costs}.`;
}

/**
 * What a million calls cost: in all, and Lambda's part. Empty if a language has no price.
 * @param lambda US dollars for each language, NaN if unknown
 * @param total US dollars for each language, NaN if unknown
 */
function costText(lambda: readonly number[], total: readonly number[]): string {
  if (lambda.some(Number.isNaN)) return '';
  const parts = listText(lambda.map(formatUsd));
  return total.some(Number.isNaN)
    ? `; Lambda's part of a million calls costs ${parts}`
    : `; a million calls cost ${listText(total.map(formatUsd))}, Lambda's part of it ${parts}`;
}

/** US dollars for a million calls of the services around Lambda. Undefined if a price is unknown. */
function aroundUsd(runId: string, cost: CostSection): number | undefined {
  const row = cost.state === 'priced' ? cost.rows.find((one) => one.runId === runId) : undefined;
  return row?.apiGatewayUsd === undefined || row.dynamodb === undefined
    ? undefined
    : row.apiGatewayUsd + row.dynamodb.usd;
}

/** `4.1 ms`, `12 to 350 ms`: the medians of some functions. */
function rangeText(points: readonly ForecastPoint[]): string {
  const medians = points.map(({ warmP50 }) => warmP50.value);
  const [low, high] = [formatForecastMs(Math.min(...medians)), formatForecastMs(Math.max(...medians))];
  return low === high ? `${low} ms` : `${low} to ${high} ms`;
}
