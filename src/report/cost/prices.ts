import type { Architecture } from '../../model/target.ts';

/** A price of AWS: US dollars, first tier, without the free tier. */
export interface Price {
  readonly usd: number;
  /** The page or the price list file that contains it. */
  readonly source: string;
  /** The usage type in the price list; absent if the source is a page. */
  readonly usageType?: string;
  /** The date on which it was read, ISO form; docs/prices.md says by whom. */
  readonly readOn: string;
}

/** The prices of one region. A part without a source is absent; no price is guessed. */
export interface RegionPrices {
  readonly lambdaGbSecond: Readonly<Record<Architecture, Price>>;
  readonly lambdaMillionRequests: Price;
  readonly apiGatewayRestMillion?: Price;
  readonly dynamodb?: { readonly millionReadUnits: Price; readonly millionWriteUnits: Price };
}

/** The date of this table. */
export const PRICES_AS_OF = '2026-11-26';

type PriceListService = 'AWSLambda' | 'AmazonApiGateway' | 'AmazonDynamoDB';

/** A figure of AWS's price list of a region, as a public project read it on a day. */
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

/** The figures that AWS's own calculator loads for Lambda. */
const LAMBDA_CALCULATOR = 'https://calculator.aws/pricing/2.0/meteredUnitMaps/lambda/USD/current/lambda.json';
const LAMBDA_PAGE = 'https://aws.amazon.com/lambda/pricing/';
/** AWS: the duration charges of arm64 are 20 percent below those of x86_64. */
const ARM_ANNOUNCEMENT =
  'https://aws.amazon.com/blogs/aws/aws-lambda-functions-powered-by-aws-graviton2-processor-run-your-functions-on-arm-and-get-up-to-34-better-price-performance/';
const ARM_SHARE = 0.8;
const API_GATEWAY_PAPER =
  'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html';
const DYNAMODB_PAGE = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';

/** Lambda's prices of one region: a GB-second on x86_64 and on arm64, and a million requests, US dollars. */
type LambdaUsd = readonly [x86: number, arm: number | 'a fifth below x86_64', millionRequests: number];
const MOST_REGIONS: LambdaUsd = [0.000_016_666_7, 0.000_013_333_4, 0.2];

/** Regions whose prices are in the data of AWS's calculator. */
const IN_CALCULATOR: Readonly<Record<string, LambdaUsd>> = {
  'us-east-1': MOST_REGIONS,
  'us-east-2': MOST_REGIONS,
  'us-west-1': MOST_REGIONS,
  'us-west-2': MOST_REGIONS,
  'ca-central-1': MOST_REGIONS,
  'sa-east-1': MOST_REGIONS,
  'eu-central-1': MOST_REGIONS,
  'eu-central-2': [0.000_018_333_4, 0.000_014_666_7, 0.22],
  'eu-north-1': MOST_REGIONS,
  'eu-south-1': [0.000_019_517_2, 0.000_015_613_8, 0.23],
  'eu-west-1': MOST_REGIONS,
  'eu-west-2': MOST_REGIONS,
  'eu-west-3': MOST_REGIONS,
  'ap-east-1': [0.000_022_92, 0.000_018_3, 0.28],
  'ap-northeast-1': MOST_REGIONS,
  'ap-northeast-2': MOST_REGIONS,
  'ap-northeast-3': MOST_REGIONS,
  'ap-south-1': MOST_REGIONS,
  'ap-southeast-1': MOST_REGIONS,
  'ap-southeast-2': MOST_REGIONS,
  'ap-southeast-4': MOST_REGIONS,
  'ap-southeast-5': [0.000_015, 0.000_012, 0.18],
  'af-south-1': [0.000_022_1, 0.000_017_68, 0.27],
  'me-south-1': [0.000_020_666_7, 0.000_016_533_4, 0.25],
};

/** Regions whose prices public projects took from Lambda's page. */
const ON_PAGE: Readonly<Record<string, LambdaUsd>> = {
  'me-central-1': [0.000_020_666_7, 0.000_016_533_4, 0.25],
  'ap-southeast-3': MOST_REGIONS,
  'ap-south-2': [0.000_016_666_7, 'a fifth below x86_64', 0.2],
  'ca-west-1': [0.000_016_666_7, 'a fifth below x86_64', 0.2],
  'eu-south-2': [0.000_016_666_7, 'a fifth below x86_64', 0.2],
  'il-central-1': [0.000_017_5, 'a fifth below x86_64', 0.21],
};

/** A million calls of a REST API. */
const REST_API_MILLION: Readonly<Record<string, Price>> = {
  'us-east-1': onPage(API_GATEWAY_PAPER, 3.5),
  'us-east-2': restListed('us-east-2', 'USE2', 3.5, '2026-07-20'),
  'us-west-2': onPage('https://aws.amazon.com/api-gateway/pricing/', 3.5),
  'ap-south-1': onPage('https://aws.amazon.com/api-gateway/pricing/', 3.5),
  'ap-northeast-1': restListed('ap-northeast-1', 'APN1', 4.25, '2026-09-05'),
  'ap-northeast-2': restListed('ap-northeast-2', 'APN2', 3.5, '2026-10-01'),
  'eu-central-1': restListed('eu-central-1', 'EUC1', 3.7, '2026-08-12'),
};

/** The price of a million request units of an on-demand table. */
const DYNAMODB_MILLION: Readonly<Record<string, NonNullable<RegionPrices['dynamodb']>>> = {
  'us-east-1': {
    millionReadUnits: onPage(DYNAMODB_PAGE, 0.125),
    millionWriteUnits: onPage(DYNAMODB_PAGE, 0.625),
  },
  'us-east-2': unitsListed('us-east-2', 'USE2', 0.125, 0.625, '2026-10-06'),
  'us-west-1': unitsListed('us-west-1', 'USW1', 0.1395, 0.695, '2026-09-29'),
  'us-west-2': unitsListed('us-west-2', 'USW2', 0.125, 0.625, '2026-08-08'),
  'eu-central-1': unitsListed('eu-central-1', 'EUC1', 0.1525, 0.7625, '2026-09-21'),
  'eu-west-1': unitsListed('eu-west-1', 'EU', 0.1415, 0.705, '2026-10-07'),
  'eu-west-3': unitsListed('eu-west-3', 'EUW3', 0.1487, 0.7423, '2026-09-07'),
  'ap-northeast-1': unitsListed('ap-northeast-1', 'APN1', 0.1425, 0.715, '2026-09-23'),
  'ap-northeast-2': unitsListed('ap-northeast-2', 'APN2', 0.1355, 0.68, '2026-10-01'),
  'ap-south-1': unitsListed('ap-south-1', 'APS3', 0.1425, 0.71, '2026-09-18'),
  'ap-southeast-2': unitsListed('ap-southeast-2', 'APS2', 0.1425, 0.71, '2026-08-13'),
};

function restListed(region: string, prefix: string, usd: number, readOn: string): Price {
  return listed('AmazonApiGateway', region, `${prefix}-ApiGatewayRequest`, usd, readOn);
}

function unitsListed(region: string, prefix: string, readUsd: number, writeUsd: number, readOn: string) {
  return {
    millionReadUnits: listed('AmazonDynamoDB', region, `${prefix}-ReadRequestUnits`, readUsd, readOn),
    millionWriteUnits: listed('AmazonDynamoDB', region, `${prefix}-WriteRequestUnits`, writeUsd, readOn),
  };
}

function regionPrices(region: string, [x86, arm, requests]: LambdaUsd, source: string): RegionPrices {
  const [rest, dynamodb] = [REST_API_MILLION[region], DYNAMODB_MILLION[region]];
  return {
    lambdaGbSecond: {
      x86_64: onPage(source, x86),
      arm64: typeof arm === 'number' ? onPage(source, arm) : onPage(ARM_ANNOUNCEMENT, x86 * ARM_SHARE),
    },
    lambdaMillionRequests: onPage(source, requests),
    ...(rest === undefined ? {} : { apiGatewayRestMillion: rest }),
    ...(dynamodb === undefined ? {} : { dynamodb }),
  };
}

function allFrom(source: string, table: Readonly<Record<string, LambdaUsd>>): [string, RegionPrices][] {
  return Object.entries(table).map(([region, usd]) => [region, regionPrices(region, usd, source)]);
}

/** AWS's prices by region. docs/prices.md tells how each figure was found, and which regions have no source. */
export const PRICES: Readonly<Record<string, RegionPrices>> = Object.fromEntries([
  ...allFrom(LAMBDA_CALCULATOR, IN_CALCULATOR),
  ...allFrom(LAMBDA_PAGE, ON_PAGE),
]);

/** A sentence about the parts without a price in a region. Undefined if every part has a price. */
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

/** The prices of a region that a forecast needs, by architecture. Undefined for a region without prices. */
export function lambdaPricesOf(region: string) {
  const prices = PRICES[region];
  if (prices === undefined) return undefined;
  const of = (architecture: Architecture) => ({
    gbSecondUsd: prices.lambdaGbSecond[architecture].usd,
    millionRequestsUsd: prices.lambdaMillionRequests.usd,
  });
  return { region, of: { x86_64: of('x86_64'), arm64: of('arm64') } };
}
