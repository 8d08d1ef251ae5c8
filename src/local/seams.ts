/** The interfaces between the services of the local cloud. Nothing outside `local/` imports this file. */

import type { ApiGatewayControl } from './api-gateway-control.ts';

/** A request whose signature the door has verified. */
export interface DoorRequest {
  readonly method: string;
  /** The percent-encoded path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header names are in lower case. Repeated headers are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Sent back as `x-amzn-requestid`. */
  readonly requestId: string;
}

export interface DoorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** One emulated AWS service. */
export interface Service {
  /** The service name in the SigV4 credential scope: `cloudformation`, `s3`, `sts`, `lambda`, `logs`, `dynamodb`. */
  readonly signingName: string;
  handle(request: DoorRequest): Promise<DoorResponse>;
}

/** An error that a service reports to the client in the form of its protocol. `code` is AWS's error code. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;
  /** Additional members of the error's body, such as `queryCompileError`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** What every service of the cloud can use. */
export interface Cloud {
  readonly accountId: string;
  readonly region: string;
  /** `http://127.0.0.1:<port>`. Available once the door listens. */
  readonly endpoint: string;
  /** This cloud's own folder, mode 0700. It is removed when the cloud stops. */
  readonly dataDir: string;
  /** Wall clock, epoch ms. */
  now(): number;
  /** Writes one line to the cloud's log file. */
  log(message: string): void;
  readonly s3: ObjectStore;
  readonly logs: LogStore;
  readonly lambda: LambdaControl;
  readonly apigateway: ApiGatewayControl;
  readonly dynamodb: DatabaseControl;
  readonly iam: RoleStore;
  readonly children: ChildRegistry;
}

/**
 * What `create<Name>(cloud)` in `services/<name>/service.ts` returns. The function must not use the other services
 * (`cloud.s3`, …) or `cloud.endpoint` while it runs, because they exist only after all services were created.
 */
export interface ServiceParts<Control> {
  readonly control: Control;
  readonly services: readonly Service[];
  /** Ends the processes and timers of the service. Called once, when the cloud stops. */
  close?(): Promise<void>;
}

/**
 * Processes that must end with the cloud, even if the cloud is killed. A watchdog process holds a pipe from the cloud.
 * When the pipe closes, the watchdog sends SIGKILL to every registered process that still runs.
 */
export interface ChildRegistry {
  /**
   * To be called right after the spawn. With `group: true` the whole process group is killed; the child must have been
   * spawned `detached`, so that it leads the group.
   */
  register(pid: number, options?: { readonly group?: boolean }): void;
  /** To be called as soon as the child's exit is seen, because its pid may later belong to another program. */
  forget(pid: number): void;
}

/** An unsigned request to API Gateway's data plane: `/_aws/execute-api/<restApiId>/<stage>/<path>?<rawQuery>`. */
export interface DataPlaneRequest {
  readonly restApiId: string;
  readonly stage: string;
  readonly method: string;
  /** The percent-encoded path below the stage, as sent. It begins with `/`; the stage's root is `/` alone. */
  readonly path: string;
  /** The query as sent, without `?`. Empty if there is none. */
  readonly rawQuery: string;
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface DataPlaneResponse {
  readonly status: number;
  /** Alternating names and values. The server itself adds Content-Length, Date and Connection. */
  readonly headers: readonly string[];
  readonly body: Buffer | string;
}

/** API Gateway's data plane. A rejection is a bug and is answered with 500. */
export type DataPlaneHandler = (request: DataPlaneRequest) => DataPlaneResponse | Promise<DataPlaneResponse>;

/** The parts of S3 that CloudFormation's AWS::S3::Bucket and Lambda's code download use. */
export interface ObjectStore {
  createBucket(name: string): void;
  /** @throws ServiceError `BucketNotEmpty` (409), `NoSuchBucket` (404) */
  deleteBucket(name: string): void;
  bucketExists(name: string): boolean;
  /** True if the bucket has no object and no version of an object. @throws ServiceError `NoSuchBucket` */
  isBucketEmpty(name: string): boolean;
  /** @throws ServiceError `NoSuchBucket`, `NoSuchKey` (404) */
  readObject(bucket: string, key: string, versionId?: string): Buffer;
  setVersioning(bucket: string, status: 'Enabled' | 'Suspended'): void;
  /** Replaces the bucket's tags. An empty object removes them. */
  setBucketTags(bucket: string, tags: Readonly<Record<string, string>>): void;
  /** Sets the bucket's policy (JSON text). Undefined removes it. @throws ServiceError `MalformedPolicy` */
  setBucketPolicy(bucket: string, policy: string | undefined): void;
}

export interface LogEvent {
  readonly timestampMs: number;
  readonly message: string;
}

export interface LogStore {
  /** @throws ServiceError `ResourceAlreadyExistsException` */
  createLogGroup(
    name: string,
    options: { readonly retentionInDays?: number; readonly tags?: Readonly<Record<string, string>> },
  ): void;
  deleteLogGroup(name: string): void;
  logGroupExists(name: string): boolean;
  setRetention(name: string, days: number | undefined): void;
  /** Replaces the group's tags. @throws ServiceError `ResourceNotFoundException` */
  setTags(name: string, tags: Readonly<Record<string, string>>): void;
  /**
   * Appends events to a stream, which is created if needed. Returns false, and stores nothing, if the group does not
   * exist.
   */
  append(group: string, stream: string, events: readonly LogEvent[]): boolean;
}

export interface FunctionConfiguration {
  readonly functionName: string;
  readonly functionArn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly roleArn: string;
  readonly memorySizeMB: number;
  readonly timeoutSeconds: number;
  readonly architecture: 'arm64' | 'x86_64';
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly reservedConcurrency?: number;
  readonly description?: string;
  /** The size of `/tmp` in MB. 512 by default. */
  readonly ephemeralStorageMB?: number;
  /** ARNs of layer versions, unpacked in this order into `/opt`; later ones overwrite earlier ones. */
  readonly layers?: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface FunctionCode {
  readonly zip: Buffer;
}

export type InvokeOutcome =
  /** The handler returned. `payload` is its result as JSON text. */
  | {
      readonly kind: 'ok';
      readonly payload: Buffer;
      readonly requestId: string;
      /** The last 4 KiB of the invocation's log lines, from START to REPORT, if the caller asked for them. */
      readonly logTail?: Buffer;
    }
  /** The function failed: it threw, exited, timed out, ran out of memory, or could not start. */
  | {
      readonly kind: 'function-error';
      readonly payload: Buffer;
      readonly requestId: string;
      readonly errorType: string;
      readonly logTail?: Buffer;
    }
  /** Lambda refused the invocation before it reached a sandbox: 429 `TooManyRequestsException`. */
  | { readonly kind: 'throttled'; readonly message: string };

export interface InvokeOptions {
  /** `$LATEST`, the number of a version, or the name of an alias. `$LATEST` by default. */
  readonly qualifier?: string;
  /** `Root=…;Parent=…;Sampled=…`, passed on to the runtime. A new one by default. */
  readonly traceId?: string;
  /** The client context as JSON text in ASCII, passed on to the runtime. */
  readonly clientContext?: string;
  /** Whether the outcome includes the end of the log. It then waits for the REPORT line. */
  readonly wantsLogTail?: boolean;
  /** Called when the invocation leaves the queue and has a sandbox, before any cold start. */
  readonly onDispatch?: () => void;
}

export interface LambdaControl {
  /**
   * Unpacks the code, checks runtime, handler and architecture, and prepares what a managed runtime provides (for
   * `python3.x` an interpreter with boto3). `onProgress` gets one line for each slow step.
   * @throws ServiceError `InvalidParameterValueException` with the reason
   */
  createFunction(
    configuration: FunctionConfiguration,
    code: FunctionCode,
    onProgress?: (detail: string) => void,
  ): Promise<void>;
  updateFunction(
    configuration: FunctionConfiguration,
    code: FunctionCode | undefined,
    onProgress?: (detail: string) => void,
  ): Promise<void>;
  deleteFunction(functionName: string): Promise<void>;
  /** Stores a layer's zip as the next version of its name. Returns that version's ARN. */
  publishLayerVersion(layerArn: string, code: FunctionCode): string;
  /** Deletes a layer version, if it exists. Functions that use it keep the unpacked files. */
  deleteLayerVersion(layerVersionArn: string): void;
  functionExists(functionName: string): boolean;
  addPermission(functionName: string, permission: LambdaPermission): void;
  removePermission(functionName: string, statementId: string): void;
  /** Whether a statement of the function's resource policy lets API Gateway's `sourceArn` invoke it. */
  isInvokeAllowed(functionName: string, principal: string, sourceArn: string): boolean;
  /**
   * Waits for a free sandbox, runs one invocation, and writes its log lines. A failure of the function is an outcome,
   * not a rejection.
   * @throws ServiceError `ResourceNotFoundException` (404) if the function does not exist or was deleted while the call
   * waited
   */
  invoke(functionName: string, payload: Buffer | string, options?: InvokeOptions): Promise<InvokeOutcome>;
}

export interface LambdaPermission {
  readonly statementId: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string;
}

/** A request that a sandbox sent to the database. */
export interface DatabaseRequest {
  /** The number that was passed to `credentialsOf`. */
  readonly environment: number;
  /** The operation, by DynamoDB's name. */
  readonly operation: string;
  /** Both in ms of the system's monotonic clock (`monotonicMs`). */
  readonly startMs: number;
  readonly endMs: number;
  /** Whether it is the first request of its connection. */
  readonly opensConnection: boolean;
}

/** Files that make clients trust a database that is reached over TLS. */
export interface DatabaseTrust {
  /** Holds the others. */
  readonly folder: string;
  /** The certificate that signed the database's own, in PEM. */
  readonly certificateFile: string;
  /** That certificate and the system's, in PEM. */
  readonly bundleFile: string;
  /** The same as a trust store of Java. */
  readonly storeFile: string;
}

export interface DatabaseControl {
  /** Undefined if the endpoint is plain HTTP. */
  readonly trust?: DatabaseTrust;
  /** The URL that sandboxes call. It contains the secret that the database requires. */
  readonly endpoint: string;
  /** Credentials for a sandbox. Their access key id tells the database which sandbox sends a request. */
  credentialsOf(environment: number): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Reports requests of sandboxes, about 100 ms after they were served. There is one listener. */
  watch(listener: (requests: readonly DatabaseRequest[]) => void): void;
  /** Runs one DynamoDB operation (`CreateTable`, …) with its JSON input. @throws ServiceError with DynamoDB's code */
  call(operation: string, input: unknown): Promise<Record<string, unknown>>;
}

export interface RoleStore {
  createRole(role: {
    readonly roleName: string;
    readonly assumeRolePolicy: unknown;
    readonly policies: readonly { readonly name: string; readonly document: unknown }[];
    readonly managedPolicyArns?: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
  }): { readonly arn: string; readonly roleId: string };
  /** Replaces trust policy, inline policies and tags. @throws ServiceError `NoSuchEntity` (404) */
  updateRole(
    roleName: string,
    changes: {
      readonly assumeRolePolicy: unknown;
      readonly policies: readonly { readonly name: string; readonly document: unknown }[];
      readonly managedPolicyArns?: readonly string[];
      readonly tags: Readonly<Record<string, string>>;
    },
  ): void;
  /** @throws ServiceError `NoSuchEntity` (404) */
  deleteRole(roleName: string): void;
  roleExists(roleName: string): boolean;
  /**
   * Adds a policy to a role, or replaces the policy of that key.
   * @throws ServiceError `NoSuchEntity` (404), `MalformedPolicyDocument`
   */
  attachPolicy(roleName: string, key: string, document: unknown): void;
  /** Removes a policy from a role. A role or policy that does not exist is not an error. */
  detachPolicy(roleName: string, key: string): void;
  /** Stores a managed policy of this account. @throws ServiceError `MalformedPolicyDocument` */
  putManagedPolicy(arn: string, document: unknown): void;
  deleteManagedPolicy(arn: string): void;
  managedPolicyExists(arn: string): boolean;
  /**
   * Whether the role's policies allow an action on a resource. Conditions are ignored. Of the policies that AWS
   * manages, only their rights to write logs are known.
   */
  allows(roleName: string, action: string, resourceArn: string): boolean;
  /** Whether the role exists and its trust policy allows the service (`lambda.amazonaws.com`) to assume it. */
  isAssumableBy(roleName: string, service: string): boolean;
}
