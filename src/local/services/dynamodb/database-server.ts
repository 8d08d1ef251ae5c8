import { crc32 } from 'node:zlib';
import { BodyBudget } from '../../http/body.ts';
import { type Admission, createHttpServer } from '../../http/server.ts';
import { createEngine } from './engine.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';
const HEADERS_TYPE = 'application/x-amz-json-1.0';
/** DynamoDB takes requests of up to 16 MB (BatchWriteItem). */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Bodies under way together. */
const ALL_BODIES_BYTES = 256 * 1024 * 1024;

export interface DatabaseServerOptions {
  readonly accountId: string;
  readonly region: string;
  /** Only requests that name this key are let in. It is random: no page in a browser can know it. */
  readonly accessKeyId: string;
  readonly log: (message: string) => void;
}

/**
 * Serves DynamoDB's wire protocol on a loopback port to whoever knows the access key id. The signature itself is not
 * recomputed: the key is secret enough on one machine, and every check here counts into the functions' Duration.
 * @returns the port
 */
export async function serveDatabase(options: DatabaseServerOptions): Promise<number> {
  const engine = createEngine(options, options.log);
  const credential = `AWS4-HMAC-SHA256 Credential=${options.accessKeyId}/`;
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
      if (!authorization.startsWith(credential)) {
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
      void engine.execute(operation, request.body.toString('utf8')).then((answer) => {
        const body = Buffer.from(answer.body);
        respond(answer.status, [...headers, 'x-amz-crc32', String(crc32(body))], body);
      });
    },
  });
  const port = await server.listen();
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return port;
}
