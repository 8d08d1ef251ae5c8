import { usageError } from '../../errors.ts';
import { didYouMean } from '../../model/closest.ts';
import type { CostRow, CostSection, ReportedRun } from '../../model/report.ts';
import { didItsWork } from '../../model/run-work.ts';
import { chanceColdStarts } from '../rows/forced-cold-starts.ts';
import { isLoaded, type ReportSubject } from '../subject.ts';
import { estimateUnits, type RequestUnits } from './dynamodb-units.ts';
import { PRICES, PRICES_AS_OF, type RegionPrices } from './prices.ts';

const MILLION = 1e6;
const MS_PER_S = 1000;
const MB_PER_GB = 1024;

/** The price of Lambda's compute for a million calls that are billed `meanBilledMs` each, US dollars. */
export function computeUsd(meanBilledMs: number, memorySizeMB: number, gbSecondUsd: number): number {
  return MILLION * (meanBilledMs / MS_PER_S) * (memorySizeMB / MB_PER_GB) * gbSecondUsd;
}

/**
 * The cost of a million calls of one run, computed from its billed durations, which include the init of cold starts.
 * API Gateway and DynamoDB are priced only for the shed. Undefined if no invocation was measured, if memory or
 * architecture are unknown, or if a call was not answered as the contract expects, because such a call did not do its
 * work.
 * @see https://aws.amazon.com/lambda/pricing/
 */
export function costOf(
  run: ReportedRun,
  units: RequestUnits | undefined,
  prices: RegionPrices,
  isBehindApiGateway = true,
): CostRow | undefined {
  const { server, architecture, memorySizeMB } = run;
  if (
    server.state !== 'measured' ||
    architecture === undefined ||
    memorySizeMB === undefined ||
    !didItsWork(run)
  )
    return undefined;
  const warm = server.warm?.count ?? 0;
  // Forced cold starts are left out. The cost of a call depends on the cold starts that came by chance.
  const { count: cold, billedMs: coldBilledMs } = chanceColdStarts(server);
  const count = warm + cold;
  if (count === 0) return undefined;
  const warmBilledMs = server.warm?.billedMs.mean ?? 0;
  const meanBilledMs = (warmBilledMs * warm + coldBilledMs) / count;
  const gbSecondUsd = prices.lambdaGbSecond[architecture].usd;
  const lambdaComputeUsd = computeUsd(meanBilledMs, memorySizeMB, gbSecondUsd);
  const lambdaRequestUsd = prices.lambdaMillionRequests.usd;
  const apiGatewayUsd = isBehindApiGateway ? prices.apiGatewayRestMillion?.usd : undefined;
  const dynamodb =
    units === undefined || prices.dynamodb === undefined
      ? undefined
      : {
          ...units,
          usd:
            units.readUnitsPerCall * prices.dynamodb.millionReadUnits.usd +
            units.writeUnitsPerCall * prices.dynamodb.millionWriteUnits.usd,
        };
  const beside = lambdaRequestUsd + (apiGatewayUsd ?? 0) + (dynamodb?.usd ?? 0);
  return {
    runId: run.runId,
    route: run.route,
    runtime: run.runtime,
    architecture,
    memorySizeMB,
    coldShare: cold / count,
    meanBilledMs,
    lambdaComputeUsd,
    lambdaRequestUsd,
    ...(apiGatewayUsd === undefined ? {} : { apiGatewayUsd }),
    ...(dynamodb === undefined ? {} : { dynamodb }),
    totalUsd: lambdaComputeUsd + beside,
    ...(warm === 0 ? {} : { warmTotalUsd: computeUsd(warmBilledMs, memorySizeMB, gbSecondUsd) + beside }),
  };
}

/**
 * Refuses a region that has no prices, before anything is measured.
 *
 * @throws usageError `no-prices`
 */
export function checkPriceRegion(region: string | undefined): void {
  if (region === undefined || PRICES[region] !== undefined) return;
  const known = Object.keys(PRICES);
  throw usageError(
    'no-prices',
    `There are no prices for the region '${region}'.${didYouMean(region, known)}`,
    `--price-region takes ${known.join(', ')}`,
  );
}

/** The cost section of a report at the prices of one region. */
export function costSection(
  runs: readonly ReportedRun[],
  records: readonly ReportSubject[],
  priceRegion: string | undefined,
): CostSection {
  const known = Object.keys(PRICES);
  const hint = `--price-region ${known[0]} (known: ${known.join(', ')})`;
  if (priceRegion === undefined) return { state: 'unpriced', reason: 'the runs have no region', hint };
  const prices = PRICES[priceRegion];
  if (prices === undefined) return { state: 'unpriced', reason: `no price for region ${priceRegion}`, hint };
  const rows = runs.flatMap((run) => {
    const record = records.find(({ id }) => id === run.runId);
    // Only the shed has an API Gateway and tables of this program. Other costs of a function are unknown.
    const isShed = record?.project !== undefined;
    const units = isShed && isLoaded(record) ? estimateUnits(record) : undefined;
    const row = costOf(run, units, prices, isShed);
    return row === undefined ? [] : [row];
  });
  return {
    state: 'priced',
    priceRegion,
    pricesAsOf: PRICES_AS_OF,
    rows,
    unpriced:
      records.length > 0 && records.every(({ project }) => project === undefined)
        ? []
        : [
            ...(prices.apiGatewayRestMillion === undefined ? (['apiGateway'] as const) : []),
            ...(prices.dynamodb === undefined ? (['dynamodb'] as const) : []),
          ],
  };
}
