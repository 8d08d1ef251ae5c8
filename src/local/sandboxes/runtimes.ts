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

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Folders that PATH begins with. */
  readonly searchPath: readonly string[];
}

/**
 * The command that starts a function's process.
 *
 * Node gets the flags that Lambda's own start script gives it: V8 sizes its heap by the machine's memory, and without
 * them would let garbage grow far beyond a small function's limit before it collects any.
 */
export function launchOf(
  family: RuntimeFamily,
  interpreterPath: string,
  memorySizeMB: number,
  taskRoot: string,
  bootstrapDir: string,
): Launch {
  if (family === 'provided') return { command: `${taskRoot}/bootstrap`, args: [], searchPath: [] };
  const searchPath = [interpreterPath.slice(0, interpreterPath.lastIndexOf('/'))];
  if (family === 'python') {
    // Lambda's code folder can't be written to, so Python leaves no compiled files there: every start compiles.
    return {
      command: interpreterPath,
      args: ['-s', '-B', `${bootstrapDir}/python-bootstrap.py`],
      searchPath,
    };
  }
  const newSpaceMB = Math.floor(memorySizeMB / 10);
  return {
    command: interpreterPath,
    args: [
      '--expose-gc',
      '--max-http-header-size=81920',
      `--max-semi-space-size=${Math.max(1, Math.floor(newSpaceMB / 2))}`,
      `--max-old-space-size=${memorySizeMB - newSpaceMB}`,
      `${bootstrapDir}/node-bootstrap.js`,
    ],
    searchPath,
  };
}
