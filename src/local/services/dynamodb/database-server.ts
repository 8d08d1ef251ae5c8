import { crc32 } from 'node:zlib';
import { BodyBudget } from '../../http/body.ts';
import type { Admission, HttpRequest, Respond } from '../../http/request.ts';
import { createHttpServer } from '../../http/server.ts';
import { monotonicMs } from '../../monotonic.ts';
import { callAfter, type Latencies, randomLatencyMs } from './answer-delay.ts';
import { createEngine, type Engine, type EngineAnswer } from './engine.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';
const HEADERS_TYPE = 'application/x-amz-json-1.0';
/** DynamoDB takes requests of up to 16 MB (BatchWriteItem). */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The limit for the bodies of all requests in progress. */
const ALL_BODIES_BYTES = 256 * 1024 * 1024;

export interface DatabaseServerOptions {
  readonly accountId: string;
  readonly region: string;
  /** Only requests that name this key are accepted. It is random, so no web page can know it. */
  readonly accessKeyId: string;
  readonly log: (message: string) => void;
  /** Where sandboxes are to reach it over TLS, with DynamoDB's latency. */
  readonly asLambda?: DatabaseAsLambda;
  /** Called after every request. */
  readonly onServed?: (served: ServedRequest) => void;
}

/** A request of a sandbox. Its function may have waited for it. */
export interface ServedRequest {
  /** The number in the sandbox's access key; 0 for requests of the cloud itself. */
  readonly environment: number;
  /** The operation, by DynamoDB's name. */
  readonly operation: string;
  /** Both in ms of the system's monotonic clock, which is the same in all processes. */
  readonly startMs: number;
  readonly endMs: number;
  /** Whether it is the first request of its connection. */
  readonly opensConnection: boolean;
}

/** What makes the database like DynamoDB, seen from a function. */
export interface DatabaseAsLambda {
  readonly latencies: Latencies;
  /** Both PEM. */
  readonly privateKey: string;
  readonly certificate: string;
}

/** The ports on which the database listens on 127.0.0.1. */
export interface DatabasePorts {
  /** The port for plain HTTP. Requests are answered as soon as possible. */
  readonly port: number;
  /** The port for TLS. Requests are answered with DynamoDB's latency. Absent if every function runs at full speed. */
  readonly tlsPort?: number;
}

/**
 * Serves DynamoDB's protocol on loopback ports to clients that know the access key id. It does not verify the signature:
 * on one machine the key is secret enough, and every check would add to the functions' Duration.
 */
export async function serveDatabase(options: DatabaseServerOptions): Promise<DatabasePorts> {
  const engine = createEngine(options, options.log);
  const { asLambda } = options;
  const port = await listen(engine, options, undefined);
  return asLambda === undefined ? { port } : { port, tlsPort: await listen(engine, options, asLambda) };
}

/** Opens one port. */
async function listen(
  engine: Engine,
  options: DatabaseServerOptions,
  asLambda: DatabaseAsLambda | undefined,
): Promise<number> {
  const credential = `AWS4-HMAC-SHA256 Credential=${options.accessKeyId}`;
  let hosts: readonly string[] = [];
  let requests = 0;
  const server = createHttpServer({
    onError: (error) => options.log(error instanceof Error ? (error.stack ?? '') : String(error)),
    ...(asLambda === undefined ? {} : { tls: asLambda }),
    admit: (request) => admit(request, credential, hosts),
    onRequest: (request, respond) => {
      requests += 1;
      const target = request.header('x-amz-target') ?? '';
      const operation = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : target;
      const environment = environmentOf(request.header('authorization') ?? '', credential) ?? 0;
      const startMs = monotonicMs();
      const requestId = `local-${requests}`;
      void engine.execute(operation, request.body.toString('utf8')).then((answer) => {
        const send = (): void => {
          sendAnswer(respond, answer, requestId);
          const endMs = monotonicMs();
          options.onServed?.({ environment, operation, startMs, endMs, opensConnection: request.isFirst });
        };
        if (asLambda === undefined) send();
        else
          callAfter(
            startMs + randomLatencyMs(asLambda.latencies, operation, Math.random()) - monotonicMs(),
            send,
          );
      });
    },
  });
  const port = await server.listen();
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return port;
}

function sendAnswer(respond: Respond, { status, body }: EngineAnswer, requestId: string): void {
  const bytes = Buffer.from(body);
  const checksum = String(crc32(bytes));
  respond(
    status,
    ['Content-Type', HEADERS_TYPE, 'x-amzn-RequestId', requestId, 'x-amz-crc32', checksum],
    bytes,
  );
}

const ADMITTED: Admission = { bodyBytes: MAX_BODY_BYTES, budget: new BodyBudget(ALL_BODIES_BYTES) };

function admit(request: HttpRequest, credential: string, hosts: readonly string[]): Admission {
  if (!hosts.includes(request.header('host') ?? '') || request.header('origin') !== undefined) {
    return refusal('AccessDeniedException', 'Only clients on this machine are served, no web pages');
  }
  const authorization = request.header('authorization');
  if (authorization === undefined) {
    return refusal('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  if (environmentOf(authorization, credential) === undefined) {
    return refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  return ADMITTED;
}

function refusal(type: string, message: string): Admission {
  return {
    status: 403,
    headers: ['Content-Type', HEADERS_TYPE],
    body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }),
  };
}

/**
 * Returns the number of the sandbox that signed with the database's key: 17 for `…KEYE17/…`, 0 for `…KEY/…`. Undefined
 * if the header names another key.
 */
function environmentOf(authorization: string, credential: string): number | undefined {
  if (!authorization.startsWith(credential)) return undefined;
  const suffix = authorization.slice(credential.length, authorization.indexOf('/', credential.length));
  if (suffix === '') return 0;
  return /^E\d{1,9}$/.test(suffix) ? Number(suffix.slice(1)) : undefined;
}
