import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ZipFile } from 'yazl';
import {
  type FunctionConfiguration,
  type InvokeOutcome,
  type LogEvent,
  ServiceError,
} from '../../../src/local/seams.ts';
import {
  createLambda,
  type LambdaOptions,
  type LambdaParts,
} from '../../../src/local/services/lambda/service.ts';

export const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));
export const REGION = 'eu-west-3';
export const ACCOUNT = '123456789012';

/** A Lambda of its own, with its logs in memory. */
export interface TestLambda {
  readonly lambda: LambdaParts;
  readonly dataDir: string;
  /** What the cloud's own log got. */
  readonly cloudLog: string[];
  /** Log streams in the order of their making. */
  readonly streams: Map<string, LogEvent[]>;
  /** Pids registered and not yet forgotten. */
  readonly children: Set<number>;
  /** What S3 holds, by `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  /** Log groups that do not exist. */
  readonly missingGroups: Set<string>;
  /** All messages, stream after stream. */
  messages(): string[];
  reports(): string[];
  create(name: string, files: Files, overrides?: Partial<FunctionConfiguration>): Promise<void>;
  invoke(name: string, event?: unknown): Promise<InvokeOutcome>;
  close(): Promise<void>;
}

export type Files = Readonly<
  Record<string, string | { readonly text: string | Buffer; readonly mode: number }>
>;

export async function startLambda(options: LambdaOptions = {}): Promise<TestLambda> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shedbench-lambda-'));
  const cloudLog: string[] = [];
  const streams = new Map<string, LogEvent[]>();
  const children = new Set<number>();
  const objects = new Map<string, Buffer>();
  const missingGroups = new Set<string>();
  const lambda = createLambda(
    {
      accountId: ACCOUNT,
      region: REGION,
      dataDir,
      now: Date.now,
      log: (message) => cloudLog.push(message),
      logs: {
        createLogGroup: (name) => {
          missingGroups.delete(name);
        },
        append: (group, name, events) => {
          if (missingGroups.has(group)) return false;
          const key = `${group} ${name}`;
          const stream = streams.get(key);
          if (stream === undefined) streams.set(key, [...events]);
          else stream.push(...events);
          return true;
        },
        logGroupExists: () => true,
      },
      dynamodb: {
        endpoint: 'http://127.0.0.1:9/db',
        credentialsOf: () => ({ accessKeyId: 'AKLOCAL', secretAccessKey: 'local-secret' }),
      },
      s3: {
        readObject: (bucket, key) => {
          const found = objects.get(`${bucket}/${key}`);
          if (found === undefined) {
            throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
          }
          return found;
        },
      },
      iam: {
        isAssumableBy: (roleName) => !roleName.startsWith('foreign'),
        allows: (roleName) => roleName.startsWith('logger'),
      },
      children: {
        register: (pid) => children.add(pid),
        forget: (pid) => children.delete(pid),
      },
    },
    { cores: 2, bootstrapDir: DIST, ...options },
  );
  const messages = (): string[] => [...streams.values()].flat().map((event) => event.message);
  return {
    lambda,
    dataDir,
    cloudLog,
    streams,
    children,
    objects,
    missingGroups,
    messages,
    reports: () => messages().filter((message) => message.startsWith('REPORT ')),
    create: async (name, files, overrides = {}) => {
      await lambda.control.createFunction(configuration(name, overrides), { zip: await zip(files) });
    },
    invoke: async (name, event = {}) => {
      const outcome = await lambda.control.invoke(name, Buffer.from(JSON.stringify(event)));
      // The closing lines follow the answer.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      return outcome;
    },
    close: async () => {
      await lambda.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function configuration(
  name: string,
  overrides: Partial<FunctionConfiguration> = {},
): FunctionConfiguration {
  return {
    functionName: name,
    functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    memorySizeMB: 256,
    timeoutSeconds: 10,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    environment: {},
    logGroup: `/aws/lambda/${name}`,
    tags: {},
    ...overrides,
  };
}

export function zip(files: Files): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, file] of Object.entries(files)) {
    const { text, mode } = typeof file === 'string' ? { text: file, mode: 0o644 } : file;
    archive.addBuffer(Buffer.from(text), name, { mode: mode | 0o100000 });
  }
  archive.end();
  return buffer(archive.outputStream);
}

/** The payload of an outcome as JSON. */
export function payloadOf(outcome: InvokeOutcome): unknown {
  if (outcome.kind === 'throttled') throw new Error(outcome.message);
  return JSON.parse(outcome.payload.toString('utf8'));
}
