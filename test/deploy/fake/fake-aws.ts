import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsClients } from '../../../src/aws/clients.ts';
import { rememberFailedCall } from '../../../src/aws/errors.ts';
import type { AwsCall, ServiceName } from '../../../src/aws/iam-actions.ts';
import type { DeployDeps } from '../../../src/deploy/stacks/stack-context.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import type { Target } from '../../../src/model/target.ts';
import { FakeClock } from './clock.ts';
import { FakeCloudFormation, serviceError } from './fake-cloudformation.ts';
import { fakeDeployDeps } from './fake-deps.ts';

interface FakeObject {
  readonly key: string;
  readonly versionId: string;
  readonly metadata: Record<string, string>;
  readonly isDeleteMarker: boolean;
}

interface FakeLogGroup {
  readonly createdAtMs: number;
  readonly eventTimesMs: number[];
  readonly tags: Record<string, string>;
}

/** An account with the few services that a deploy calls, on a clock of its own. */
export class FakeAws {
  readonly clock = new FakeClock();
  readonly cloudFormation = new FakeCloudFormation(this.clock);
  readonly objects = new Map<string, FakeObject[]>();
  readonly functions = new Map<string, Record<string, string>>();
  readonly logGroups = new Map<string, FakeLogGroup>();
  readonly tables = new Set<string>();
  readonly stages = new Set<string>();
  /** Buckets that somebody switched versioning on for. */
  readonly versioned = new Set<string>();
  /** The regions of buckets that somebody made in another region under the name of a project's bucket. */
  readonly elsewhere = new Map<string, string>();
  #versions = 0;
  readonly calls: AwsCall[] = [];
  readonly events: ProgressEvent[] = [];
  readonly cwd = mkdtempSync(join(tmpdir(), 'shedbench-test-'));
  /** Errors to be thrown instead of an answer: `Operation` → one per call, in order. */
  readonly failures = new Map<string, Error[]>();
  /** Called at each call, before it is answered. */
  onCall: (call: AwsCall, input: Record<string, unknown>) => void = () => {};
  readonly #mirrored = new WeakMap<object, string>();
  readonly #first = new AbortController();
  readonly #second = new AbortController();

  readonly target: Target = {
    kind: 'aws',
    region: 'eu-west-3',
    profile: 'farm',
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
  };

  constructor() {
    this.cloudFormation.refusal = ({ type, physicalId }) =>
      type === 'AWS::S3::Bucket' && (this.objects.get(physicalId)?.length ?? 0) > 0
        ? 'The bucket you tried to delete is not empty'
        : undefined;
  }

  /** The person's Ctrl-C. */
  interruptOnce(): void {
    this.#first.abort();
  }

  interruptTwice(): void {
    this.#first.abort();
    this.#second.abort();
  }

  fail(operation: string, ...errors: readonly Error[]): void {
    this.failures.set(operation, [...(this.failures.get(operation) ?? []), ...errors]);
  }

  /** How often an operation was called. */
  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  notes(): readonly string[] {
    return this.events.flatMap((event) =>
      event.type === 'note' || event.type === 'warning' ? [event.message] : [],
    );
  }

  stackEvents(): readonly string[] {
    return this.events.flatMap((event) =>
      event.type === 'stack-event'
        ? [
            `${event.stackName} ${event.logicalId} ${event.status} ${event.resourcesDone}/${event.resourcesTotal}`,
          ]
        : [],
    );
  }

  deps(): DeployDeps {
    return fakeDeployDeps({
      clients: this.#clients(),
      cwd: this.cwd,
      clock: this.clock,
      events: this.events,
      first: this.#first,
      second: this.#second,
    });
  }

  close(): void {
    rmSync(this.cwd, { recursive: true, force: true });
  }

  #clients(): AwsClients {
    const client = (service: ServiceName) => async () =>
      ({
        send: async (
          command: {
            readonly input: Record<string, unknown>;
            readonly constructor: { readonly name: string };
          },
          options?: { readonly abortSignal?: AbortSignal },
        ) => {
          const call: AwsCall = { service, operation: command.constructor.name.replace(/Command$/, '') };
          options?.abortSignal?.throwIfAborted();
          this.calls.push(call);
          this.onCall(call, command.input);
          try {
            const failure = this.failures.get(call.operation)?.shift();
            if (failure !== undefined) throw failure;
            // An answer takes a turn of the event loop, as over a wire.
            await new Promise((resolve) => setImmediate(resolve));
            return this.#answer(call, command.input);
          } catch (error) {
            rememberFailedCall(error, call);
            throw error;
          }
        },
      }) as never;
    return {
      target: this.target,
      cloudFormation: client('cloudformation'),
      logs: client('logs'),
      s3: client('s3'),
      sts: client('sts'),
      lambda: client('lambda'),
      loaders: client('lambda'),
      dynamodb: client('dynamodb'),
      apiGateway: client('apigateway'),
      destroy: () => {},
    };
  }

  #answer({ service, operation }: AwsCall, input: Record<string, unknown>): unknown {
    if (service === 'cloudformation') {
      const answer = this.cloudFormation.send(operation, input);
      this.#mirrorStacks();
      return answer;
    }
    const handler = this.#operations[operation];
    if (handler === undefined) throw serviceError('UnknownOperationException', `no ${operation} here`);
    return handler(input);
  }

  /** What the stacks have made, and not deleted, exists for the other services as well. */
  #mirrorStacks(): void {
    for (const { resources, tags } of this.cloudFormation.stacks) {
      for (const resource of resources) {
        const { type, physicalId, status } = resource;
        // A name may be given again later: only what is new of a resource counts.
        if (this.#mirrored.get(resource) === status) continue;
        this.#mirrored.set(resource, status);
        const exists = /^(CREATE|UPDATE)_COMPLETE$|^DELETE_(FAILED|SKIPPED)$/.test(status);
        const gone = status === 'DELETE_COMPLETE';
        if (type === 'AWS::S3::Bucket' && exists && !this.objects.has(physicalId))
          this.objects.set(physicalId, []);
        if (type === 'AWS::S3::Bucket' && gone) this.objects.delete(physicalId);
        if (type === 'AWS::Lambda::Function' && exists) this.functions.set(physicalId, tags);
        if (type === 'AWS::Lambda::Function' && gone) this.functions.delete(physicalId);
        if (type === 'AWS::DynamoDB::Table' && exists) this.tables.add(physicalId);
        if (type === 'AWS::DynamoDB::Table' && gone) this.tables.delete(physicalId);
        if (type === 'AWS::ApiGateway::Stage' && exists) this.stages.add(physicalId);
        if (type === 'AWS::ApiGateway::Stage' && gone) this.stages.delete(physicalId);
        if (type === 'AWS::Logs::LogGroup' && exists) {
          this.logGroups.set(physicalId, { createdAtMs: this.clock.now(), eventTimesMs: [], tags });
        }
        if (type === 'AWS::Logs::LogGroup' && gone) this.logGroups.delete(physicalId);
      }
    }
  }

  readonly #operations: Record<string, (input: Record<string, unknown>) => unknown> = {
    GetFunction: ({ FunctionName }) => {
      const tags = this.functions.get(String(FunctionName));
      if (tags === undefined) {
        throw serviceError('ResourceNotFoundException', `Function not found: ${String(FunctionName)}`, 404);
      }
      const FunctionArn = `arn:aws:lambda:eu-west-3:123456789012:function:${String(FunctionName)}`;
      return { Configuration: { FunctionName, FunctionArn, Runtime: 'nodejs22.x' }, Tags: tags };
    },
    DescribeLogGroups: ({ logGroupNamePrefix }) => ({
      logGroups: [...this.logGroups]
        .filter(([name]) => name.startsWith(String(logGroupNamePrefix)))
        .map(([logGroupName, { createdAtMs }]) => ({
          logGroupName,
          arn: `arn:aws:logs:eu-west-3:123456789012:log-group:${logGroupName}:*`,
          creationTime: createdAtMs,
        })),
    }),
    FilterLogEvents: ({ logGroupName, startTime }) => ({
      events: (this.logGroups.get(String(logGroupName))?.eventTimesMs ?? [])
        .filter((timestamp) => timestamp >= Number(startTime))
        .map((timestamp) => ({ timestamp, message: 'REPORT' })),
    }),
    ListTagsForResource: ({ resourceArn }) => {
      const name = String(resourceArn).split(':log-group:')[1] ?? '';
      return { tags: this.logGroups.get(name)?.tags ?? {} };
    },
    DeleteLogGroup: ({ logGroupName }) => {
      if (!this.logGroups.delete(String(logGroupName))) {
        throw serviceError('ResourceNotFoundException', 'The specified log group does not exist.');
      }
      return {};
    },
    DescribeTable: ({ TableName }) => {
      if (!this.tables.has(String(TableName))) {
        throw serviceError(
          'ResourceNotFoundException',
          `Requested resource not found: Table: ${String(TableName)}`,
        );
      }
      return { Table: { TableStatus: 'ACTIVE' } };
    },
    GetStage: ({ stageName }) => {
      if (this.stages.has(String(stageName))) return { stageName };
      throw serviceError('NotFoundException', 'Invalid stage identifier specified', 404);
    },
    HeadBucket: ({ Bucket }) => {
      this.#bucket(Bucket);
      return {};
    },
    HeadObject: ({ Bucket, Key, VersionId }) => {
      // The newest version is the last one that was put.
      const object = this.#bucket(Bucket).findLast(
        ({ key, versionId }) => key === Key && (VersionId === undefined || versionId === VersionId),
      );
      if (object === undefined || object.isDeleteMarker) throw serviceError('NotFound', 'UnknownError', 404);
      return { Metadata: object.metadata };
    },
    PutObject: ({ Bucket, Key, Metadata }) => {
      const bucket = this.#bucket(Bucket);
      bucket.push({
        key: String(Key),
        versionId: this.versioned.has(String(Bucket)) ? this.#newVersion() : 'null',
        metadata: (Metadata as Record<string, string> | undefined) ?? {},
        isDeleteMarker: false,
      });
      return {};
    },
    ListObjectVersions: ({ Bucket }) => {
      const bucket = this.#bucket(Bucket);
      const toVersion = (object: FakeObject) => ({
        Key: object.key,
        VersionId: object.versionId,
        IsLatest: bucket.findLast(({ key }) => key === object.key) === object,
      });
      return {
        Versions: bucket.filter(({ isDeleteMarker }) => !isDeleteMarker).map(toVersion),
        DeleteMarkers: bucket.filter(({ isDeleteMarker }) => isDeleteMarker).map(toVersion),
        IsTruncated: false,
      };
    },
    DeleteObjects: ({ Bucket, Delete }) => {
      const bucket = this.#bucket(Bucket);
      for (const { Key, VersionId } of (Delete as { Objects: { Key: string; VersionId?: string }[] })
        .Objects) {
        if (VersionId === undefined && this.versioned.has(String(Bucket))) {
          bucket.push({ key: Key, versionId: this.#newVersion(), metadata: {}, isDeleteMarker: true });
          continue;
        }
        const index = bucket.findIndex(
          ({ key, versionId }) => key === Key && versionId === (VersionId ?? 'null'),
        );
        if (index >= 0) bucket.splice(index, 1);
      }
      return {};
    },
  };

  #newVersion(): string {
    this.#versions += 1;
    return `v${this.#versions}`;
  }

  #bucket(name: unknown): FakeObject[] {
    const region = this.elsewhere.get(String(name));
    if (region !== undefined) {
      const headers = { 'x-amz-bucket-region': region };
      throw Object.assign(
        serviceError('PermanentRedirect', 'must be addressed using another endpoint', 301),
        {
          $response: { headers },
        },
      );
    }
    const bucket = this.objects.get(String(name));
    if (bucket !== undefined) return bucket;
    throw serviceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  }
}
