/**
 * The seams inside the local cloud: what its services know of each other. Nothing outside `local/` imports this.
 */

/** A request as the door hands it to a service, signature already verified. */
export interface DoorRequest {
  readonly method: string;
  /** Percent-encoded path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names lower-cased; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The id that the answer's `x-amzn-requestid` carries. */
  readonly requestId: string;
}

export interface DoorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** One emulated AWS service behind the door. */
export interface Service {
  /** The service name in the SigV4 credential scope: `cloudformation`, `s3`, `sts`, `lambda`, `logs`, `dynamodb`. */
  readonly signingName: string;
  handle(request: DoorRequest): Promise<DoorResponse>;
}

/** An error that a service answers in its protocol's form. `code` is AWS's error code. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;
  /** Further members of the error's body, such as `queryCompileError`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** What every part of the cloud is given. */
export interface Cloud {
  readonly accountId: string;
  readonly region: string;
  /** `http://127.0.0.1:<port>`; known once the door listens. */
  readonly endpoint: string;
  /** A folder of this cloud's own, mode 0700, removed at its stop. */
  readonly dataDir: string;
  /** Wall clock, epoch ms. */
  now(): number;
  /** One line into the cloud's own log file. */
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
 * What `services/<name>/service.ts` exports as `create<Name>(cloud)`: its part of the cloud, its doors, and its end.
 * The creator must not read the other services (`cloud.s3`, …) or `cloud.endpoint`: they exist once all were created.
 */
export interface ServiceParts<Control> {
  readonly control: Control;
  readonly services: readonly Service[];
  /** Ends the processes and timers of the service; called once, at the cloud's stop. */
  close?(): Promise<void>;
}

/**
 * Processes that must not outlive the cloud even if it is killed. A watchdog process holds a pipe from the cloud:
 * when that closes, it sends SIGKILL to every registered pid that is still the same process.
 */
export interface ChildRegistry {
  /**
   * Call right after spawn. With `group: true` (spawned `detached`, so that the child leads a process group) the whole
   * group is killed.
   */
  register(pid: number, options?: { readonly group?: boolean }): void;
  /** Call when the child's exit was seen: its pid may be another program's from then on. */
  forget(pid: number): void;
}

/** A request of API Gateway's data plane, `/_aws/execute-api/<restApiId>/<stage>/<path>?<rawQuery>`; unsigned. */
export interface DataPlaneRequest {
  readonly restApiId: string;
  readonly stage: string;
  readonly method: string;
  /** Percent-encoded path below the stage as sent; begins with `/` (`/` itself for the stage's root). */
  readonly path: string;
  /** The query as sent, without `?`; empty where there is none. */
  readonly rawQuery: string;
  /** Names and values alternately, as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface DataPlaneResponse {
  readonly status: number;
  /** Names and values alternately; Content-Length, Date and Connection are the server's own. */
  readonly headers: readonly string[];
  readonly body: Buffer | string;
}

/** API Gateway's data plane; a rejection is a bug and answered with 500. */
export type DataPlaneHandler = (request: DataPlaneRequest) => Promise<DataPlaneResponse>;

/** What CloudFormation's AWS::S3::Bucket and Lambda's code download need of S3. */
export interface ObjectStore {
  createBucket(name: string): void;
  /** @throws ServiceError `BucketNotEmpty` (409), `NoSuchBucket` (404) */
  deleteBucket(name: string): void;
  bucketExists(name: string): boolean;
  /** Whether the bucket has no object and no version of one. @throws ServiceError `NoSuchBucket` */
  isBucketEmpty(name: string): boolean;
  /** @throws ServiceError `NoSuchBucket`, `NoSuchKey` (404) */
  readObject(bucket: string, key: string, versionId?: string): Buffer;
  setVersioning(bucket: string, status: 'Enabled' | 'Suspended'): void;
  /** Replaces the bucket's tags; an empty object removes them. */
  setBucketTags(bucket: string, tags: Readonly<Record<string, string>>): void;
  /** Sets or, with undefined, removes the bucket's policy (JSON text). @throws ServiceError `MalformedPolicy` */
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
  /** Appends events to a stream, made on first use. Returns false, and keeps nothing, where no such group exists. */
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
  /** Size of `/tmp`; 512 where it is left out. */
  readonly ephemeralStorageMB?: number;
  /** ARNs of layer versions, unpacked one over the other into `/opt`. */
  readonly layers?: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface FunctionCode {
  readonly zip: Buffer;
}

export type InvokeOutcome =
  /** The handler answered; `payload` is its JSON text. */
  | {
      readonly kind: 'ok';
      readonly payload: Buffer;
      readonly requestId: string;
      /** The last 4 KiB of the invocation's log lines, START to REPORT, where they were asked for. */
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
  /** Lambda refused before any sandbox: 429 `TooManyRequestsException`. */
  | { readonly kind: 'throttled'; readonly message: string };

export interface InvokeOptions {
  /** `$LATEST`, a version's number or an alias's name; `$LATEST` without one. */
  readonly qualifier?: string;
  /** `Root=…;Parent=…;Sampled=…`, handed on to the runtime; a new one without it. */
  readonly traceId?: string;
  /** The client's context as JSON text in ASCII, handed on to the runtime. */
  readonly clientContext?: string;
  /** Whether the outcome is to carry the end of the log; it then waits for the REPORT line. */
  readonly wantsLogTail?: boolean;
  /** Called when the wait at the front is over and a sandbox has the call, before any cold start. */
  readonly onDispatch?: () => void;
}

export interface LambdaControl {
  /**
   * Unpacks the code, checks runtime, handler and architecture, and makes ready what a managed runtime brings (for
   * `python3.x` an interpreter with boto3). `onProgress` gets one line per slow step.
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
  /** Keeps a layer's zip as the next version of its name, and returns that version's ARN. */
  publishLayerVersion(layerArn: string, code: FunctionCode): string;
  /** One that does not exist is no error. Functions that have it keep what was unpacked. */
  deleteLayerVersion(layerVersionArn: string): void;
  functionExists(functionName: string): boolean;
  addPermission(functionName: string, permission: LambdaPermission): void;
  removePermission(functionName: string, statementId: string): void;
  /** Whether a resource policy statement lets API Gateway's `sourceArn` invoke the function. */
  isInvokeAllowed(functionName: string, principal: string, sourceArn: string): boolean;
  /**
   * Waits for a free place, runs one invocation, writes its log lines. Never rejects for what the function did.
   * @throws ServiceError `ResourceNotFoundException` (404) without such a function, or where it was deleted meanwhile
   */
  invoke(functionName: string, payload: Buffer, options?: InvokeOptions): Promise<InvokeOutcome>;
}

export interface LambdaPermission {
  readonly statementId: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string;
}

/** API Gateway's control plane, as far as CloudFormation's resource types need it. */
export interface ApiGatewayControl {
  createRestApi(input: {
    readonly name: string;
    readonly description?: string;
    readonly tags: Readonly<Record<string, string>>;
  }): { readonly restApiId: string; readonly rootResourceId: string };
  /** Sets name, description and tags. */
  updateRestApi(
    restApiId: string,
    input: {
      readonly name: string;
      readonly description?: string;
      readonly tags: Readonly<Record<string, string>>;
    },
  ): void;
  deleteRestApi(restApiId: string): void;
  restApiExists(restApiId: string): boolean;
  createResource(restApiId: string, parentId: string, pathPart: string): { readonly resourceId: string };
  deleteResource(restApiId: string, resourceId: string): void;
  createRequestValidator(
    restApiId: string,
    input: {
      readonly name: string;
      readonly validateRequestBody: boolean;
      readonly validateRequestParameters: boolean;
    },
  ): { readonly requestValidatorId: string };
  /** The id stays, so that methods keep their validator. */
  updateRequestValidator(
    restApiId: string,
    requestValidatorId: string,
    input: { readonly validateRequestBody: boolean; readonly validateRequestParameters: boolean },
  ): void;
  deleteRequestValidator(restApiId: string, requestValidatorId: string): void;
  putMethod(restApiId: string, resourceId: string, method: MethodConfiguration): void;
  deleteMethod(restApiId: string, resourceId: string, httpMethod: string): void;
  putGatewayResponse(restApiId: string, response: GatewayResponseConfiguration): void;
  deleteGatewayResponse(restApiId: string, responseType: string): void;
  /** Snapshots resources, methods, validators and gateway responses: later changes don't reach a stage without another. */
  createDeployment(restApiId: string): { readonly deploymentId: string };
  deleteDeployment(restApiId: string, deploymentId: string): void;
  putStage(restApiId: string, stage: StageConfiguration): void;
  deleteStage(restApiId: string, stageName: string): void;
}

export interface MethodConfiguration {
  readonly httpMethod: string;
  readonly authorizationType: string;
  /** `method.request.querystring.m` → required */
  readonly requestParameters: Readonly<Record<string, boolean>>;
  readonly requestValidatorId?: string;
  readonly integration: {
    readonly type: string;
    readonly integrationHttpMethod: string;
    readonly uri: string;
    readonly timeoutInMillis?: number;
  };
}

export interface GatewayResponseConfiguration {
  readonly responseType: string;
  readonly statusCode?: string;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

export interface StageConfiguration {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttlingRateLimit?: number;
  readonly throttlingBurstLimit?: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A request of a sandbox to the database. */
export interface DatabaseRequest {
  /** The number that `credentialsOf` was given. */
  readonly environment: number;
  /** DynamoDB's name of the operation. */
  readonly operation: string;
  /** Both by the system's monotonic clock, in ms (`monotonicMs`). */
  readonly startMs: number;
  readonly endMs: number;
}

export interface DatabaseControl {
  /** The URL that sandboxes call, with whatever secret it needs to be let in. */
  readonly endpoint: string;
  /** Credentials of a sandbox. Their access key id tells the database which sandbox asks. */
  credentialsOf(environment: number): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Tells of requests of sandboxes, some 100 ms after they were served. One listener. */
  watch(listener: (requests: readonly DatabaseRequest[]) => void): void;
  /** One DynamoDB operation (`CreateTable`, …) with its JSON input. @throws ServiceError with DynamoDB's code */
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
   * Gives a role one more policy, or replaces the one of that key.
   * @throws ServiceError `NoSuchEntity` (404), `MalformedPolicyDocument`
   */
  attachPolicy(roleName: string, key: string, document: unknown): void;
  /** A role or policy that does not exist is no error. */
  detachPolicy(roleName: string, key: string): void;
  /** Keeps a managed policy of this account. @throws ServiceError `MalformedPolicyDocument` */
  putManagedPolicy(arn: string, document: unknown): void;
  deleteManagedPolicy(arn: string): void;
  managedPolicyExists(arn: string): boolean;
  /**
   * Whether the role's policies allow an action on a resource, conditions left out of account. Of the policies that AWS
   * manages only their rights to write logs are known.
   */
  allows(roleName: string, action: string, resourceArn: string): boolean;
  /** Whether the role exists and its trust policy lets the service (`lambda.amazonaws.com`) assume it. */
  isAssumableBy(roleName: string, service: string): boolean;
}
