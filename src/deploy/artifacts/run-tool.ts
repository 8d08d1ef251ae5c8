import { spawn } from 'node:child_process';

/** How one run of another program ended. */
export interface ToolOutcome {
  readonly kind: 'exited' | 'not-found' | 'interrupted' | 'timed-out';
  /** The exit code. Undefined unless the program exited by itself. */
  readonly exitCode?: number;
  /** The last lines of its output, without colour codes. Both streams are in the order of their arrival. */
  readonly lastLines: readonly string[];
}

export interface ToolRun {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Called with each line as it arrives. */
  readonly onLine?: (line: string) => void;
}

export type RunTool = (run: ToolRun) => Promise<ToolOutcome>;

/** How many lines of a tool's output are kept: enough for a compiler's message with its excerpt. */
const KEPT_LINES = 40;

/** How long a process group may take to end after SIGTERM before it is killed, ms. */
const GRACE_MS = 2_000;

/**
 * Runs a program without a shell, in its own process group. An abort ends the whole group (first SIGTERM, two seconds
 * later SIGKILL), and the promise settles when it has ended. `node` is the running Node. Never rejects because of what
 * the program does.
 */
export const runTool: RunTool = (run) =>
  new Promise((settle, reject) => {
    const [program, ...args] = run.command;
    if (program === undefined) throw new RangeError('an empty command');
    if (run.signal?.aborted) {
      settle({ kind: 'interrupted', lastLines: [] });
      return;
    }
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: run.cwd,
      // Its own process group, so that a compiler's children end with it. Windows has no process groups.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CARGO_TERM_COLOR: 'never', NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    const lines: string[] = [];
    const take = (line: string): void => {
      const plain = stripAnsi(line).trimEnd();
      if (plain === '') return;
      lines.push(plain);
      if (lines.length > KEPT_LINES) lines.shift();
      run.onLine?.(plain);
    };
    for (const stream of [child.stdout, child.stderr]) splitLines(stream, take);

    let ending: 'interrupted' | 'timed-out' | undefined;
    let killer: NodeJS.Timeout | undefined;
    const end = (why: 'interrupted' | 'timed-out'): void => {
      if (ending !== undefined) return;
      ending = why;
      signalGroup(child.pid, 'SIGTERM');
      killer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const onAbort = (): void => end('interrupted');
    run.signal?.addEventListener('abort', onAbort, { once: true });
    const timer = run.timeoutMs === undefined ? undefined : setTimeout(() => end('timed-out'), run.timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      clearTimeout(killer);
      run.signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', (cause) => {
      done();
      const code = 'code' in cause ? cause.code : undefined;
      if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') {
        settle({ kind: 'not-found', lastLines: [] });
      } else reject(cause);
    });
    child.once('close', (exitCode) => {
      // A grandchild that closed its pipes may still run, so the whole group is ended with its leader.
      if (ending !== undefined) signalGroup(child.pid, 'SIGKILL');
      done();
      if (ending !== undefined) settle({ kind: ending, lastLines: lines });
      else settle({ kind: 'exited', exitCode: exitCode ?? 1, lastLines: lines });
    });
  });

function signalGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (cause) {
    // ESRCH: the group has ended already. EPERM: macOS returns it for a group of zombies.
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw cause;
  }
}

function splitLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split(/\r\n|\n|\r/);
    rest = parts.pop() ?? '';
    for (const part of parts) take(part);
  });
  stream.on('end', () => take(rest));
}

/** `text` without the escape sequences that set colours and move cursors. */
function stripAnsi(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}
