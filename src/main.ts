import { readFileSync } from 'node:fs';
import type { Host } from './cli/host.ts';
import { runCommandLine } from './cli/program.ts';
import { EXIT, type ExitCode, fileError } from './errors.ts';
import { type Failure, failureLines, failureOf } from './failure.ts';
import { createInterrupts, type Interrupts } from './interrupts.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Runs one invocation: reads the command line, runs the verb, prints its result, and sets the exit code. */
export async function main(): Promise<void> {
  // If Node runs out of work before the command ends, the command has not succeeded.
  process.exitCode = EXIT.fellShort;
  silenceLibraryWarnings();
  const terminal = openTerminal(process);
  const interrupts = createInterrupts(process);
  const host = createHost(terminal, interrupts);
  const argv = process.argv.slice(2);
  const json = argv.includes('--json');
  let exitCode: ExitCode = EXIT.ok;
  try {
    await runCommandLine(argv, host);
    exitCode = host.exitCode();
  } catch (error) {
    exitCode = tell(failureOf(error, interrupts.wasInterrupted(), wantsStacks(argv)), terminal, json);
  }
  const unwritten = await terminal.close();
  if (unwritten !== undefined) exitCode = tell(notWritten(unwritten), terminal, json);
  interrupts.close();
  process.exitCode = interrupts.wasInterrupted() && exitCode === EXIT.ok ? EXIT.interrupted : exitCode;
}

function createHost(terminal: Terminal, interrupts: Interrupts): Host & { exitCode(): ExitCode } {
  const version = packageVersion();
  let exitCode: ExitCode = EXIT.ok;
  return {
    version,
    columns: terminal.columns,
    outIsTerminal: terminal.outIsTerminal,
    outGone: terminal.outGone,
    exitCode: () => exitCode,
    writeOut: (text) => terminal.writeOut(text),
    async run(choice, work) {
      const world = await terminal.openWorld(choice, interrupts.interrupt, version);
      let end: Awaited<ReturnType<typeof work>>;
      try {
        end = await work(world.deps, async (printable) => {
          world.pause();
          await terminal.print(choice, printable);
        });
      } finally {
        world.close();
      }
      exitCode = end.exitCode;
      if (!('isPrinted' in end)) await terminal.print(choice, end);
    },
  };
}

/** Whether foreseen errors are also shown with their stacks. */
function wantsStacks(argv: readonly string[]): boolean {
  return argv.includes('--debug') || process.env.SHEDBENCH_DEBUG !== undefined;
}

/** Prints a failure on stderr: as lines, or as another JSON line if `--json` prints events there. */
function tell(failure: Failure, terminal: Terminal, json: boolean): ExitCode {
  if (json) terminal.writeError(JSON.stringify({ type: 'error', ...failure }));
  else for (const line of failureLines(failure, terminal.errorColumns)) terminal.writeError(line);
  return failure.exitCode;
}

/** The failure for a result that could not be printed. The work is done, but nobody has its result. */
function notWritten(error: Error): Failure {
  const reason = fileError(error)?.message ?? error.message;
  return {
    code: 'result-not-written',
    message: `The result could not be written to stdout: ${reason}`,
    exitCode: EXIT.fellShort,
  };
}

/** Hides the warnings of Node and of libraries (such as end-of-support dates), which do not concern the user. */
function silenceLibraryWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (wantsStacks(process.argv)) process.stderr.write(`${warning.stack}\n`);
  });
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
