import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';
import { bundledScript } from '../../bundled-script.ts';
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
import { createDatabaseClient } from './database-client.ts';
import type { DatabaseReady, DatabaseServed, DatabaseStart } from './database-process.ts';
import { writeTrustFiles } from './trust-files.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** The longest time from the fork until the process listens. It loads half a megabyte of code. */
const READY_LIMIT_MS = 20_000;
/** A database with larger young generations collects garbage less often, and each collection delays all functions. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];

export interface DynamoDbParts extends ServiceParts<DatabaseControl> {
  /** The id of the database process, for the state file. */
  readonly pid: number;
}

export interface DatabaseKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Starts the database in its own process. Resolves once it listens. Functions call it directly on its port; the door
 * forwards requests of the command line.
 * @param keys the database's own keys, different from the door's, so that a function's credentials give no other access
 * @param onLoss called with the reason if the process ends by itself; all tables are lost then
 * @param latencies where functions are to reach it over TLS and with these latencies
 */
export async function createDynamoDb(
  cloud: Pick<Cloud, 'accountId' | 'region' | 'dataDir' | 'now' | 'log' | 'children'>,
  keys: DatabaseKeys,
  onLoss: (why: string) => void,
  latencies?: Latencies,
): Promise<DynamoDbParts> {
  const certificate = latencies === undefined ? undefined : await makeCertificate(cloud.now());
  const child = fork(bundledScript('local-database.js'), [], {
    execArgv: NODE_OPTIONS,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const pid = child.pid ?? 0;
  cloud.children.register(pid);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => cloud.log(`database: ${line}`));
  }
  let end: string | undefined;
  // Before the process listens, a failed start is reported by its own error. After `close` its end is expected.
  let isExpectedToLive = false;
  child.once('exit', (code, signal) => {
    end = signal === null ? `exit code ${code}` : signal;
    cloud.children.forget(pid);
    if (isExpectedToLive) onLoss(`its database process ended (${end})`);
  });
  const { port, tlsPort } = await readyPorts(child, {
    accountId: cloud.accountId,
    region: cloud.region,
    accessKeyId: keys.accessKeyId,
    ...(latencies === undefined || certificate === undefined
      ? {}
      : { asLambda: asLambdaOf(latencies, certificate) }),
  });
  isExpectedToLive = true;
  let onServed: ((requests: DatabaseServed['served']) => void) | undefined;
  child.on('message', (message) => onServed?.((message as DatabaseServed).served));
  const client = createDatabaseClient(port, keys.accessKeyId);

  const send = async (target: string, body: string | Buffer) => {
    try {
      return await client.send(target, body);
    } catch (error) {
      const why = end === undefined ? String(error) : `its process ended (${end})`;
      cloud.log(`The request ${target} to the database failed: ${why}`);
      throw new ServiceError('InternalServerError', `The local database is gone: ${why}`, 500);
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
    async call(operation, input) {
      const reply = await send(`${TARGET_PREFIX}${operation}`, JSON.stringify(input));
      const output = JSON.parse(reply.body) as Record<string, unknown>;
      if (reply.status === 200) return output;
      throw new ServiceError(codeOf(output), messageOf(output), reply.status);
    },
  };
  const handle = (request: DoorRequest): Promise<DoorResponse> =>
    answer(
      request,
      `dynamodb ${request.headers['x-amz-target'] ?? ''}`,
      cloud.log,
      async () => {
        const reply = await send(request.headers['x-amz-target'] ?? '', request.body);
        const headers = { 'content-type': CONTENT_TYPE, 'x-amz-crc32': String(crc32(reply.body)) };
        return { status: reply.status, headers, body: reply.body };
      },
      (error) => jsonError(error, CONTENT_TYPE),
    );
  return {
    pid,
    control,
    services: [{ signingName: 'dynamodb', handle }],
    async close() {
      isExpectedToLive = false;
      client.close();
      if (end !== undefined) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function asLambdaOf(latencies: Latencies, { privateKey, certificate }: ServerCertificate) {
  return { latencies, privateKey, certificate };
}

function readyPorts(child: ChildProcess, start: DatabaseStart): Promise<DatabaseReady> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail('did not listen in time'), READY_LIMIT_MS);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`The database process ${why}`));
    };
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended at once (${signal ?? `exit code ${code}`})`));
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as DatabaseReady);
    });
    child.send(start);
  });
}

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException` → `ResourceNotFoundException` */
function codeOf(output: Readonly<Record<string, unknown>>): string {
  const type = typeof output.__type === 'string' ? output.__type : 'InternalServerError';
  return type.slice(type.indexOf('#') + 1);
}

function messageOf(output: Readonly<Record<string, unknown>>): string {
  return String(output.message ?? output.Message ?? '');
}
