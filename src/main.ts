import { readFileSync } from 'node:fs';
import type { Host, Printable } from './cli/host.ts';
import { runCommandLine } from './cli/program.ts';
import { EXIT, type ExitCode, ShedbenchError } from './errors.ts';
import { createInterrupts, type Interrupts } from './interrupts.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const ISSUES_HINT = 'This is a bug in shedbench; please report it with the lines above.';

/** The story of one invocation: read the command line, run the verb, print its result, keep its exit code. */
async function main(): Promise<void> {
  silenceLibraryWarnings();
  const terminal = openTerminal(process);
  const interrupts = createInterrupts(process);
  const host = createHost(terminal, interrupts);
  let exitCode: ExitCode = EXIT.ok;
  try {
    await runCommandLine(process.argv.slice(2), host);
    exitCode = host.exitCode();
  } catch (error) {
    exitCode = report(error, terminal, interrupts);
  }
  await terminal.close();
  interrupts.close();
  process.exitCode = interrupts.wasInterrupted() && exitCode === EXIT.ok ? EXIT.interrupted : exitCode;
}

function createHost(terminal: Terminal, interrupts: Interrupts): Host & { exitCode(): ExitCode } {
  const version = packageVersion();
  let exitCode: ExitCode = EXIT.ok;
  return {
    version,
    columns: terminal.columns,
    exitCode: () => exitCode,
    writeOut: (text) => terminal.writeOut(text),
    async run(choice, work) {
      const world = await terminal.openWorld(choice, interrupts.interrupt, version);
      let printable: Printable;
      try {
        printable = await work(world.deps);
      } finally {
        world.close();
      }
      exitCode = printable.exitCode;
      terminal.writeOut(
        choice.json
          ? ((await printable.json?.()) ?? `${JSON.stringify(printable.data, undefined, 2)}\n`)
          : await printable.text({ color: terminal.colorOut(choice), columns: terminal.columns }),
      );
    },
  };
}

/** Prints one clear line and the hint for what was foreseen, the stack for what was not. */
function report(error: unknown, terminal: Terminal, interrupts: Interrupts): ExitCode {
  if (error instanceof ShedbenchError) {
    terminal.writeError(`shedbench: ${/[.!?:]$/.test(error.message) ? error.message : `${error.message}.`}`);
    if (error.hint !== undefined) terminal.writeError(`  ${error.hint.replaceAll('\n', '\n  ')}`);
    return error.exitCode;
  }
  if (interrupts.wasInterrupted() && isAbort(error)) {
    terminal.writeError('shedbench: interrupted.');
    return EXIT.interrupted;
  }
  terminal.writeError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  terminal.writeError(ISSUES_HINT);
  return EXIT.fellShort;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'InterruptedError');
}

/** Warnings of Node and of libraries (end of support dates and the like) are not for the person at the screen. */
function silenceLibraryWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (process.env.SHEDBENCH_DEBUG !== undefined) process.stderr.write(`${warning.stack}\n`);
  });
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

await main();
