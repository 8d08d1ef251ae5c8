import { setTimeout as delay } from 'node:timers/promises';
import type { OutputChoice, Printable } from './cli/host.ts';
import type { CommandDeps } from './model/command.ts';
import type { Interrupt } from './model/interrupt.ts';
import { escapeControls, visibleText, withVisibleText } from './model/visible-text.ts';
import type { Listener } from './ui/listener.ts';

/** Columns of the output where it is no terminal. The tables are designed for this width. */
const DEFAULT_COLUMNS = 100;

/** The streams of the process. */
export interface Terminal {
  readonly columns: number;
  readonly outIsTerminal: boolean;
  /** Characters a line of stderr may have; Infinity where it is no terminal. */
  readonly errorColumns: number;
  /** Prints the result of a verb on stdout: in its text, or as one JSON document under `--json`. */
  print<Data>(choice: OutputChoice, printable: Printable<Data>): Promise<void>;
  /** Writes a text to stdout, control characters made visible. */
  writeOut(text: string): void;
  /** Writes one line, or one line of JSON, to stderr, control characters made visible. */
  writeError(line: string): void;
  /** Aborted once nobody reads stdout any more. */
  readonly outGone: AbortSignal;
  openWorld(
    choice: OutputChoice,
    interrupt: Interrupt,
    toolVersion: string,
  ): Promise<{ readonly deps: CommandDeps; pause(): void; close(): void }>;
  /** Resolves when everything written has left the process, with the error that kept part of stdout from leaving. */
  close(): Promise<Error | undefined>;
}

/**
 * Error codes of a stream whose reader is gone (`| head`) or whose terminal was closed. What is lost then is missed by
 * nobody.
 */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/**
 * Wraps the streams of a process. When a stream takes nothing any more, its output ends and the program goes on: it
 * still has to record and clear up.
 */
export function openTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) takeZeroForUnknown(stream);
  const gone = new Set<NodeJS.WriteStream>();
  const outGone = new AbortController();
  let outFailure: Error | undefined;
  stderr.on('error', () => gone.add(stderr));
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    gone.add(stdout);
    outGone.abort();
    if (!READER_GONE.has(error.code ?? '')) outFailure ??= error;
  });
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    if (text !== '' && !gone.has(stream)) stream.write(text);
  };
  const color = (stream: NodeJS.WriteStream, choice: OutputChoice): boolean =>
    wantsColor(choice.color, env, stream.isTTY === true);
  const now = (): number => performance.now();

  async function createListener(choice: OutputChoice): Promise<Listener> {
    const toStderr = (text: string): void => write(stderr, text);
    if (choice.json) return (await import('./ui/ndjson.ts')).createNdjsonListener(toStderr);
    if (choice.verbosity === 'verbose' || choice.verbosity === 'debug') {
      const stamp =
        choice.verbosity === 'debug' ? () => `${new Date().toISOString().slice(11, 23)} ` : undefined;
      return (await import('./ui/verbose.ts')).createVerboseListener(toStderr, now, stamp);
    }
    if (stderr.isTTY !== true || env.TERM === 'dumb' || env.CI === 'true') {
      return (await import('./ui/plain.ts')).createPlainListener(toStderr, now);
    }
    const { createTerminalListener } = await import('./ui/terminal.ts');
    return createTerminalListener({ stream: stderr, color: color(stderr, choice), now });
  }

  return {
    columns: stdout.columns ?? DEFAULT_COLUMNS,
    outIsTerminal: stdout.isTTY === true,
    errorColumns: stderr.columns ?? Number.POSITIVE_INFINITY,
    async print(choice, { data, json, text }) {
      if (choice.json) {
        write(stdout, (await json?.()) ?? `${escapeControls(JSON.stringify(data, undefined, 2))}\n`);
        return;
      }
      const style = { color: color(stdout, choice), columns: stdout.columns ?? DEFAULT_COLUMNS };
      write(stdout, await text(withVisibleText(data), style));
    },
    writeOut: (text) => write(stdout, visibleText(text)),
    writeError: (line) => write(stderr, `${visibleText(line)}\n`),
    outGone: outGone.signal,
    async openWorld(choice, interrupt, toolVersion) {
      const listener = await createListener(choice);
      const interactive = process.stdin.isTTY === true && stderr.isTTY === true && !choice.json;
      let closed = false;
      const deps: CommandDeps = {
        cwd: process.cwd(),
        env,
        toolVersion,
        now: () => Date.now(),
        monotonicMs: now,
        random: () => Math.random(),
        sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
        interrupt,
        emit: (event) => {
          if (choice.verbosity === 'quiet' && event.type !== 'warning') return;
          if (!closed) listener.handle(choice.json ? event : withVisibleText(event));
        },
        interactive,
        confirm: interactive
          ? (question) => ask(visibleText(question), process, interrupt.first)
          : () => Promise.resolve(false),
        ...(interactive
          ? { askLine: (question: string) => askLine(question, process, interrupt.first) }
          : {}),
      };
      return {
        deps,
        pause: () => listener.pause(),
        close() {
          closed = true;
          listener.close();
        },
      };
    },
    async close() {
      await Promise.all([stdout, stderr].filter((stream) => !gone.has(stream)).map(drained));
      return outFailure;
    },
  };
}

/**
 * Whether a stream gets colours. The flag decides, then FORCE_COLOR, then NO_COLOR, then whether the stream is a
 * terminal: the order that Node itself keeps.
 * @see https://no-color.org https://force-color.org
 */
export function wantsColor(
  when: OutputChoice['color'],
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (when !== 'auto') return when === 'always';
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return !none && term !== 'dumb' && isTerminal;
}

/**
 * Makes a size of 0 unknown. Serial consoles and new pseudo-terminals say 0, then and after a resize, and the spinner
 * counts lines by dividing by the width.
 */
function takeZeroForUnknown(stream: NodeJS.WriteStream): void {
  for (const name of ['columns', 'rows'] as const) {
    let size: number | undefined = stream[name];
    Object.defineProperty(stream, name, {
      configurable: true,
      enumerable: true,
      get: () => (size === 0 ? undefined : size),
      set: (value: number | undefined) => {
        size = value;
      },
    });
  }
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** Asks a yes-or-no question on stderr; only `y` and `yes` agree. Ctrl-C and Ctrl-D while asking say no. */
export async function ask(
  question: string,
  process: Pick<NodeJS.Process, 'stdin' | 'stderr' | 'kill' | 'pid'>,
  signal: AbortSignal,
): Promise<boolean> {
  return /^y(es)?$/i.test(await askLine(`${question} [y/N]`, process, signal));
}

/** Asks on stderr and reads one line from stdin, without the white space around it; '' after Ctrl-C and Ctrl-D. */
async function askLine(
  question: string,
  process: Pick<NodeJS.Process, 'stdin' | 'stderr' | 'kill' | 'pid'>,
  signal: AbortSignal,
): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C from the terminal for itself: hand it on to the process's own handler.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  let isOver = false;
  // The end of the input: without it a question that nobody can answer any more would never settle.
  const over = new Promise<string>((resolve) => {
    lines.once('close', () => {
      isOver = true;
      resolve('');
    });
  });
  try {
    const answer = await Promise.race([lines.question(`${question} `, { signal }), over]);
    if (isOver) process.stderr.write('\n');
    return answer.trim();
  } catch (error) {
    // What Ctrl-D on a terminal and the interrupt reject the question with.
    if (isAbort(error)) return '';
    throw error;
  } finally {
    lines.close();
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
