/** How functions of a Lambda runtime are started. */
export type RuntimeFamily = 'nodejs' | 'python' | 'java' | 'provided';

/**
 * Runtimes that Lambda has in preview. For other runtimes another version of the interpreter is accepted, but not for
 * these, because whoever tries a preview wants that version.
 */
const PREVIEWS: ReadonlySet<string> = new Set(['nodejs26.x', 'python3.15']);

/** Whether the local cloud runs a runtime only with an interpreter of the same version. */
export function needsSameInterpreter(identifier: string): boolean {
  return PREVIEWS.has(identifier);
}

/** The identifiers that the local cloud supports. Lambda has more of them, and no call that lists them. */
const SUPPORTED: ReadonlyMap<string, RuntimeFamily> = new Map([
  ['nodejs18.x', 'nodejs'],
  ['nodejs20.x', 'nodejs'],
  ['nodejs22.x', 'nodejs'],
  ['nodejs24.x', 'nodejs'],
  ['nodejs26.x', 'nodejs'],
  ['python3.9', 'python'],
  ['python3.10', 'python'],
  ['python3.11', 'python'],
  ['python3.12', 'python'],
  ['python3.13', 'python'],
  ['python3.14', 'python'],
  ['python3.15', 'python'],
  ['java17', 'java'],
  ['java21', 'java'],
  ['java25', 'java'],
  ['provided.al2', 'provided'],
  ['provided.al2023', 'provided'],
]);

/** The family of a runtime identifier. Undefined if the local cloud can't run it. */
export function runtimeFamily(identifier: string): RuntimeFamily | undefined {
  return SUPPORTED.get(identifier);
}

/**
 * Whether the local cloud's own bootstrap runs functions of a family. The others have a client of the Runtime API in
 * their package: `provided` functions their `bootstrap`, Java functions AWS's runtime interface client.
 */
export function hasOwnBootstrap(family: RuntimeFamily): boolean {
  return family === 'nodejs' || family === 'python';
}

export function supportedRuntimes(): readonly string[] {
  return [...SUPPORTED.keys()];
}

/** The interpreter that this machine uses for a Lambda runtime. */
export interface Interpreter {
  /** Lambda's identifier, such as `python3.14`. */
  readonly lambdaRuntime: string;
  /**
   * The version that really runs, such as `3.12.4`. Empty for `provided` runtimes, whose functions contain their
   * program.
   */
  readonly version: string;
  /** The path of the interpreter. Empty for `provided` runtimes. */
  readonly path: string;
  /** The AWS SDK that the interpreter includes, such as `boto3 1.40.4`. Undefined if functions contain their own. */
  readonly sdk?: string;
}

/** The program `bootstrap` of a `provided` runtime. */
export interface Entrypoint {
  readonly path: string;
  /** The options of a script for `/bin/sh`. It is run by bash, which is `/bin/sh` on Amazon Linux. */
  readonly shellOptions?: readonly string[];
}

export interface LaunchInput {
  readonly family: RuntimeFamily;
  readonly interpreterPath: string;
  /** The function's `Handler`. */
  readonly handler: string;
  readonly memorySizeMB: number;
  /** The folder that is `/var/task` on Lambda. */
  readonly taskRoot: string;
  /** The folder that is `/opt` on Lambda. */
  readonly optDir: string;
  readonly entrypoint: Entrypoint | undefined;
  readonly bootstrapDir: string;
  /** The function's variable AWS_LAMBDA_EXEC_WRAPPER: a program that starts the runtime. */
  readonly execWrapper: string | undefined;
  /** A trust store for Java. Present if functions reach the database over TLS. */
  readonly trustStore: string | undefined;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Folders at the beginning of PATH. */
  readonly searchPath: readonly string[];
}

/**
 * Returns the command that starts a function's process. A wrapper gets the runtime's command as its arguments. As on
 * Lambda, `provided` runtimes use no wrapper.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
 */
export function launchOf(input: LaunchInput): Launch {
  const { family, taskRoot, optDir, execWrapper } = input;
  if (family === 'provided') return providedLaunch(input);
  const { interpreterPath } = input;
  const searchPath = [interpreterPath.slice(0, interpreterPath.lastIndexOf('/'))];
  const args = ARGUMENTS[family](input);
  if (execWrapper === undefined || execWrapper === '') return { command: interpreterPath, args, searchPath };
  const command = execWrapper.replace(/^\/var\/task(?=\/)/, taskRoot).replace(/^\/opt(?=\/)/, optDir);
  return { command, args: [interpreterPath, ...args], searchPath };
}

const ARGUMENTS: Readonly<Record<'nodejs' | 'python' | 'java', (input: LaunchInput) => string[]>> = {
  nodejs: nodeArgs,
  python: pythonArgs,
  java: javaArgs,
};

function providedLaunch({ entrypoint, taskRoot }: LaunchInput): Launch {
  const path = entrypoint?.path ?? `${taskRoot}/bootstrap`;
  const shellOptions = entrypoint?.shellOptions;
  if (shellOptions === undefined) return { command: path, args: [], searchPath: [] };
  // Bash that is called as sh runs in POSIX mode.
  return { command: 'bash', args: ['--posix', ...shellOptions, path], searchPath: [] };
}

function pythonArgs({ bootstrapDir }: LaunchInput): string[] {
  // -S: the bootstrap adds the installed packages itself. -B: Lambda's code folder is read-only, so Python can't store
  // compiled files there and compiles at every start.
  return ['-s', '-S', '-B', `${bootstrapDir}/python-bootstrap.py`];
}

/** The share of a function's memory that Java's heap may have. The rest is for classes, code and threads. */
const JAVA_HEAP_SHARE = 0.8;

/**
 * Java gets the same garbage collector and compiler options as on Lambda. The class path is Lambda's: the package's
 * root and the jars in its folder lib. The main class is that of AWS's runtime interface client. Lambda's own Java
 * includes it; a function for the local cloud must contain it.
 */
function javaArgs({ memorySizeMB, taskRoot, optDir, handler, trustStore }: LaunchInput): string[] {
  return [
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Xmx${Math.floor(memorySizeMB * JAVA_HEAP_SHARE)}m`,
    // The runtime interface client is native code. Java 24 and later write warnings into the log otherwise.
    '--enable-native-access=ALL-UNNAMED',
    // Java reads no environment variable for this.
    ...(trustStore === undefined ? [] : [`-Djavax.net.ssl.trustStore=${trustStore}`]),
    '-cp',
    [taskRoot, `${taskRoot}/lib/*`, `${optDir}/java/lib/*`].join(':'),
    'com.amazonaws.services.lambda.runtime.api.client.AWSLambda',
    handler,
  ];
}

/**
 * Node gets the flags of Lambda's own start script. Without them V8 sizes its heap by the machine's memory, and
 * collects garbage only when it is far above the limit of a small function.
 */
function nodeArgs({ memorySizeMB, bootstrapDir }: LaunchInput): string[] {
  const newSpaceMB = Math.floor(memorySizeMB / 10);
  return [
    '--expose-gc',
    '--max-http-header-size=81920',
    `--max-semi-space-size=${Math.max(1, Math.floor(newSpaceMB / 2))}`,
    `--max-old-space-size=${memorySizeMB - newSpaceMB}`,
    `${bootstrapDir}/node-bootstrap.js`,
  ];
}
