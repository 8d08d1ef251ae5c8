import type { Architecture } from '../model/target.ts';

/** A figure of AWS's price list, US dollars, first tier, without any free tier. */
export interface Price {
  readonly usd: number;
  readonly source: string;
}

/** The prices of one region; a part that no source could be found for is absent and never guessed. */
export interface RegionPrices {
  readonly lambdaGbSecond: Readonly<Record<Architecture, Price>>;
  readonly lambdaMillionRequests: Price;
  readonly apiGatewayRestMillion?: Price;
  readonly dynamodb?: { readonly millionReadUnits: Price; readonly millionWriteUnits: Price };
}

/** When the figures below were last looked up. */
export const PRICES_AS_OF = '2026-11-23';

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const API_GATEWAY =
  'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';

/** AWS's prices by region. */
export const PRICES: Readonly<Record<string, RegionPrices>> = {
  'us-east-1': {
    lambdaGbSecond: {
      x86_64: { usd: 0.000_016_666_7, source: LAMBDA },
      arm64: { usd: 0.000_013_333_4, source: LAMBDA },
    },
    lambdaMillionRequests: { usd: 0.2, source: LAMBDA },
    apiGatewayRestMillion: { usd: 3.5, source: API_GATEWAY },
    dynamodb: {
      millionReadUnits: { usd: 0.125, source: DYNAMODB },
      millionWriteUnits: { usd: 0.625, source: DYNAMODB },
    },
  },
};
