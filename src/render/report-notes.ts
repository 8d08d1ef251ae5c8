import type { ClientSide, Report } from '../model/report.ts';
import { formatCount } from './numbers.ts';

/** `200: 996, 502: 4, ECONNRESET: 1` */
export function outcomesText({ attemptsByStatus, attemptsByError }: ClientSide): string {
  const parts = [...Object.entries(attemptsByStatus), ...Object.entries(attemptsByError)];
  return parts.map(([name, count]) => `${name}: ${formatCount(count)}`).join(', ');
}

/** The heading of a priced cost section. */
export function costTitle(report: Report): string {
  const { cost } = report;
  if (cost.state === 'unpriced') return 'Cost of a million calls';
  return `Cost of a million calls at the prices of ${cost.priceRegion} (${cost.pricesAsOf})`;
}

/** What a reader must know of the cost figures, one sentence each. */
export function costNotes(report: Report): string[] {
  const { cost } = report;
  if (cost.state === 'unpriced') return [];
  const names = { apiGateway: 'API Gateway', dynamodb: 'DynamoDB' } as const;
  return [
    ...(report.target.kind === 'aws'
      ? []
      : ['As if these had been durations on AWS, which they were not: no forecast of a bill.']),
    'First tier, no free tier, at the measured share of cold starts; billed time holds the init already.',
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
