import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { answer } from '../../protocols/answer.ts';
import { jsonError } from '../../protocols/aws-json.ts';
import {
  type Cloud,
  type DatabaseControl,
  type DoorRequest,
  type DoorResponse,
  ServiceError,
  type ServiceParts,
} from '../../seams.ts';
import type { Latencies } from './answer-delay.ts';
import { makeCertificate, type ServerCertificate } from './certificate.ts';
import { DatabaseChild } from './database-child.ts';
import { createDatabaseClient } from './database-client.ts';
import type { DatabaseServed } from './database-process.ts';
import { writeTrustFiles } from './trust-files.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
export interface DynamoDbParts extends ServiceParts<DatabaseControl> {
  /** The id of the database process, for the state file. */
  readonly pid: number;
}

export interface DatabaseKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Starts the database in its own process. Resolves when it listens. Functions call it directly on its port; the
 * endpoint of the cloud forwards requests of the command line.
 * @param keys the database's own keys, different from the endpoint's, so that a function's credentials give no other
 *   access
 * @param onLoss called with the reason if the process ends by itself; all tables are lost then
 * @param latencies set if functions reach the database over TLS and with these latencies
 */
export async function createDynamoDb(
  cloud: Pick<Cloud, 'accountId' | 'region' | 'dataDir' | 'now' | 'log' | 'children'>,
  keys: DatabaseKeys,
  onLoss: (why: string) => void,
  latencies?: Latencies,
): Promise<DynamoDbParts> {
  const certificate = latencies === undefined ? undefined : await makeCertificate(cloud.now());
  const child = new DatabaseChild(cloud, onLoss);
  const { port, tlsPort } = await child.start({
    accountId: cloud.accountId,
    region: cloud.region,
    accessKeyId: keys.accessKeyId,
    ...(latencies === undefined || certificate === undefined
      ? {}
      : { asLambda: asLambdaOf(latencies, certificate) }),
  });
  let onServed: ((requests: DatabaseServed['served']) => void) | undefined;
  child.onServed((requests) => onServed?.(requests));
  const client = createDatabaseClient(port, keys.accessKeyId);

  const send: Send = async (target, body) => {
    try {
      return await client.send(target, body);
    } catch (error) {
      const why = child.end === undefined ? String(error) : `its process ended (${child.end})`;
      cloud.log(`The request ${target} to the database failed: ${why}`);
      throw new ServiceError('InternalServerError', `The local database has ended: ${why}`, 500);
    }
  };
  const control: DatabaseControl = {
    endpoint: tlsPort === undefined ? `http://127.0.0.1:${port}` : `https://127.0.0.1:${tlsPort}`,
    ...(certificate === undefined
      ? {}
      : { trust: writeTrustFiles(join(cloud.dataDir, 'trust'), certificate.authority) }),
    credentialsOf: (environment) => ({ ...keys, accessKeyId: `${keys.accessKeyId}E${environment}` }),
    watch(listener) {
      onServed = listener;
    },
    call: (operation, input) => callOperation(send, operation, input),
  };
  return {
    pid: child.pid,
    control,
    services: [{ signingName: 'dynamodb', handle: forwarding(send, cloud.log) }],
    async close() {
      client.close();
      await child.close();
    },
  };
}

type Send = ReturnType<typeof createDatabaseClient>['send'];

/** Calls an operation of the database. @throws ServiceError with the database's own code */
async function callOperation(
  send: Send,
  operation: string,
  input: unknown,
): Promise<Record<string, unknown>> {
  const reply = await send(`${TARGET_PREFIX}${operation}`, JSON.stringify(input));
  const output = JSON.parse(reply.body) as Record<string, unknown>;
  if (reply.status === 200) return output;
  throw new ServiceError(codeOf(output), messageOf(output), reply.status);
}

/** Returns a handler that forwards requests to the database. */
function forwarding(send: Send, log: Cloud['log']): (request: DoorRequest) => Promise<DoorResponse> {
  return (request) => {
    const target = request.headers['x-amz-target'] ?? '';
    return answer(
      request,
      `dynamodb ${target}`,
      log,
      async () => {
        const reply = await send(target, request.body);
        const headers = { 'content-type': CONTENT_TYPE, 'x-amz-crc32': String(crc32(reply.body)) };
        return { status: reply.status, headers, body: reply.body };
      },
      (error) => jsonError(error, CONTENT_TYPE),
    );
  };
}

function asLambdaOf(latencies: Latencies, { privateKey, certificate }: ServerCertificate) {
  return { latencies, privateKey, certificate };
}

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException` → `ResourceNotFoundException` */
function codeOf(output: Readonly<Record<string, unknown>>): string {
  const type = typeof output.__type === 'string' ? output.__type : 'InternalServerError';
  return type.slice(type.indexOf('#') + 1);
}

function messageOf(output: Readonly<Record<string, unknown>>): string {
  return String(output.message ?? output.Message ?? '');
}
