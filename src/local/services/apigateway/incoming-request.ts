import type { DataPlaneRequest } from '../../seams.ts';
import type { RequiredParameter } from './rest-api.ts';

/** A request's headers and query as API Gateway parses them. */
export interface IncomingRequest {
  /** The last value of each header, with the name as the sender spelled it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  /** Null if there is no query. */
  readonly query: Readonly<Record<string, string>> | null;
  readonly multiValueQuery: Readonly<Record<string, readonly string[]>> | null;
  readonly host: string;
  readonly userAgent: string | null;
  /** The trace id that the client sent, or a new one. */
  readonly traceId: string;
  /** Whether the client sent the trace id. */
  readonly isTraceSent: boolean;
}

/**
 * Headers of the connection, which functions never see. The list is as recorded from AWS.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);
/** Header names whose spelling API Gateway changes to this one. */
const RESPELLED: ReadonlyMap<string, string> = new Map([
  ['authorization', 'Authorization'],
  ['host', 'Host'],
  ['user-agent', 'User-Agent'],
]);

/** Parses a request. `newTraceId` is called if the client sent no trace. */
export function readRequest(request: DataPlaneRequest, newTraceId: () => string): IncomingRequest {
  const { headers, multi, host, userAgent, clientTrace, forwardedFor } = readHeaders(request.rawHeaders);
  const traceId = clientTrace ?? newTraceId();
  const colon = host.lastIndexOf(':');
  set('X-Amzn-Trace-Id', traceId);
  set('X-Forwarded-For', `${forwardedFor}${request.sourceIp}`);
  set('X-Forwarded-Port', colon === -1 ? '80' : host.slice(colon + 1));
  set('X-Forwarded-Proto', 'http');
  return {
    headers,
    multiValueHeaders: multi,
    ...readQuery(request.rawQuery),
    host,
    userAgent,
    traceId,
    isTraceSent: clientTrace !== undefined,
  };

  function set(name: string, value: string): void {
    headers[name] = value;
    multi[name] = [value];
  }
}

/** Reads the header fields of a request: those that the event contains, and those that API Gateway itself uses. */
function readHeaders(rawHeaders: readonly string[]) {
  const headers: Record<string, string> = {};
  const multi: Record<string, string[]> = {};
  /** The first spelling of each name. */
  const spelling = new Map<string, string>();
  let host = '';
  let userAgent: string | null = null;
  let clientTrace: string | undefined;
  let forwardedFor = '';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    const lower = sent.toLowerCase();
    switch (lower) {
      case 'host':
        host = value;
        break;
      case 'user-agent':
        userAgent = value;
        break;
      case 'x-amzn-trace-id':
        clientTrace = value;
        continue;
      case 'x-forwarded-for':
        forwardedFor = `${value}, `;
        continue;
      case 'x-forwarded-port':
      case 'x-forwarded-proto':
        continue;
      default:
        if (DROPPED.has(lower)) continue;
    }
    let name = spelling.get(lower);
    if (name === undefined) {
      name = RESPELLED.get(lower) ?? sent;
      spelling.set(lower, name);
      setOwn(multi, name, [value]);
    } else multi[name]?.push(value);
    setOwn(headers, name, value);
  }
  return { headers, multi, host, userAgent, clientTrace, forwardedFor };
}

/** Decodes names and values; `+` is a space. Of a repeated name the last value counts. */
function readQuery(rawQuery: string): Pick<IncomingRequest, 'query' | 'multiValueQuery'> {
  if (rawQuery === '') return { query: null, multiValueQuery: null };
  const query: Record<string, string> = {};
  const multiValueQuery: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    setOwn(query, name, value);
    if (Object.hasOwn(multiValueQuery, name)) multiValueQuery[name]?.push(value);
    else setOwn(multiValueQuery, name, [value]);
  }
  return { query, multiValueQuery };
}

/** Returns the required parameters that are missing or blank, in their order. */
export function missingParameters(
  required: readonly RequiredParameter[],
  request: IncomingRequest,
  pathParameters: Readonly<Record<string, string>> | null,
): string[] {
  const missing: string[] = [];
  for (const { location, name } of required) {
    const value =
      location === 'querystring'
        ? ownValue(request.query, name)
        : location === 'path'
          ? ownValue(pathParameters, name)
          : headerValue(request, name);
    if (value === undefined || value.trim() === '') missing.push(name);
  }
  return missing;
}

/** Reads a record's own member, so that `constructor` is not found in every request. */
export function ownValue(
  record: Readonly<Record<string, string>> | null | undefined,
  name: string,
): string | undefined {
  return record !== null && record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Reads a header by its name in any spelling. */
export function headerValue(request: IncomingRequest, name: string): string | undefined {
  const lower = name.toLowerCase();
  for (const [sent, value] of Object.entries(request.headers)) {
    if (sent.toLowerCase() === lower) return value;
  }
  return undefined;
}

/** Sets a member of a record whose names come from the sender, who may send `__proto__`. */
function setOwn<T>(record: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  } else record[name] = value;
}
