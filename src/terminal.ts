import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { OutputChoice, Printable } from './cli/host.ts';
import type { CommandDeps } from './model/command.ts';
import type { ProgressEvent } from './model/events.ts';
import type { Interrupt } from './model/interrupt.ts';
import { monotonicMs } from './model/monotonic-clock.ts';
import { escapeControls, visibleText, withVisibleText } from './model/visible-text.ts';
import type { Listener } from './ui/listener.ts';

/** The number of columns if the output is no terminal. Tables are designed for this width. */
const DEFAULT_COLUMNS = 100;

/** The streams of the process. */
export interface Terminal {
  readonly columns: number;
  readonly outIsTerminal: boolean;
  /** The largest length of a line on stderr, in characters. Infinity if stderr is no terminal. */
  readonly errorColumns: number;
  /** Prints the result of a verb on stdout: as text, or as one JSON document with `--json`. */
  print<Data>(choice: OutputChoice, printable: Printable<Data>): Promise<void>;
  /** Writes a text to stdout, with control characters made visible. */
  writeOut(text: string): void;
  /** Writes one line to stderr, with control characters made visible. */
  writeError(line: string): void;
  /** Aborted when nobody reads stdout any longer. */
  readonly outGone: AbortSignal;
  /** Starts to show the progress of a command, and returns what the command needs. */
  openWorld(choice: OutputChoice, interrupt: Interrupt, toolVersion: string): Promise<World>;
  /**
   * Resolves when everything written has left the process. The value is the error because of which a part of stdout was
   * lost.
   */
  close(): Promise<Error | undefined>;
}

/** The dependencies of one command, and the display of its progress. */
export interface World {
  readonly deps: CommandDeps;
  /** Clears the lines of current work, so that a result can be printed. */
  pause(): void;
  /** Ends the display. Later events are not shown. */
  close(): void;
}

/** Error codes of a stream whose reader has ended (`| head`) or whose terminal was closed. Nobody misses its output. */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/**
 * Wraps the streams of a process. When a stream fails, its output ends but the program continues, because it must still
 * write records and clean up.
 */
export function openTerminal(process: NodeJS.Process): Terminal {
  return new ProcessTerminal(process);
}

class ProcessTerminal implements Terminal {
  readonly #process: NodeJS.Process;
  readonly #gone = new Set<NodeJS.WriteStream>();
  readonly #outGone = new AbortController();
  #outFailure: Error | undefined;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    const { stdout, stderr } = process;
    for (const stream of [stdout, stderr]) takeZeroForUnknown(stream);
    stderr.on('error', () => this.#gone.add(stderr));
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#gone.add(stdout);
      this.#outGone.abort();
      if (!READER_GONE.has(error.code ?? '')) this.#outFailure ??= error;
    });
  }

  get columns(): number {
    return this.#process.stdout.columns ?? DEFAULT_COLUMNS;
  }

  get outIsTerminal(): boolean {
    return this.#process.stdout.isTTY === true;
  }

  get errorColumns(): number {
    return this.#process.stderr.columns ?? Number.POSITIVE_INFINITY;
  }

  get outGone(): AbortSignal {
    return this.#outGone.signal;
  }

  async print<Data>(choice: OutputChoice, { data, json, text }: Printable<Data>): Promise<void> {
    if (choice.json) {
      this.#writeTo('stdout', (await json?.()) ?? `${escapeControls(JSON.stringify(data, undefined, 2))}\n`);
      return;
    }
    const color = wantsColor(choice.color, this.#process.env, this.outIsTerminal);
    this.#writeTo('stdout', await text(withVisibleText(data), { color, columns: this.columns }));
  }

  writeOut(text: string): void {
    this.#writeTo('stdout', visibleText(text));
  }

  writeError(line: string): void {
    this.#writeTo('stderr', `${visibleText(line)}\n`);
  }

  async openWorld(choice: OutputChoice, interrupt: Interrupt, toolVersion: string): Promise<World> {
    const listener = await createListener(this.#process, choice, (text) => this.#writeTo('stderr', text));
    let closed = false;
    const emit = (event: ProgressEvent): void => {
      if (choice.verbosity === 'quiet' && event.type !== 'warning') return;
      if (!closed) listener.handle(choice.json ? event : withVisibleText(event));
    };
    // Node opens stdin when it is first read here, so it is looked at last.
    const isInteractive =
      !choice.json && this.#process.stderr.isTTY === true && this.#process.stdin.isTTY === true;
    const deps: CommandDeps = {
      cwd: this.#process.cwd(),
      env: this.#process.env,
      toolVersion,
      now: () => Date.now(),
      monotonicMs,
      random: () => Math.random(),
      sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
      interrupt,
      emit,
      ...questions(this.#process, interrupt.first, isInteractive),
    };
    return {
      deps,
      pause: () => listener.pause(),
      close() {
        closed = true;
        listener.close();
      },
    };
  }

  async close(): Promise<Error | undefined> {
    const streams = [this.#process.stdout, this.#process.stderr].filter((stream) => !this.#gone.has(stream));
    await Promise.all(streams.map(drained));
    return this.#outFailure;
  }

  #writeTo(name: 'stdout' | 'stderr', text: string): void {
    const stream = this.#process[name];
    if (text === '' || this.#gone.has(stream)) return;
    const rest = name === 'stderr' ? unwrittenOf(stream, text) : text;
    if (rest.length > 0) stream.write(rest);
  }
}

/** The listener that shows progress on stderr, in the form that fits the output: JSON, full lines, plain lines or live. */
async function createListener(
  { stderr, env }: NodeJS.Process,
  choice: OutputChoice,
  write: (text: string) => void,
): Promise<Listener> {
  if (choice.json) return (await import('./ui/ndjson.ts')).createNdjsonListener(write);
  if (choice.verbosity === 'verbose' || choice.verbosity === 'debug') {
    const stamp =
      choice.verbosity === 'debug' ? () => `${new Date().toISOString().slice(11, 23)} ` : undefined;
    return (await import('./ui/verbose.ts')).createVerboseListener(write, monotonicMs, stamp);
  }
  if (stderr.isTTY !== true || env.TERM === 'dumb' || env.CI === 'true') {
    return (await import('./ui/plain.ts')).createPlainListener(write, monotonicMs);
  }
  const { createTerminalListener } = await import('./ui/terminal.ts');
  const color = wantsColor(choice.color, env, true);
  return createTerminalListener({ stream: stderr, color, now: monotonicMs });
}

/** The functions that ask the person at the terminal. If nobody can be asked, every confirmation is refused. */
function questions(
  process: NodeJS.Process,
  signal: AbortSignal,
  interactive: boolean,
): Pick<CommandDeps, 'interactive' | 'confirm' | 'askLine'> {
  if (!interactive) return { interactive, confirm: () => Promise.resolve(false) };
  return {
    interactive,
    confirm: (question) => ask(visibleText(question), process, signal),
    askLine: (question) => askLine(question, process, signal),
  };
}

/**
 * Whether a stream gets colours. The flag decides, then FORCE_COLOR, then NO_COLOR, then whether the stream is a
 * terminal. Node uses the same order.
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
 * Makes a width of 0 undefined. Serial consoles and new pseudo-terminals report 0, also after a resize, and the spinner
 * divides by the width.
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

/**
 * Writes as much of a text as the system takes now, without Node's stream, and returns the rest. While a program writes
 * nothing but sockets, V8 compiles Node's whole way of a write into one function. A load writes its progress ten times a
 * second, and through the stream that takes 2 % of its CPU time (docs/performance.md). On Windows, and on a terminal, Node
 * converts the text.
 */
function unwrittenOf(stream: NodeJS.WriteStream & { readonly fd?: number }, text: string): string | Buffer {
  const isPlain = process.platform !== 'win32' && stream.isTTY !== true && stream.writableLength === 0;
  if (stream.fd === undefined || !isPlain) return text;
  const bytes = Buffer.from(text);
  try {
    return bytes.subarray(writeSync(stream.fd, bytes));
  } catch {
    // The stream waits for a full pipe, and reports any other error.
    return bytes;
  }
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** Asks a yes-or-no question on stderr. Only `y` and `yes` mean yes; Ctrl-C and Ctrl-D mean no. */
export async function ask(
  question: string,
  process: Pick<NodeJS.Process, 'stdin' | 'stderr' | 'kill' | 'pid'>,
  signal: AbortSignal,
): Promise<boolean> {
  return /^y(es)?$/i.test(await askLine(`${question} [y/N]`, process, signal));
}

/**
 * Asks on stderr and reads one line from stdin, without the white space around it. Returns '' after Ctrl-C and Ctrl-D.
 */
async function askLine(
  question: string,
  process: Pick<NodeJS.Process, 'stdin' | 'stderr' | 'kill' | 'pid'>,
  signal: AbortSignal,
): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline consumes Ctrl-C, so the signal is sent to the process's own handler.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  let isOver = false;
  // Settles the question when the input ends; readline would never settle it.
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
    // readline rejects the question after Ctrl-D on a terminal, and after the interrupt.
    if (isAbort(error)) return '';
    throw error;
  } finally {
    lines.close();
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
