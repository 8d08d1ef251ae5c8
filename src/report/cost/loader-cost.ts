import type { FleetRecord } from '../../model/run.ts';
import { PRICES } from './prices.ts';

const MS_PER_S = 1000;
const MB_PER_GB = 1024;
const MILLION = 1e6;

/** The billed work of the loaders. */
export interface LoaderWork {
  readonly billedMs: number;
  readonly invocations: number;
}

/**
 * The cost of the loaders' own invocations in a region, US dollars. Undefined if the prices of the region are not
 * known.
 * @see https://aws.amazon.com/lambda/pricing/
 */
export function loaderCostUsd(
  fleet: Pick<FleetRecord, 'memorySizeMB' | 'architecture'>,
  work: LoaderWork,
  region: string,
): number | undefined {
  const prices = PRICES[region];
  if (prices === undefined) return undefined;
  const gbSeconds = (work.billedMs / MS_PER_S) * (fleet.memorySizeMB / MB_PER_GB);
  const perRequest = prices.lambdaMillionRequests.usd / MILLION;
  return gbSeconds * prices.lambdaGbSecond[fleet.architecture].usd + work.invocations * perRequest;
}

/**
 * The cost of a run's loaders, US dollars. Undefined if the billed time or the prices of the region are not known.
 */
export function fleetCostUsd(fleet: FleetRecord): number | undefined {
  const work = workOf(fleet);
  return work === undefined ? undefined : loaderCostUsd(fleet, work, fleet.region);
}

/** The billed work of a run's loaders. Undefined if it is not known for every loader. */
function workOf({ loaders }: FleetRecord): LoaderWork | undefined {
  const billed = loaders.flatMap(({ billedMs }) => billedMs ?? []);
  if (billed.length < loaders.length) return undefined;
  return {
    billedMs: billed.reduce((sum, each) => sum + each, 0),
    invocations: loaders.reduce((sum, { invocations }) => sum + invocations, 0),
  };
}
