import type { IncomingRequest } from './incoming-request.ts';

/** What all events of the same request head to the same stage have in common. */
export interface EventFacts {
  readonly request: IncomingRequest;
  readonly httpMethod: string;
  /** Below the stage, percent-encoded as sent. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly restApiId: string;
  readonly deploymentId: string;
  readonly accountId: string;
  readonly sourceIp: string;
}

/** What is new in each event. */
export interface EventOfCall {
  readonly body: Buffer;
  /** The one that the client sent, or a new one. */
  readonly traceId: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  /** Wall clock, epoch ms. */
  readonly atEpochMs: number;
}

/** The JSON text of an event, without what is new in each one. */
export interface EventTemplate {
  /** The text up to the extended request id, cut where the trace id stands. */
  readonly beginnings: readonly string[];
  /** From behind `requestTime` to the time in epoch ms. */
  readonly middle: string;
  /** From behind the request id to the body. */
  readonly end: string;
}

const text = JSON.stringify;

/**
 * Prepares the events of a Lambda proxy integration, format version 1, for requests with the head in `facts.request`.
 *
 * Clients send the same head again and again, and to write its JSON text is the largest single cost of a call in the
 * gateway. The ids are those of the local cloud. They and the address are the same in JSON.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export function eventTemplate(facts: EventFacts): EventTemplate {
  const { request, stage, restApiId } = facts;
  const resourcePath = text(facts.resourcePath);
  const httpMethod = text(facts.httpMethod);
  const headers = `"headers":${text(request.headers)},"multiValueHeaders":${text(request.multiValueHeaders)}`;
  // A new trace id is random, so nothing else in the headers equals it.
  const [first = '', ...others] = headers.split(request.traceId);
  const start = `{"resource":${resourcePath},"path":${text(facts.path)},"httpMethod":${httpMethod},${first}`;
  const context = `,"queryStringParameters":${text(request.query)},"multiValueQueryStringParameters":${text(request.multiValueQuery)},"pathParameters":${text(facts.pathParameters)},"stageVariables":${text(facts.stageVariables)},"requestContext":{"resourceId":"${facts.resourceId}","resourcePath":${resourcePath},"httpMethod":${httpMethod},"extendedRequestId":"`;
  const beginnings = [start, ...others];
  beginnings.push(`${beginnings.pop() ?? ''}${context}`);
  return {
    beginnings,
    middle: `","path":${text(`/${stage}${facts.path}`)},"accountId":"${facts.accountId}","protocol":"HTTP/1.1","stage":${text(stage)},"domainPrefix":"${restApiId}","requestTimeEpoch":`,
    end: `","identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"${facts.sourceIp}","principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,"userAgent":${text(request.userAgent)},"user":null},"domainName":${text(request.host)},"deploymentId":"${facts.deploymentId}","apiId":"${restApiId}"},"body":`,
  };
}

/** Returns the event of one call as JSON text. */
export function proxyEvent({ beginnings, middle, end }: EventTemplate, call: EventOfCall): string {
  const body = call.body.length === 0 ? 'null' : text(call.body.toString('utf8'));
  return `${beginnings.join(call.traceId)}${call.extendedRequestId}","requestTime":"${requestTime(call.atEpochMs)}${middle}${call.atEpochMs},"requestId":"${call.requestId}${end}${body},"isBase64Encoded":false}`;
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
