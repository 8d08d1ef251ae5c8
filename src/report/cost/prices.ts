import type { Architecture } from '../../model/target.ts';

/** A figure of AWS's price list: US dollars, first tier, without any free tier. */
export interface Price {
  readonly usd: number;
  /** The page or price list file that has it. */
  readonly source: string;
  /** As the price list names it; absent where the source is a page. */
  readonly usageType?: string;
  /** ISO date of the reading; docs/prices.md says whose. */
  readonly readOn: string;
}

/** The prices of one region; a part for which no source could be found is absent and never guessed. */
export interface RegionPrices {
  readonly lambdaGbSecond: Readonly<Record<Architecture, Price>>;
  readonly lambdaMillionRequests: Price;
  readonly apiGatewayRestMillion?: Price;
  readonly dynamodb?: { readonly millionReadUnits: Price; readonly millionWriteUnits: Price };
}

/** When this table was put together. */
export const PRICES_AS_OF = '2026-11-26';

type PriceListService = 'AWSLambda' | 'AmazonApiGateway' | 'AmazonDynamoDB';

/** A figure of AWS's price list of a region, as a public project read it. */
function listed(
  service: PriceListService,
  region: string,
  usageType: string,
  usd: number,
  readOn: string,
): Price {
  return {
    usd,
    usageType,
    source: `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${service}/current/${region}/index.json`,
    readOn,
  };
}

function onPage(source: string, usd: number): Price {
  return { usd, source, readOn: PRICES_AS_OF };
}

const LAMBDA_PAGE = 'https://aws.amazon.com/lambda/pricing/';
const API_GATEWAY_PAPER =
  'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html';
const API_GATEWAY_PAGE = 'https://aws.amazon.com/api-gateway/pricing/';
const DYNAMODB_PAGE = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';

const MILLION_REQUESTS_USD = 0.2;

/** GB-seconds on x86_64 and arm64, as Lambda's page has them. */
type GbSecondUsd = readonly [x86: number, arm: number];
const MOST_REGIONS: GbSecondUsd = [0.000_016_666_7, 0.000_013_333_4];

/**
 * The regions for which Lambda's page has the same figures, and those for which it has others. A commercial region that is
 * not here has no source: those that opened since 2022 but me-central-1, and ap-northeast-3.
 */
const GB_SECOND_USD: Readonly<Record<string, GbSecondUsd>> = {
  'us-east-1': MOST_REGIONS,
  'us-east-2': MOST_REGIONS,
  'us-west-1': MOST_REGIONS,
  'us-west-2': MOST_REGIONS,
  'ca-central-1': MOST_REGIONS,
  'sa-east-1': MOST_REGIONS,
  'eu-central-1': MOST_REGIONS,
  'eu-north-1': MOST_REGIONS,
  'eu-west-1': MOST_REGIONS,
  'eu-west-2': MOST_REGIONS,
  'eu-west-3': MOST_REGIONS,
  'ap-northeast-1': MOST_REGIONS,
  'ap-northeast-2': MOST_REGIONS,
  'ap-south-1': MOST_REGIONS,
  'ap-southeast-1': MOST_REGIONS,
  'ap-southeast-2': MOST_REGIONS,
  'af-south-1': [0.000_022_1, 0.000_017_68],
  'ap-east-1': [0.000_022_92, 0.000_018_3],
  'eu-south-1': [0.000_019_517_2, 0.000_015_613_8],
  'me-south-1': [0.000_020_666_7, 0.000_016_533_4],
  'me-central-1': [0.000_020_666_7, 0.000_016_533_4],
};

/** A million calls of a REST API. The page gives one price for the regions without a usage type. */
const REST_API_MILLION: Readonly<Record<string, Price>> = {
  'us-east-1': onPage(API_GATEWAY_PAPER, 3.5),
  'us-east-2': onPage(API_GATEWAY_PAGE, 3.5),
  'us-west-2': onPage(API_GATEWAY_PAGE, 3.5),
  'ap-south-1': onPage(API_GATEWAY_PAGE, 3.5),
  'eu-central-1': listed('AmazonApiGateway', 'eu-central-1', 'EUC1-ApiGatewayRequest', 3.7, '2026-08-12'),
};

/** A million request units of an on-demand table. */
const DYNAMODB_MILLION: Readonly<Record<string, NonNullable<RegionPrices['dynamodb']>>> = {
  'us-east-1': {
    millionReadUnits: onPage(DYNAMODB_PAGE, 0.125),
    millionWriteUnits: onPage(DYNAMODB_PAGE, 0.625),
  },
  'eu-west-3': {
    millionReadUnits: listed('AmazonDynamoDB', 'eu-west-3', 'EUW3-ReadRequestUnits', 0.1487, '2026-09-07'),
    millionWriteUnits: listed('AmazonDynamoDB', 'eu-west-3', 'EUW3-WriteRequestUnits', 0.7423, '2026-09-07'),
  },
  'ap-northeast-1': {
    millionReadUnits: listed(
      'AmazonDynamoDB',
      'ap-northeast-1',
      'APN1-ReadRequestUnits',
      0.1425,
      '2026-09-23',
    ),
    millionWriteUnits: listed(
      'AmazonDynamoDB',
      'ap-northeast-1',
      'APN1-WriteRequestUnits',
      0.715,
      '2026-09-23',
    ),
  },
};

/** AWS's prices by region; docs/prices.md tells how each figure was found. */
export const PRICES: Readonly<Record<string, RegionPrices>> = Object.fromEntries(
  Object.entries(GB_SECOND_USD).map(([region, [x86, arm]]): [string, RegionPrices] => {
    const [rest, dynamodb] = [REST_API_MILLION[region], DYNAMODB_MILLION[region]];
    return [
      region,
      {
        lambdaGbSecond: { x86_64: onPage(LAMBDA_PAGE, x86), arm64: onPage(LAMBDA_PAGE, arm) },
        lambdaMillionRequests: onPage(LAMBDA_PAGE, MILLION_REQUESTS_USD),
        ...(rest === undefined ? {} : { apiGatewayRestMillion: rest }),
        ...(dynamodb === undefined ? {} : { dynamodb }),
      },
    ];
  }),
);

/** What a report can't price in a region, in words; undefined where it prices everything. */
export function missingPrices(region: string): string | undefined {
  const prices = PRICES[region];
  if (prices === undefined) return `No price is known for region ${region}: the report will have no costs.`;
  const parts = [
    ...(prices.apiGatewayRestMillion === undefined ? ['API Gateway'] : []),
    ...(prices.dynamodb === undefined ? ['DynamoDB'] : []),
  ];
  if (parts.length === 0) return undefined;
  return `No price of ${parts.join(' and ')} is known for region ${region}: costs will be Lambda's compute and requests${parts.length === 1 ? `, and ${parts[0] === 'DynamoDB' ? 'API Gateway' : 'DynamoDB'}` : ' alone'}.`;
}

/** What a forecast needs of a region's prices, by architecture; undefined for a region without prices. */
export function lambdaPricesOf(region: string) {
  const prices = PRICES[region];
  if (prices === undefined) return undefined;
  const of = (architecture: Architecture) => ({
    gbSecondUsd: prices.lambdaGbSecond[architecture].usd,
    millionRequestsUsd: prices.lambdaMillionRequests.usd,
  });
  return { region, of: { x86_64: of('x86_64'), arm64: of('arm64') } };
}
