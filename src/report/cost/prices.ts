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
export const PRICES_AS_OF = '2026-11-23';

type PriceListService = 'AWSLambda' | 'AmazonApiGateway' | 'AmazonDynamoDB';

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
const API_GATEWAY_PAGE =
  'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html';

const DYNAMODB_PAGE = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';

/** Lambda's page has the same figures for these regions. */
const X86_GB_SECOND_USD = 0.000_016_666_7;
const ARM_GB_SECOND_USD = 0.000_013_333_4;
const MILLION_REQUESTS_USD = 0.2;

/** AWS's prices by region; docs/prices.md tells how each figure was found. */
export const PRICES: Readonly<Record<string, RegionPrices>> = {
  'us-east-1': {
    lambdaGbSecond: {
      x86_64: onPage(LAMBDA_PAGE, X86_GB_SECOND_USD),
      arm64: onPage(LAMBDA_PAGE, ARM_GB_SECOND_USD),
    },
    lambdaMillionRequests: onPage(LAMBDA_PAGE, MILLION_REQUESTS_USD),
    apiGatewayRestMillion: onPage(API_GATEWAY_PAGE, 3.5),
    dynamodb: {
      millionReadUnits: onPage(DYNAMODB_PAGE, 0.125),
      millionWriteUnits: onPage(DYNAMODB_PAGE, 0.625),
    },
  },
  'eu-west-3': {
    lambdaGbSecond: {
      x86_64: onPage(LAMBDA_PAGE, X86_GB_SECOND_USD),
      arm64: listed('AWSLambda', 'eu-west-3', 'EUW3-Lambda-GB-Second-ARM', ARM_GB_SECOND_USD, '2026-09-07'),
    },
    lambdaMillionRequests: listed(
      'AWSLambda',
      'eu-west-3',
      'EUW3-Request-ARM',
      MILLION_REQUESTS_USD,
      '2026-09-07',
    ),
    dynamodb: {
      millionReadUnits: listed('AmazonDynamoDB', 'eu-west-3', 'EUW3-ReadRequestUnits', 0.1487, '2026-09-07'),
      millionWriteUnits: listed(
        'AmazonDynamoDB',
        'eu-west-3',
        'EUW3-WriteRequestUnits',
        0.7423,
        '2026-09-07',
      ),
    },
  },
  'eu-central-1': {
    lambdaGbSecond: {
      x86_64: listed('AWSLambda', 'eu-central-1', 'EUC1-Lambda-GB-Second', X86_GB_SECOND_USD, '2026-08-12'),
      arm64: onPage(LAMBDA_PAGE, ARM_GB_SECOND_USD),
    },
    lambdaMillionRequests: listed(
      'AWSLambda',
      'eu-central-1',
      'EUC1-Request',
      MILLION_REQUESTS_USD,
      '2026-08-12',
    ),
    apiGatewayRestMillion: listed(
      'AmazonApiGateway',
      'eu-central-1',
      'EUC1-ApiGatewayRequest',
      3.7,
      '2026-08-12',
    ),
  },
  'ap-northeast-1': {
    lambdaGbSecond: {
      x86_64: listed('AWSLambda', 'ap-northeast-1', 'APN1-Lambda-GB-Second', X86_GB_SECOND_USD, '2026-09-23'),
      arm64: onPage(LAMBDA_PAGE, ARM_GB_SECOND_USD),
    },
    lambdaMillionRequests: listed(
      'AWSLambda',
      'ap-northeast-1',
      'APN1-Request',
      MILLION_REQUESTS_USD,
      '2026-09-23',
    ),
    dynamodb: {
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
  },
};
