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

const text = JSON.stringify;

/**
 * The event of a Lambda proxy integration, format version 1, as JSON text.
 *
 * The text is put together member by member. Building one object and serialising that took twice as long, and is the
 * largest single cost of a call in the gateway.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export function proxyEvent(input: ProxyEventInput): string {
  const { request } = input;
  const resourcePath = text(input.resourcePath);
  const httpMethod = text(input.httpMethod);
  const body = input.body.length === 0 ? 'null' : text(input.body.toString('utf8'));
  return `{"resource":${resourcePath},"path":${text(input.path)},"httpMethod":${httpMethod},"headers":${text(request.headers)},"multiValueHeaders":${text(request.multiValueHeaders)},"queryStringParameters":${text(request.query)},"multiValueQueryStringParameters":${text(request.multiValueQuery)},"pathParameters":${text(input.pathParameters)},"stageVariables":${text(input.stageVariables)},"requestContext":${requestContext(input, resourcePath, httpMethod)},"body":${body},"isBase64Encoded":false}`;
}

/**
 * `resourcePath` and `httpMethod` are JSON texts. The ids are those of the local cloud, and with the address they are the
 * same in JSON.
 */
function requestContext(input: ProxyEventInput, resourcePath: string, httpMethod: string): string {
  const { request, stage, restApiId } = input;
  return `{"resourceId":"${input.resourceId}","resourcePath":${resourcePath},"httpMethod":${httpMethod},"extendedRequestId":"${input.extendedRequestId}","requestTime":"${requestTime(input.atEpochMs)}","path":${text(`/${stage}${input.path}`)},"accountId":"${input.accountId}","protocol":"HTTP/1.1","stage":${text(stage)},"domainPrefix":"${restApiId}","requestTimeEpoch":${input.atEpochMs},"requestId":"${input.requestId}","identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"${input.sourceIp}","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":${text(request.userAgent)},"user":null},"domainName":${text(request.host)},"deploymentId":"${input.deploymentId}","apiId":"${restApiId}"}`;
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
