import { EXIT, type ExitCode, fileError, ShedbenchError } from './errors.ts';

const ISSUES_HINT = 'This is a bug in shedbench; please report it with the lines above.';

/** What a command failed with, as `--json` tells it on stderr (with `type: 'error'`). */
export interface Failure {
  /** Stable, kebab-case; `bug` for what nobody foresaw. */
  readonly code: string;
  readonly message: string;
  /** The next command to type. */
  readonly hint?: string;
  readonly exitCode: ExitCode;
  /** Of a bug. */
  readonly stack?: string;
}

const INTERRUPTED: Failure = { code: 'interrupted', message: 'interrupted.', exitCode: EXIT.interrupted };

/** Turns a thrown value into what a person sees: a foreseen error, an interruption, trouble with a file, or a bug. */
export function failureOf(error: unknown, wasInterrupted: boolean): Failure {
  if (wasInterrupted && isAbort(error)) return INTERRUPTED;
  const foreseen = error instanceof ShedbenchError ? error : fileError(error);
  if (foreseen !== undefined) {
    const { code, message, hint, exitCode } = foreseen;
    return {
      code,
      message: /[.?!:]$/.test(message) ? message : `${message}.`,
      ...(hint === undefined ? {} : { hint }),
      exitCode,
    };
  }
  return {
    code: 'bug',
    message: error instanceof Error ? error.message : String(error),
    hint: ISSUES_HINT,
    exitCode: EXIT.fellShort,
    stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

/** One clear line and the hint under it; of a bug its stack. */
export function failureLines({ message, hint, stack }: Failure): string[] {
  if (stack !== undefined) return [stack, ...(hint === undefined ? [] : [hint])];
  return [
    `shedbench: ${message}`,
    ...(hint === undefined ? [] : hint.split('\n').map((line) => `  ${line}`)),
  ];
}

/** Whether the interrupt is what ended the work: the error, or one that it was made from, is an abort. */
function isAbort(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ShedbenchError && cause.exitCode === EXIT.interrupted) return false;
    if (cause.name === 'AbortError' || cause.name === 'InterruptedError') return true;
  }
  return false;
}
