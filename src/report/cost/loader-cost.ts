import type { FleetRecord } from '../../model/run.ts';
import { PRICES } from './prices.ts';

const MS_PER_S = 1000;
const MB_PER_GB = 1024;
const MILLION = 1e6;

/** What a fleet is billed for. */
export interface LoaderWork {
  readonly billedMs: number;
  readonly invocations: number;
}

/**
 * What the loaders' own invocations cost in a region, US dollars; undefined where its prices are not known.
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

/** What the loaders of a run cost, US dollars; undefined where Lambda or the price list of the region does not say. */
export function fleetCostUsd(fleet: FleetRecord): number | undefined {
  const work = workOf(fleet);
  return work === undefined ? undefined : loaderCostUsd(fleet, work, fleet.region);
}

/** What the loaders of a run were billed; undefined where Lambda did not say so of every one. */
function workOf({ loaders }: FleetRecord): LoaderWork | undefined {
  const billed = loaders.flatMap(({ billedMs }) => billedMs ?? []);
  if (billed.length < loaders.length) return undefined;
  return {
    billedMs: billed.reduce((sum, each) => sum + each, 0),
    invocations: loaders.reduce((sum, { invocations }) => sum + invocations, 0),
  };
}
