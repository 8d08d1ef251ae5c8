import { counted, formatCount, formatUsd } from '../model/number-text.ts';
import type { ClientLatency, ClientSide, Report } from '../model/report.ts';
import { didItsWork } from '../model/run-work.ts';

/** Lists attempts by outcome: `200: 996, 502: 4, ECONNRESET: 1`. */
export function outcomesText({ attemptsByStatus, attemptsByError }: ClientSide): string {
  const parts = [...Object.entries(attemptsByStatus), ...Object.entries(attemptsByError)];
  return parts.map(([name, count]) => `${name}: ${formatCount(count)}`).join(', ');
}

/** The title of the section about the client's figures. */
export const CLIENT_TITLE = 'Seen by the client';

/** The heading above `outcomesText`. */
export const OUTCOMES_HEADING = 'attempts by outcome';

const COST_TITLE = 'Cost of a million calls';

/** The title of the section about the cost. */
export function costTitle(report: Report): string {
  const { cost } = report;
  if (cost.state === 'unpriced') return COST_TITLE;
  return `${COST_TITLE} at the prices of ${cost.priceRegion} (${cost.pricesAsOf})`;
}

/** Notes on the cost figures, one sentence each. */
export function costNotes(report: Report): string[] {
  const { cost } = report;
  if (cost.state === 'unpriced') return [];
  const names = { apiGateway: 'API Gateway', dynamodb: 'DynamoDB' } as const;
  return [
    ...(report.target.kind === 'aws'
      ? []
      : ['These figures assume that Lambda takes as long as this machine, which it does not.']),
    'First tier, no free tier, at the measured share of cold starts; billed time includes the init.',
    ...(report.project === undefined && cost.rows.length > 0
      ? ['Lambda alone is priced: what stands before and behind the functions is not known.']
      : []),
    ...unpricedRuns(report),
    ...(cost.unpriced.length === 0
      ? []
      : [
          `No price for ${cost.unpriced.map((part) => names[part]).join(' and ')} in ${cost.priceRegion}: left out of the totals.`,
        ]),
    ...(cost.rows.some(({ dynamodb }) => dynamodb !== undefined)
      ? ['DynamoDB is an estimate from the count of sheep, on-demand request units.']
      : []),
  ];
}

/** Lists runs without a price: `Not priced, since calls were not answered as expected: node dog`. */
function unpricedRuns({ runs }: Report): string[] {
  const names = runs.filter((run) => !didItsWork(run)).map(({ runtime, route }) => `${runtime} ${route}`);
  return names.length === 0
    ? []
    : [`Not priced, since calls were not answered as expected: ${names.join(', ')}.`];
}

/** How to read the figures of the invocations, one sentence each. */
export const DURATION_NOTES: readonly string[] = [
  "Duration in ms, a cold start's init included; billed in ms; MB of memory used at most; sd: standard deviation of the sample.",
  'errors: Lambda errors, which are REPORT lines with a Status, timeouts included.',
];

/** The meaning of the marks before a name. */
export const MARKS_NOTE =
  'Marks: ★ surely the fastest of its route, warm; ≈ cannot be told from the fastest; ✗ had calls that were not answered as expected.';

/** Explains the ratios and their intervals. */
export const RATIO_NOTE =
  'By the median, with 95 % intervals over rounds (warm) or environments (cold); ~ where it is not decided.';

/** Notes on the origin of the load, one sentence for each run whose load did not come only from this machine. */
export function originNotes({ runs }: Report): string[] {
  return runs.flatMap(({ runtime, route, client }) => {
    if (client === undefined) return [];
    const { loaders, elsewhere, latency } = client;
    const name = `${runtime} ${route}`;
    const failed =
      loaders === undefined || loaders.failed === 0 ? '' : `, ${formatCount(loaders.failed)} of which failed`;
    const cost = loaders?.costUsd === undefined ? '' : `; they cost ${formatUsd(loaders.costUsd)} themselves`;
    const sent =
      loaders === undefined
        ? []
        : [`${name} was sent by ${counted(loaders.count, 'loader')} in ${loaders.region}${failed}${cost}.`];
    if (elsewhere === undefined || latency === undefined) return sent;
    const [here, inRegion] =
      loaders === undefined ? [latency, elsewhere.latency] : [elsewhere.latency, latency];
    return [
      ...sent,
      `${name} in the region took ${shortLatency(inRegion)}, and seen from this machine ${shortLatency(here)} (the other run is ${elsewhere.runId}).`,
    ];
  });
}

function shortLatency({ p50Ms, p99Ms }: ClientLatency): string {
  return `${formatMs(p50Ms)} (p50) and ${formatMs(p99Ms)} ms (p99)`;
}

function formatMs(ms: number): string {
  return ms >= 100 ? formatCount(ms) : ms.toFixed(1);
}

/** Explains the client's figures. */
export const CLIENT_NOTE =
  'Latency of expected answers, ms. unexpected: answers that the contract does not expect; no answer: calls that got none.';
