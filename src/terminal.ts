import { setTimeout as delay } from 'node:timers/promises';
import type { OutputChoice } from './cli/host.ts';
import type { CommandDeps } from './commands/deps.ts';
import type { Interrupt } from './model/interrupt.ts';
import type { Listener } from './ui/listener.ts';

/** Columns where the output is no terminal: what the table is designed to fit. */
const DEFAULT_COLUMNS = 100;

/** The process's streams, as one thing that prints. */
export interface Terminal {
  readonly columns: number;
  colorOut(choice: OutputChoice): boolean;
  writeOut(text: string): void;
  /** Writes one line to stderr. */
  writeError(line: string): void;
  openWorld(
    choice: OutputChoice,
    interrupt: Interrupt,
    toolVersion: string,
  ): Promise<{ readonly deps: CommandDeps; close(): void }>;
  /** Resolves when all that was written has left the process. */
  close(): Promise<void>;
}

/** Wraps the streams of a process. A reader that goes away (`| head`) ends the output, not the program. */
export function openTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  const gone = new Set<NodeJS.WriteStream>();
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      gone.add(stream);
    });
  }
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    if (text !== '' && !gone.has(stream)) stream.write(text);
  };
  const color = (stream: NodeJS.WriteStream, choice: OutputChoice): boolean =>
    choice.color && !env.NO_COLOR && env.TERM !== 'dumb' && stream.isTTY === true;
  const now = (): number => performance.now();

  async function createListener(choice: OutputChoice): Promise<Listener> {
    const toStderr = (text: string): void => write(stderr, text);
    if (choice.json) return (await import('./ui/ndjson.ts')).createNdjsonListener(toStderr);
    if (stderr.isTTY !== true || env.TERM === 'dumb' || env.CI === 'true') {
      return (await import('./ui/plain.ts')).createPlainListener(toStderr, now);
    }
    const { createTerminalListener } = await import('./ui/terminal.ts');
    return createTerminalListener({ stream: stderr, color: color(stderr, choice), now });
  }

  return {
    columns: stdout.columns ?? DEFAULT_COLUMNS,
    colorOut: (choice) => color(stdout, choice),
    writeOut: (text) => write(stdout, text),
    writeError: (line) => write(stderr, `${line}\n`),
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
          if (!closed) listener.handle(event);
        },
        interactive,
        confirm: interactive
          ? (question) => ask(question, process, interrupt.first)
          : () => Promise.resolve(false),
      };
      return {
        deps,
        close() {
          closed = true;
          listener.close();
        },
      };
    },
    async close() {
      await Promise.all([stdout, stderr].filter((stream) => !gone.has(stream)).map(drained));
    },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** Asks on stderr, reads one line from stdin; only `y` and `yes` agree. Ctrl-C while asking says no. */
async function ask(question: string, process: NodeJS.Process, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C from the terminal for itself: hand it on to the process's own handler.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
