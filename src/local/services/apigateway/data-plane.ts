import { randomBytes, randomUUID } from 'node:crypto';
import type { GatewayResponseConfiguration, MockIntegration } from '../../api-gateway-control.ts';
import type { Cloud, DataPlaneRequest, DataPlaneResponse, InvokeOutcome } from '../../seams.ts';
import {
  BAD_ANSWER,
  BAD_CONFIGURATION,
  FORBIDDEN,
  type GatewayError,
  missingRequestParameters,
  NOT_INVOKED,
  renderGatewayResponse,
  THROTTLED,
  TIMED_OUT,
  TOO_LARGE,
  UNKNOWN_ROUTE,
  UNSUPPORTED_MEDIA_TYPE,
} from './gateway-response.ts';
import {
  headerValue,
  type IncomingRequest,
  missingParameters,
  ownValue,
  readRequest,
} from './incoming-request.ts';
import { mockAnswer } from './mock-answer.ts';
import { type ProxyAnswer, readProxyAnswer } from './proxy-answer.ts';
import { type EventTemplate, eventTemplate, proxyEvent } from './proxy-event.ts';
import type { DeployedFunctionCall, RestApi, Stage } from './rest-api.ts';
import { type Match, matchRoute } from './route.ts';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;
const PRINCIPAL = 'apigateway.amazonaws.com';
const NO_RESPONSES: ReadonlyMap<string, GatewayResponseConfiguration> = new Map();

type DataPlaneCloud = Pick<Cloud, 'accountId' | 'region' | 'now' | 'log' | 'lambda'>;

/** One request while it is processed. */
interface Exchange {
  readonly sent: DataPlaneRequest;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly atEpochMs: number;
  /** The one that the client sent, or a new one; known when the request was parsed. */
  traceId: string | undefined;
  /** Parsed when it is first needed, because most errors occur before. */
  incoming: IncomingRequest | undefined;
  stage: Stage | undefined;
  match: Match | undefined;
}

/** A function that requests with one head call, and what their events have in common. */
interface FunctionRoute {
  /** The first of these requests. */
  readonly sent: DataPlaneRequest;
  readonly stage: Stage;
  readonly match: Match;
  readonly integration: DeployedFunctionCall;
  readonly sourceArn: string;
  readonly throttledMethod: string;
  readonly event: EventTemplate;
  /** Undefined if each request gets a new one. */
  readonly traceId: string | undefined;
  /** The last answer of the function, because many functions give the same one again and again. */
  lastAnswer: { readonly payload: Buffer; readonly parsed: ProxyAnswer } | undefined;
}

/** Answers requests to deployed APIs. */
export class DataPlane {
  readonly #cloud: DataPlaneCloud;
  readonly #apis: ReadonlyMap<string, RestApi>;
  readonly #nowMs: () => number;
  /** By the array of the head, which is the same for equal heads of one connection. */
  readonly #routes = new WeakMap<readonly string[], FunctionRoute>();

  /** @param nowMs a monotonic clock, for throttling */
  constructor(cloud: DataPlaneCloud, apis: ReadonlyMap<string, RestApi>, nowMs: () => number) {
    this.#cloud = cloud;
    this.#apis = apis;
    this.#nowMs = nowMs;
  }

  /** Not an async function, because a promise of a promise costs every request a microsecond. */
  handle(sent: DataPlaneRequest): DataPlaneResponse | Promise<DataPlaneResponse> {
    const exchange: Exchange = {
      sent,
      requestId: randomUUID(),
      extendedRequestId: newExtendedRequestId(),
      atEpochMs: this.#cloud.now(),
      traceId: undefined,
      incoming: undefined,
      stage: undefined,
      match: undefined,
    };
    const stage = this.#apis.get(sent.restApiId)?.stages.get(sent.stage);
    if (stage === undefined) return this.#fail(exchange, FORBIDDEN);
    exchange.stage = stage;
    const route = this.#knownRoute(sent, stage);
    const match = route?.match ?? matchRoute(stage.deployment.routes, sent.path);
    const method = match?.resource.methods.get(sent.method) ?? match?.resource.methods.get('ANY');
    if (match === undefined || method === undefined) return this.#fail(exchange, UNKNOWN_ROUTE);
    exchange.match = match;
    const throttledMethod = route?.throttledMethod ?? methodName(sent, match);
    if (stage.throttle?.take(throttledMethod, this.#nowMs()) === false) {
      return this.#fail(exchange, THROTTLED);
    }
    if (sent.body.length > MAX_PAYLOAD_BYTES) return this.#fail(exchange, TOO_LARGE);
    if (route !== undefined) {
      exchange.traceId = route.traceId;
      return this.#integrate(exchange, route);
    }
    const incoming = this.#read(exchange);
    if (method.requiredParameters.length > 0) {
      const missing = missingParameters(method.requiredParameters, incoming, match.pathParameters);
      if (missing.length > 0) return this.#fail(exchange, missingRequestParameters(missing));
    }
    if (method.integration.type === 'MOCK') return this.#mock(exchange, method.integration, incoming);
    return this.#integrate(exchange, this.#addRoute(sent, stage, match, method.integration, incoming));
  }

  /** Returns the route of an earlier request with the same head. Its parameters need no second check. */
  #knownRoute(sent: DataPlaneRequest, stage: Stage): FunctionRoute | undefined {
    const route = this.#routes.get(sent.rawHeaders);
    return route !== undefined &&
      route.stage === stage &&
      route.sent.path === sent.path &&
      route.sent.rawQuery === sent.rawQuery &&
      route.sent.method === sent.method &&
      route.sent.restApiId === sent.restApiId &&
      route.sent.sourceIp === sent.sourceIp
      ? route
      : undefined;
  }

  #addRoute(
    sent: DataPlaneRequest,
    stage: Stage,
    match: Match,
    integration: DeployedFunctionCall,
    incoming: IncomingRequest,
  ): FunctionRoute {
    const { accountId, region } = this.#cloud;
    const { resource, pathParameters } = match;
    const event = eventTemplate({
      request: incoming,
      httpMethod: sent.method,
      path: sent.path,
      pathParameters,
      resourceId: resource.id,
      resourcePath: resource.path,
      stage: stage.name,
      stageVariables: stage.variables,
      restApiId: sent.restApiId,
      deploymentId: stage.deployment.id,
      accountId,
      sourceIp: sent.sourceIp,
    });
    const route: FunctionRoute = {
      // A route must not keep the body in memory.
      sent: { ...sent, body: NO_BODY },
      stage,
      match,
      integration,
      sourceArn: `arn:aws:execute-api:${region}:${accountId}:${sent.restApiId}/${stage.name}/${sent.method}${resource.path}`,
      throttledMethod: methodName(sent, match),
      event,
      traceId: incoming.isTraceSent ? incoming.traceId : undefined,
      lastAnswer: undefined,
    };
    this.#routes.set(sent.rawHeaders, route);
    return route;
  }

  #mock(exchange: Exchange, integration: MockIntegration, incoming: IncomingRequest): DataPlaneResponse {
    const answer = mockAnswer(integration, headerValue(incoming, 'Content-Type'), exchange.sent.body);
    if (answer.kind === 'answer') {
      return { status: answer.status, headers: [...this.#idHeaders(exchange), ...answer.headers], body: '' };
    }
    if (answer.kind === 'not-configured') {
      this.#report(exchange, 'Execution failed due to configuration error: Unable to transform request');
    }
    return this.#fail(exchange, answer.kind === 'no-template' ? UNSUPPORTED_MEDIA_TYPE : BAD_CONFIGURATION);
  }

  async #integrate(exchange: Exchange, route: FunctionRoute): Promise<DataPlaneResponse> {
    const { lambda } = this.#cloud;
    const { integration, sourceArn } = route;
    const { functionName } = integration;
    if (
      integration.integrationHttpMethod !== 'POST' ||
      !lambda.isInvokeAllowed(functionName, PRINCIPAL, sourceArn)
    ) {
      this.#report(exchange, `Invalid permissions on Lambda function ${functionName} for ${sourceArn}`);
      return this.#fail(exchange, BAD_CONFIGURATION);
    }
    const traceId = this.#traceOf(exchange);
    const { requestId, extendedRequestId, atEpochMs } = exchange;
    const { body } = exchange.sent;
    const event = proxyEvent(route.event, { body, traceId, requestId, extendedRequestId, atEpochMs });
    let outcome: InvokeOutcome | 'timeout';
    try {
      outcome = await this.#invoke(functionName, event, traceId, integration.timeoutMs);
    } catch (error) {
      this.#report(exchange, `Lambda did not accept the call of ${functionName}: ${String(error)}`);
      return this.#fail(exchange, NOT_INVOKED);
    }
    if (outcome === 'timeout') return this.#fail(exchange, TIMED_OUT);
    if (outcome.kind === 'throttled') return this.#fail(exchange, NOT_INVOKED);
    if (outcome.kind === 'function-error') {
      this.#report(
        exchange,
        `Lambda execution failed due to a function error: ${outcome.payload.toString('utf8')}`,
      );
      return this.#fail(exchange, BAD_ANSWER);
    }
    const answer = parsedAnswer(route, outcome.payload);
    if (answer === undefined) {
      this.#report(
        exchange,
        `Malformed Lambda proxy response: ${outcome.payload.toString('utf8', 0, LOGGED_BYTES)}`,
      );
      return this.#fail(exchange, BAD_ANSWER);
    }
    const headers = [...this.#idHeaders(exchange), 'X-Amzn-Trace-Id', traceId, ...answer.headers];
    if (answer.status !== 204 && !names(answer.headers, 'content-type')) {
      headers.push('Content-Type', 'application/json');
    }
    return { status: answer.status, headers, body: answer.body };
  }

  /**
   * Returns the function's outcome, or `timeout` if the function takes longer than the integration may. The function
   * then continues.
   */
  #invoke(
    functionName: string,
    payload: string,
    traceId: string,
    timeoutMs: number,
  ): Promise<InvokeOutcome | 'timeout'> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      this.#cloud.lambda
        .invoke(functionName, payload, {
          traceId,
          // The time for which the call waits for a core of this machine does not count into the integration's time.
          onDispatch: () => {
            timer = setTimeout(() => resolve('timeout'), timeoutMs);
          },
        })
        .then(
          (outcome) => {
            clearTimeout(timer);
            resolve(outcome);
          },
          (error: unknown) => {
            clearTimeout(timer);
            reject(error);
          },
        );
    });
  }

  #read(exchange: Exchange): IncomingRequest {
    if (exchange.incoming === undefined) {
      exchange.incoming = readRequest(exchange.sent, () => this.#traceOf(exchange));
      exchange.traceId = exchange.incoming.traceId;
    }
    return exchange.incoming;
  }

  #traceOf(exchange: Exchange): string {
    exchange.traceId ??= newTraceId(exchange.atEpochMs);
    return exchange.traceId;
  }

  #idHeaders(exchange: Exchange): string[] {
    return ['x-amzn-RequestId', exchange.requestId, 'x-amz-apigw-id', exchange.extendedRequestId];
  }

  #fail(exchange: Exchange, error: GatewayError): DataPlaneResponse {
    const rendered = renderGatewayResponse(
      error,
      exchange.stage?.deployment.gatewayResponses ?? NO_RESPONSES,
      (name) => this.#variable(exchange, name),
    );
    const trace = error === TIMED_OUT ? ['X-Amzn-Trace-Id', this.#read(exchange).traceId] : [];
    return {
      status: rendered.status,
      headers: [...this.#idHeaders(exchange), ...trace, ...rendered.headers],
      body: rendered.body,
    };
  }

  /** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html */
  #variable(exchange: Exchange, name: string): string | undefined {
    const { sent, stage, match } = exchange;
    const [, location, parameter] = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(name) ?? [];
    if (parameter !== undefined) {
      if (location === 'header') return headerValue(this.#read(exchange), parameter);
      return ownValue(location === 'path' ? match?.pathParameters : this.#read(exchange).query, parameter);
    }
    if (name.startsWith('stageVariables.'))
      return ownValue(stage?.variables, name.slice('stageVariables.'.length));
    switch (name) {
      case 'context.requestId':
        return exchange.requestId;
      case 'context.extendedRequestId':
        return exchange.extendedRequestId;
      case 'context.accountId':
        return this.#cloud.accountId;
      case 'context.apiId':
        return sent.restApiId;
      case 'context.stage':
        return sent.stage;
      case 'context.httpMethod':
        return sent.method;
      case 'context.path':
        return `/${sent.stage}${sent.path}`;
      case 'context.resourcePath':
        return match?.resource.path;
      case 'context.resourceId':
        return match?.resource.id;
      case 'context.identity.sourceIp':
        return sent.sourceIp;
      case 'context.identity.userAgent':
        return this.#read(exchange).userAgent ?? undefined;
      case 'context.requestTimeEpoch':
        return String(exchange.atEpochMs);
      case 'context.protocol':
        return 'HTTP/1.1';
      default:
        return undefined;
    }
  }

  /** Logs what API Gateway would write to its execution log. */
  #report(exchange: Exchange, message: string): void {
    this.#cloud.log(`execute-api ${exchange.sent.restApiId} (${exchange.requestId}) ${message}`);
  }
}

/** Names a method for the stage's throttle. */
function methodName({ method }: DataPlaneRequest, { resource }: Match): string {
  return `${method} ${resource.id}`;
}

/** A larger answer is not kept, so that many connections do not hold much memory. */
const KEPT_ANSWER_BYTES = 2048;

/** Parses a function's answer, unless it equals the one before. Undefined for a malformed one. */
function parsedAnswer(route: FunctionRoute, payload: Buffer): ProxyAnswer | undefined {
  if (route.lastAnswer?.payload.equals(payload) === true) return route.lastAnswer.parsed;
  const parsed = readProxyAnswer(payload);
  if (parsed !== undefined && payload.length <= KEPT_ANSWER_BYTES) {
    route.lastAnswer = { payload: Buffer.from(payload), parsed };
  }
  return parsed;
}

const LOGGED_BYTES = 1000;
const NO_BODY = Buffer.alloc(0);

function names(headers: readonly string[], lowerCaseName: string): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === lowerCaseName) return true;
  }
  return false;
}

/** Random bytes are generated in blocks, each for many ids. */
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let poolAt = 0;

function randomText(bytes: number, encoding: 'hex' | 'base64url'): string {
  if (poolAt + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    poolAt = 0;
  }
  poolAt += bytes;
  return pool.toString(encoding, poolAt - bytes, poolAt);
}

/** Sixteen characters that end in one `=`, like the value of x-amz-apigw-id. */
function newExtendedRequestId(): string {
  return `${randomText(11, 'base64url')}=`;
}

/** @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
function newTraceId(epochMs: number): string {
  return `Root=1-${Math.floor(epochMs / 1000)
    .toString(16)
    .padStart(8, '0')}-${randomText(12, 'hex')}`;
}
