import { crc32 } from 'node:zlib';
import { BodyBudget } from '../../http/body.ts';
import { type Admission, createHttpServer } from '../../http/server.ts';
import { monotonicMs } from '../../monotonic.ts';
import { createEngine } from './engine.ts';

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
}

/**
 * Serves DynamoDB's protocol on a loopback port to clients that know the access key id. It does not verify the
 * signature: on one machine the key is secret enough, and every check would add to the functions' Duration.
 * @returns the port
 */
export async function serveDatabase(options: DatabaseServerOptions): Promise<number> {
  const engine = createEngine(options, options.log);
  const credential = `AWS4-HMAC-SHA256 Credential=${options.accessKeyId}`;
  let hosts: readonly string[] = [];
  const admitted: Admission = { bodyBytes: MAX_BODY_BYTES, budget: new BodyBudget(ALL_BODIES_BYTES) };
  let requests = 0;
  const server = createHttpServer({
    onError: (error) => options.log(error instanceof Error ? (error.stack ?? '') : String(error)),
    admit: (request) => {
      const refuse = (type: string, message: string) => ({
        status: 403,
        headers: ['Content-Type', HEADERS_TYPE],
        body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }),
      });
      if (!hosts.includes(request.header('host') ?? '') || request.header('origin') !== undefined) {
        return refuse('AccessDeniedException', 'Only clients on this machine are served, no web pages');
      }
      const authorization = request.header('authorization');
      if (authorization === undefined) {
        return refuse('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
      }
      if (environmentOf(authorization, credential) === undefined) {
        return refuse(
          'UnrecognizedClientException',
          'The security token included in the request is invalid.',
        );
      }
      return admitted;
    },
    onRequest: (request, respond) => {
      requests += 1;
      const headers = ['Content-Type', HEADERS_TYPE, 'x-amzn-RequestId', `local-${requests}`];
      const target = request.header('x-amz-target') ?? '';
      const operation = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : target;
      const environment = environmentOf(request.header('authorization') ?? '', credential) ?? 0;
      const startMs = monotonicMs();
      void engine.execute(operation, request.body.toString('utf8')).then((answer) => {
        const body = Buffer.from(answer.body);
        respond(answer.status, [...headers, 'x-amz-crc32', String(crc32(body))], body);
        options.onServed?.({ environment, operation, startMs, endMs: monotonicMs() });
      });
    },
  });
  const port = await server.listen();
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return port;
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
