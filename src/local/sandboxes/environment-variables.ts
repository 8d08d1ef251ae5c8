/** The input of a sandbox's environment variables. */
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
  /** The folder with the unzipped code. */
  readonly taskRoot: string;
  /** The folder with the unzipped layers: `/opt` on Lambda. */
  readonly optDir: string;
  readonly runtimeDir: string;
  /** The environment's own folder that replaces `/tmp`. */
  readonly scratchDir: string;
  /** `host:port`, followed by a path if the runtime client is the local cloud's own. */
  readonly runtimeApi: string;
  /** Folders that PATH names before the system's, such as the interpreter's own. */
  readonly searchPath: readonly string[];
  readonly dynamodb: {
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    /** Set if the database uses TLS. */
    readonly trust?: { readonly certificateFile: string; readonly bundleFile: string };
  };
  /** Identifies the cloud. The watchdog finds processes of its sandboxes by it, whatever session they belong to. */
  readonly sessionToken: string;
  /** The variables of the function's configuration. */
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

/** Returns those of `names` that a function can't set, in the given order. */
export function reservedNames(names: Iterable<string>): string[] {
  return [...names].filter((name) => RESERVED_NAMES.has(name));
}

/**
 * Returns all environment variables of a sandbox's process. The user's own environment is left out, so that functions
 * behave as on Lambda.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function sandboxEnvironment(input: EnvironmentInput): Record<string, string> {
  const isManaged = !input.runtime.startsWith('provided');
  return {
    LANG: 'en_US.UTF-8',
    PATH: [...input.searchPath, '/usr/local/bin', '/usr/bin', '/bin', `${input.optDir}/bin`].join(':'),
    LD_LIBRARY_PATH: `${input.taskRoot}:${input.taskRoot}/lib:${input.optDir}/lib`,
    ...modulePaths(input),
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: `${XRAY_DAEMON_HOST}:${XRAY_DAEMON_PORT}`,
    _AWS_XRAY_DAEMON_ADDRESS: XRAY_DAEMON_HOST,
    _AWS_XRAY_DAEMON_PORT: XRAY_DAEMON_PORT,
    TZ: ':UTC',
    // Lambda has no home folder, but programs that look for one must not find the user's.
    HOME: input.scratchDir,
    TMPDIR: input.scratchDir,
    AWS_ENDPOINT_URL_DYNAMODB: input.dynamodb.endpoint,
    ...trustVariables(input.dynamodb.trust),
    // As on Lambda, a function may override the variables above, but not those below.
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
    // Credentials of a role have a token. The database does not check it.
    AWS_SESSION_TOKEN: input.sessionToken,
  };
}

/**
 * What makes the SDKs trust the database's certificate. Node adds a file to the certificates that it has; boto3 (by
 * AWS_CA_BUNDLE), Go and Rust (by SSL_CERT_FILE) read a file instead of those, which therefore holds the system's too.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html (AWS_CA_BUNDLE)
 * @see https://nodejs.org/api/cli.html#node_extra_ca_certsfile
 */
function trustVariables(trust: EnvironmentInput['dynamodb']['trust']): Record<string, string> {
  if (trust === undefined) return {};
  return {
    AWS_CA_BUNDLE: trust.bundleFile,
    NODE_EXTRA_CA_CERTS: trust.certificateFile,
    SSL_CERT_FILE: trust.bundleFile,
  };
}

/** The address of Lambda's X-Ray daemon. Nothing listens here. Calls are not sampled, so clients send nothing. */
const XRAY_DAEMON_HOST = '169.254.79.129';
const XRAY_DAEMON_PORT = '2000';

/**
 * The folders in which a runtime looks for the modules of layers.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
 */
function modulePaths({ runtime, optDir }: EnvironmentInput): Record<string, string> {
  const node = /^nodejs(\d+)\.x$/.exec(runtime)?.[1];
  if (node !== undefined) {
    const folders = [`nodejs/node${node}/node_modules`, 'nodejs/node_modules'];
    return { NODE_PATH: folders.map((folder) => `${optDir}/${folder}`).join(':') };
  }
  if (!runtime.startsWith('python')) return {};
  return { PYTHONPATH: `${optDir}/python:${optDir}/python/lib/${runtime}/site-packages` };
}
