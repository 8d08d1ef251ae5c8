import { randomUUID } from 'node:crypto';
import { authFailureCode, type Family, familyOf, renderRefusal } from './auth/refusal.ts';
import { checkHead, type Keys, verifySignature } from './auth/sigv4.ts';
import { BodyBudget } from './http/body.ts';
import type { Admission, HttpRequest, Respond } from './http/request.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import {
  type DataPlaneHandler,
  type DoorRequest,
  type DoorResponse,
  type Service,
  ServiceError,
} from './seams.ts';

/** API Gateway's data plane in the path form that emulators share. Only requests below it may be unsigned. */
const DATA_PLANE_PREFIX = '/_aws/execute-api/';
/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const DATA_PLANE_BODY_BYTES = 10 * 1024 * 1024;
/** The largest object that one PutObject stores here. Function code is the largest object that deployments upload. */
const UPLOAD_BODY_BYTES = 512 * 1024 * 1024;
const CONTROL_BODY_BYTES = 16 * 1024 * 1024;
/**
 * The memory that the bodies of all requests in progress may use, bytes. Signed requests have one limit, and the data
 * plane, which every program on this machine may call, has its own.
 */
const SIGNED_BODIES_BYTES = 640 * 1024 * 1024;
const DATA_PLANE_BODIES_BYTES = 128 * 1024 * 1024;

const JSON_HEADERS: readonly string[] = ['Content-Type', 'application/json'];
const INTERNAL_ERROR = '{"message": "Internal server error"}';

export interface DoorOptions {
  readonly keys: Keys;
  readonly services: readonly Service[];
  readonly dataPlane: DataPlaneHandler;
  readonly now: () => number;
  readonly log: (message: string) => void;
}

export interface Door {
  /** Listens on 127.0.0.1. Resolves to the port. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * The only public port of the local cloud. It runs code that clients send, so it requires a signature for everything
 * but API Gateway's data plane. It refuses every request whose Host header is not this address: a web page can make its
 * own name resolve to 127.0.0.1, but its requests then carry that name. Everywhere but on the data plane it refuses
 * requests with an Origin header, which browsers add.
 */
export function createDoor(options: DoorOptions): Door {
  const services = new Map(options.services.map((service) => [service.signingName, service]));
  const signed = new BodyBudget(SIGNED_BODIES_BYTES);
  const open = new BodyBudget(DATA_PLANE_BODIES_BYTES);
  let hosts: readonly string[] = [];
  const server: HttpServer = createHttpServer({
    admit: (request) => {
      const host = request.header('host');
      if (host === undefined || !hosts.includes(host)) {
        return refusalOf(
          request,
          new ServiceError('AccessDenied', 'The Host header does not name this local cloud', 403),
        );
      }
      if (request.path.startsWith(DATA_PLANE_PREFIX)) {
        return { bodyBytes: DATA_PLANE_BODY_BYTES, budget: open };
      }
      return admitSigned(request, options, signed);
    },
    onRequest: (request, respond) => {
      if (request.path.startsWith(DATA_PLANE_PREFIX)) void serveDataPlane(request, respond, options);
      else void serveSigned(request, respond, options, services);
    },
    onError: (error) => options.log(`door: ${error instanceof Error ? error.stack : String(error)}`),
  });
  return {
    async listen(port) {
      const bound = await server.listen(port);
      hosts = [`127.0.0.1:${bound}`, `localhost:${bound}`];
      if (bound === 80) hosts = [...hosts, '127.0.0.1', 'localhost'];
      return bound;
    },
    close: () => server.close(),
  };
}

async function serveDataPlane(request: HttpRequest, respond: Respond, options: DoorOptions): Promise<void> {
  const { path } = request;
  const idEnd = path.indexOf('/', DATA_PLANE_PREFIX.length);
  const stageEnd = idEnd === -1 ? -1 : path.indexOf('/', idEnd + 1);
  const restApiId = path.slice(DATA_PLANE_PREFIX.length, idEnd === -1 ? undefined : idEnd);
  const stage = idEnd === -1 ? '' : path.slice(idEnd + 1, stageEnd === -1 ? undefined : stageEnd);
  try {
    const answer = await options.dataPlane({
      restApiId,
      stage,
      method: request.method,
      path: stageEnd === -1 ? '/' : path.slice(stageEnd),
      rawQuery: request.rawQuery,
      rawHeaders: request.rawHeaders,
      body: request.body,
      sourceIp: request.remoteAddress,
    });
    respond(answer.status, answer.headers, answer.body);
  } catch (error) {
    options.log(`data plane: ${error instanceof Error ? error.stack : String(error)}`);
    respond(500, JSON_HEADERS, INTERNAL_ERROR);
  }
}

async function serveSigned(
  request: HttpRequest,
  respond: Respond,
  options: DoorOptions,
  services: ReadonlyMap<string, Service>,
): Promise<void> {
  const requestId = randomUUID();
  const headers = lowerCased(request.rawHeaders);
  const { method, path, rawQuery } = request;
  let family: Family = familyOf(undefined, headers, path);
  let answer: DoorResponse;
  try {
    const query = new URLSearchParams(rawQuery);
    const verdict = verifySignature(
      { method, path, rawQuery, query, headers, body: request.body },
      options.keys,
      options.now(),
    );
    family = familyOf(verdict.service, headers, path);
    if (!verdict.ok) {
      throw new ServiceError(authFailureCode(verdict.failure, family), verdict.message, 403);
    }
    const service = services.get(verdict.service);
    if (service === undefined) {
      throw new ServiceError(
        'UnknownService',
        `The local cloud has no service ${JSON.stringify(verdict.service)}: ${[...services.keys()].join(', ')}`,
        501,
      );
    }
    const doorRequest: DoorRequest = {
      method,
      path,
      query,
      headers: { ...headers, ...verdict.trailers },
      body: verdict.body,
      requestId,
    };
    answer = await service.handle(doorRequest);
  } catch (error) {
    answer = renderFailure(error, family, requestId, options);
  }
  try {
    respond(answer.status, withRequestId(answer, family, requestId), answer.body);
  } catch (error) {
    answer = renderFailure(error, family, requestId, options);
    respond(answer.status, withRequestId(answer, family, requestId), answer.body);
  }
}

function renderFailure(
  error: unknown,
  family: Family,
  requestId: string,
  options: DoorOptions,
): DoorResponse {
  if (error instanceof ServiceError) return renderRefusal(error, family, requestId);
  options.log(`door, request ${requestId}: ${error instanceof Error ? error.stack : String(error)}`);
  const internal = new ServiceError('InternalFailure', 'The local cloud failed; its log has the reason', 500);
  return renderRefusal(internal, family, requestId);
}

/** Refuses a request with a missing or wrong signature after its head, before any of its body is stored. */
function admitSigned(request: HttpRequest, options: DoorOptions, budget: BodyBudget): Admission {
  const headers = lowerCased(request.rawHeaders);
  const { method, path, rawQuery } = request;
  if (headers.origin !== undefined) {
    return refusalOf(request, new ServiceError('AccessDenied', 'Requests from web pages are refused', 403));
  }
  const query = new URLSearchParams(rawQuery);
  const verdict = checkHead({ method, path, rawQuery, query, headers }, options.keys, options.now());
  if (!verdict.ok) {
    const family = familyOf(verdict.service, headers, path);
    const error = new ServiceError(authFailureCode(verdict.failure, family), verdict.message, 403);
    return refusalOf(request, error, family);
  }
  const isUpload = verdict.service === 's3' && method === 'PUT';
  return { bodyBytes: isUpload ? UPLOAD_BODY_BYTES : CONTROL_BODY_BYTES, budget };
}

function refusalOf(request: HttpRequest, error: ServiceError, family?: Family): Admission {
  const requestId = randomUUID();
  const wording = family ?? familyOf(undefined, lowerCased(request.rawHeaders), request.path);
  const answer = renderRefusal(error, wording, requestId);
  return {
    status: answer.status,
    headers: withRequestId(answer, wording, requestId),
    body: answer.body.toString(),
  };
}

function withRequestId(answer: DoorResponse, family: Family, requestId: string): string[] {
  const headers: string[] =
    family === 's3'
      ? ['x-amz-request-id', requestId, 'x-amz-id-2', requestId]
      : ['x-amzn-requestid', requestId];
  for (const [name, value] of Object.entries(answer.headers)) headers.push(name, value);
  return headers;
}

function lowerCased(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}
