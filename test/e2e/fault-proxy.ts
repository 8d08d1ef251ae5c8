import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a rule sees it. */
export interface SeenCall {
  readonly service: 'cloudformation' | 'sts' | 's3' | 'lambda' | 'logs' | 'dynamodb' | 'unknown';
  readonly operation: string;
  /** The parameters of an awsQuery call; empty for others. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a rule answers in the service's place; `reset` cuts the connection. */
export type Fault =
  | 'reset'
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Undefined lets the request through. */
export type Rule = (call: SeenCall) => Fault | undefined;

/** Stands between the SDK and an endpoint, and answers as AWS does where a rule says so. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Every request that came, in order, whether it was let through or not. */
  readonly calls: SeenCall[];
  rule: Rule;
  close(): Promise<void>;
}

/** @param changeTemplate what the endpoint gets in place of a CloudFormation template; by default the template as it is */
export async function startFaultProxy(
  upstream: string,
  changeTemplate: (body: string) => string = (body) => body,
): Promise<FaultProxy> {
  const calls: SeenCall[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const call = identifyCall(incoming, body);
      calls.push(call);
      const fault = proxy.rule(call);
      if (fault === 'reset') incoming.socket.destroy();
      else if (fault === undefined) {
        forward(upstream, incoming, withTemplate(call, body, changeTemplate), outgoing);
      } else outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    rule: () => undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

/** The body of a call, with another template if it has one. The endpoint behind the proxy must not check signatures. */
function withTemplate({ parameters }: SeenCall, body: Buffer, change: (body: string) => string): Buffer {
  if (parameters.TemplateBody === undefined) return body;
  const changed = { ...parameters, TemplateBody: change(parameters.TemplateBody) };
  return Buffer.from(new URLSearchParams(changed).toString());
}

function forward(upstream: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
  const { hostname, port } = new URL(upstream);
  const length = incoming.headers['content-length'] === undefined ? {} : { 'content-length': body.length };
  const headers = { ...incoming.headers, ...length };
  const onwards = request(
    // The Host header stays: the signature covers it, and emulators make absolute URLs of it.
    { hostname, port, method: incoming.method, path: incoming.url, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onwards.on('error', () => outgoing.destroy());
  onwards.end(body);
}

/** Which operation a request is, by its protocol: awsQuery, awsJson or the REST paths that shedbench uses. */
export function identifyCall(incoming: IncomingMessage, body: Buffer): SeenCall {
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [head = '', operation = ''] = target.split('.');
    return { service: head.startsWith('DynamoDB') ? 'dynamodb' : 'logs', operation, parameters: {} };
  }
  const path = incoming.url ?? '';
  const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  if (isForm) {
    const parameters = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    const operation = parameters.Action ?? '';
    return { service: operation === 'GetCallerIdentity' ? 'sts' : 'cloudformation', operation, parameters };
  }
  if (path.startsWith('/2015-03-31/functions/')) {
    return { service: 'lambda', operation: lambdaOperation(incoming.method ?? '', path), parameters: {} };
  }
  if (path.startsWith('/2016-08-19/account-settings')) {
    return { service: 'lambda', operation: 'GetAccountSettings', parameters: {} };
  }
  return {
    service: 's3',
    operation: s3Operation(incoming.method ?? '', new URL(path, 'http://s3')),
    parameters: {},
  };
}

function lambdaOperation(method: string, path: string): string {
  if (!/\/configuration(\?|$)/.test(path)) return 'GetFunction';
  return method === 'PUT' ? 'UpdateFunctionConfiguration' : 'GetFunctionConfiguration';
}

function s3Operation(method: string, { pathname, searchParams }: URL): string {
  const isObject = /^\/[^/]+\/.+/.test(pathname);
  if (method === 'POST' && searchParams.has('delete')) return 'DeleteObjects';
  if (method === 'GET' && searchParams.has('versions')) return 'ListObjectVersions';
  if (method === 'PUT' && isObject) return 'PutObject';
  if (method === 'HEAD') return isObject ? 'HeadObject' : 'HeadBucket';
  return 'unknown';
}

/** An error in the form that the call's protocol gives it. */
export function awsFault(call: SeenCall, status: number, code: string, message: string): Fault {
  switch (call.service) {
    case 'cloudformation':
    case 'sts':
      return xml(
        status,
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
      );
    case 's3':
      // A HEAD answer has no body: nothing but its status tells what it was.
      return xml(
        status,
        call.operation.startsWith('Head')
          ? ''
          : `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
      );
    case 'lambda':
      return json(status, { Type: 'User', message }, { 'x-amzn-errortype': code });
    default:
      return json(status, { __type: code, message }, {});
  }
}

function xml(status: number, body: string): Fault {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'r-1' }, body };
}

function json(status: number, content: unknown, more: Readonly<Record<string, string>>): Fault {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r-1', ...more };
  return { status, headers, body: JSON.stringify(content) };
}

/** AWS's refusal of too many requests, as each service words it. */
export function throttle(call: SeenCall): Fault {
  if (call.service === 's3') return awsFault(call, 503, 'SlowDown', 'Please reduce your request rate.');
  if (call.service === 'lambda') return awsFault(call, 429, 'TooManyRequestsException', 'Rate exceeded');
  if (call.service === 'cloudformation') return awsFault(call, 400, 'Throttling', 'Rate exceeded');
  return awsFault(call, 400, 'ThrottlingException', 'Rate exceeded');
}

/** AWS's refusal for want of a permission, naming action and resource as AWS does where it does. */
export function deny(call: SeenCall, action: string): Fault {
  const message = `User: arn:aws:iam::123456789012:user/jo is not authorized to perform: ${action} on resource: arn:aws:example because no identity-based policy allows the ${action} action`;
  const isJson = call.service === 'logs' || call.service === 'dynamodb';
  if (isJson) return awsFault(call, 400, 'AccessDeniedException', message);
  if (call.service === 'lambda') return awsFault(call, 403, 'AccessDeniedException', message);
  return awsFault(call, 403, 'AccessDenied', message);
}
