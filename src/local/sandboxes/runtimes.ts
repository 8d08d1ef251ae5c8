/** How a Lambda runtime's functions are started. */
export type RuntimeFamily = 'nodejs' | 'python' | 'provided';

/**
 * Runtimes that Lambda has in preview. Another version of the interpreter stands in for other runtimes, but not for
 * these, since what is in preview is tried for its own sake.
 */
const PREVIEWS: ReadonlySet<string> = new Set(['nodejs26.x', 'python3.15']);

/** Whether the local cloud runs a runtime only with an interpreter of that very version. */
export function needsSameInterpreter(identifier: string): boolean {
  return PREVIEWS.has(identifier);
}

/** The identifiers that the local cloud knows; Lambda itself has more, and no call that lists them. */
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
  ['provided.al2', 'provided'],
  ['provided.al2023', 'provided'],
]);

/** The family of a runtime identifier; undefined for one that the local cloud can't run. */
export function runtimeFamily(identifier: string): RuntimeFamily | undefined {
  return SUPPORTED.get(identifier);
}

export function supportedRuntimes(): readonly string[] {
  return [...SUPPORTED.keys()];
}

/** Which interpreter stands behind a Lambda runtime's identifier on this machine. */
export interface Interpreter {
  /** Lambda's identifier, such as `python3.14`. */
  readonly lambdaRuntime: string;
  /** What really runs, such as `3.12.4`; empty for `provided` runtimes, which bring their own program. */
  readonly version: string;
  /** The program that is started; empty for `provided` runtimes. */
  readonly path: string;
}

/** The program `bootstrap` of a `provided` runtime. */
export interface Entrypoint {
  readonly path: string;
  /** Of a script for `/bin/sh`. It is run by bash, which `/bin/sh` is on Amazon Linux. */
  readonly shellOptions?: readonly string[];
}

export interface LaunchInput {
  readonly family: RuntimeFamily;
  readonly interpreterPath: string;
  readonly memorySizeMB: number;
  /** What `/var/task` is on Lambda. */
  readonly taskRoot: string;
  /** What `/opt` is on Lambda. */
  readonly optDir: string;
  readonly entrypoint: Entrypoint | undefined;
  readonly bootstrapDir: string;
  /** The function's variable AWS_LAMBDA_EXEC_WRAPPER: a program that starts the runtime. */
  readonly execWrapper: string | undefined;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Folders that PATH begins with. */
  readonly searchPath: readonly string[];
}

/**
 * The command that starts a function's process. A wrapper is given the runtime's command as its arguments; `provided`
 * runtimes have none, as on Lambda.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
 */
export function launchOf(input: LaunchInput): Launch {
  const { family, taskRoot, optDir, execWrapper } = input;
  if (family === 'provided') return providedLaunch(input);
  const { interpreterPath } = input;
  const searchPath = [interpreterPath.slice(0, interpreterPath.lastIndexOf('/'))];
  const args = family === 'python' ? pythonArgs(input) : nodeArgs(input);
  if (execWrapper === undefined || execWrapper === '') return { command: interpreterPath, args, searchPath };
  const command = execWrapper.replace(/^\/var\/task(?=\/)/, taskRoot).replace(/^\/opt(?=\/)/, optDir);
  return { command, args: [interpreterPath, ...args], searchPath };
}

function providedLaunch({ entrypoint, taskRoot }: LaunchInput): Launch {
  const path = entrypoint?.path ?? `${taskRoot}/bootstrap`;
  const shellOptions = entrypoint?.shellOptions;
  if (shellOptions === undefined) return { command: path, args: [], searchPath: [] };
  // Bash called by the name of sh is in its POSIX mode.
  return { command: 'bash', args: ['--posix', ...shellOptions, path], searchPath: [] };
}

function pythonArgs({ bootstrapDir }: LaunchInput): string[] {
  // Lambda's code folder can't be written to, so Python leaves no compiled files there: every start compiles.
  return ['-s', '-B', `${bootstrapDir}/python-bootstrap.py`];
}

/**
 * Node gets the flags that Lambda's own start script gives it. Without them V8 sizes its heap by the machine's memory,
 * and lets garbage grow far beyond a small function's limit before it collects any.
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
