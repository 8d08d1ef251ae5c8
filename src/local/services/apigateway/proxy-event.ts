import type { IncomingRequest } from './incoming-request.ts';

export interface ProxyEventInput {
  readonly request: IncomingRequest;
  readonly httpMethod: string;
  /** Below the stage, percent-encoded as sent. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly body: Buffer;
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly restApiId: string;
  readonly deploymentId: string;
  readonly accountId: string;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  /** Wall clock, epoch ms. */
  readonly atEpochMs: number;
}

/**
 * The event of a Lambda proxy integration, format version 1, as JSON text.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export function proxyEvent(input: ProxyEventInput): string {
  const { request } = input;
  return JSON.stringify({
    resource: input.resourcePath,
    path: input.path,
    httpMethod: input.httpMethod,
    headers: request.headers,
    multiValueHeaders: request.multiValueHeaders,
    queryStringParameters: request.query,
    multiValueQueryStringParameters: request.multiValueQuery,
    pathParameters: input.pathParameters,
    stageVariables: input.stageVariables,
    requestContext: {
      resourceId: input.resourceId,
      resourcePath: input.resourcePath,
      httpMethod: input.httpMethod,
      extendedRequestId: input.extendedRequestId,
      requestTime: requestTime(input.atEpochMs),
      path: `/${input.stage}${input.path}`,
      accountId: input.accountId,
      protocol: 'HTTP/1.1',
      stage: input.stage,
      domainPrefix: input.restApiId,
      requestTimeEpoch: input.atEpochMs,
      requestId: input.requestId,
      identity: {
        cognitoIdentityPoolId: null,
        accountId: null,
        cognitoIdentityId: null,
        caller: null,
        sourceIp: input.sourceIp,
        principalOrgId: null,
        accessKey: null,
        cognitoAuthenticationType: null,
        cognitoAuthenticationProvider: null,
        userArn: null,
        userAgent: request.userAgent,
        user: null,
      },
      domainName: request.host,
      deploymentId: input.deploymentId,
      apiId: input.restApiId,
    },
    body: input.body.length === 0 ? null : input.body.toString('utf8'),
    isBase64Encoded: false,
  });
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `09/Apr/2015:12:34:56 +0000`; made once a second. */
export function requestTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== lastSecond) {
    const date = new Date(second * 1000);
    const two = (value: number): string => String(value).padStart(2, '0');
    lastText = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
    lastSecond = second;
  }
  return lastText;
}
let lastSecond = Number.NaN;
let lastText = '';
