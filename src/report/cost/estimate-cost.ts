import type { PricedLoad } from '../../model/priced-load.ts';
import type { Route } from '../../model/route.ts';
import type { FleetRecord } from '../../model/run.ts';
import { scanReadUnits } from './dynamodb-units.ts';
import { type LoaderWork, loaderCostUsd } from './loader-cost.ts';
import { PRICES } from './prices.ts';

const MILLION = 1e6;
const MS_PER_S = 1000;
const MB_PER_GB = 1024;

/**
 * The expected cost of the loads on AWS, US dollars: Lambda, API Gateway, DynamoDB, and the loaders if there are any.
 * Undefined for a region without prices. Leaves out parts without a price, and scans of an unknown number of sheep.
 */
export function estimateUsd(
  loads: readonly PricedLoad[],
  region: string | undefined,
  loaders?: LoaderWork & Pick<FleetRecord, 'memorySizeMB' | 'architecture'>,
): number | undefined {
  const prices = region === undefined ? undefined : PRICES[region];
  if (region === undefined || prices === undefined) return undefined;
  const loadersUsd = loaders === undefined ? 0 : (loaderCostUsd(loaders, loaders, region) ?? 0);
  return loads.reduce((sum, { route, calls, billedMs, memorySizeMB, architecture, sheep }) => {
    const gbSeconds = (billedMs / MS_PER_S) * (memorySizeMB / MB_PER_GB);
    const units = unitsOf(route, sheep);
    const requestsUsd =
      (prices.lambdaMillionRequests.usd +
        (route === undefined ? 0 : (prices.apiGatewayRestMillion?.usd ?? 0)) +
        units.read * (prices.dynamodb?.millionReadUnits.usd ?? 0) +
        units.write * (prices.dynamodb?.millionWriteUnits.usd ?? 0)) /
      MILLION;
    return sum + calls * (gbSeconds * prices.lambdaGbSecond[architecture].usd + requestsUsd);
  }, loadersUsd);
}

/**
 * The request units of one call. A wolf finds prey in at most about every second call. The estimate counts a delete
 * for every call.
 */
function unitsOf(
  route: Route | undefined,
  sheep: number | undefined,
): { readonly read: number; readonly write: number } {
  if (route === undefined || route === 'cat') return { read: 0, write: 0 };
  if (route === 'sheep') return { read: 0, write: 1 };
  const read = sheep === undefined ? 0 : scanReadUnits(sheep, String(Math.max(1, sheep)).length);
  return { read, write: route === 'wolf' ? 1 : 0 };
}
