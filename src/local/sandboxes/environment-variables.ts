/** What a sandbox's environment is made from. */
export interface EnvironmentInput {
  readonly functionName: string;
  /** `$LATEST`, or the number of a published version. */
  readonly versionName: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memorySizeMB: number;
  readonly region: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Where the code was unzipped. */
  readonly taskRoot: string;
  readonly runtimeDir: string;
  /** What `/tmp` is on Lambda: this environment's own folder. */
  readonly scratchDir: string;
  /** `host:port`, with a path where the runtime is one of ours. */
  readonly runtimeApi: string;
  /** Folders searched before the system's, such as the interpreter's own. */
  readonly searchPath: readonly string[];
  readonly dynamodb: {
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** The function's own variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Variables that a function can't set.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/** Those of `names` that a function can't set, in the order given. */
export function reservedNames(names: Iterable<string>): string[] {
  return [...names].filter((name) => RESERVED_NAMES.has(name));
}

/**
 * The whole environment of a sandbox's process. Nothing of the user's own environment is in it: what works here must
 * work on Lambda.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function sandboxEnvironment(input: EnvironmentInput): Record<string, string> {
  const isManaged = !input.runtime.startsWith('provided');
  return {
    LANG: 'en_US.UTF-8',
    PATH: [...input.searchPath, '/usr/local/bin', '/usr/bin', '/bin', '/opt/bin'].join(':'),
    LD_LIBRARY_PATH: `${input.taskRoot}:${input.taskRoot}/lib`,
    TZ: ':UTC',
    // Lambda has no home folder, but programs that look for one must not find the user's.
    HOME: input.scratchDir,
    TMPDIR: input.scratchDir,
    AWS_ENDPOINT_URL_DYNAMODB: input.dynamodb.endpoint,
    // What stands above a function may set itself, as on Lambda; what stands below it may not.
    ...input.variables,
    _HANDLER: input.handler,
    LAMBDA_TASK_ROOT: input.taskRoot,
    LAMBDA_RUNTIME_DIR: input.runtimeDir,
    AWS_LAMBDA_RUNTIME_API: input.runtimeApi,
    AWS_REGION: input.region,
    AWS_DEFAULT_REGION: input.region,
    ...(isManaged ? { AWS_EXECUTION_ENV: `AWS_Lambda_${input.runtime}` } : {}),
    AWS_LAMBDA_FUNCTION_NAME: input.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(input.memorySizeMB),
    AWS_LAMBDA_FUNCTION_VERSION: input.versionName,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: input.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: input.logStream,
    AWS_ACCESS_KEY_ID: input.dynamodb.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: input.dynamodb.credentials.secretAccessKey,
  };
}
