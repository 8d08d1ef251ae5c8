import { EXIT, type ExitCode, fileError, ShedbenchError } from './errors.ts';
import { wrapHint, wrapText } from './model/wrap-text.ts';

const ISSUES_HINT = 'This is a bug in shedbench; please report it with the lines above.';

/** What a command failed with, as `--json` tells it on stderr (with `type: 'error'`). */
export interface Failure {
  /** Stable, kebab-case; `bug` for what nobody foresaw. */
  readonly code: string;
  readonly message: string;
  /** The next command to type. */
  readonly hint?: string;
  readonly exitCode: ExitCode;
  /** Of a bug, and of any error under `--debug`. */
  readonly stack?: string;
}

const INTERRUPTED: Failure = { code: 'interrupted', message: 'interrupted.', exitCode: EXIT.interrupted };

/** Turns a thrown value into what a person sees: a foreseen error, an interruption, trouble with a file, or a bug. */
export function failureOf(error: unknown, wasInterrupted: boolean, withStack = false): Failure {
  if (wasInterrupted && isAbort(error)) return INTERRUPTED;
  const foreseen = error instanceof ShedbenchError ? error : fileError(error);
  if (foreseen !== undefined) {
    const { code, message, hint, exitCode } = foreseen;
    return {
      code,
      message: /[.?!:]$/.test(message) ? message : `${message}.`,
      ...(hint === undefined ? {} : { hint }),
      exitCode,
      ...(withStack ? { stack: stackOf(foreseen) } : {}),
    };
  }
  return {
    code: 'bug',
    message: error instanceof Error ? error.message : String(error),
    hint: ISSUES_HINT,
    exitCode: EXIT.fellShort,
    stack: stackOf(error),
  };
}

/** The stack of an error and of every error that it was made from. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`;
}

/**
 * The message and the hint below it, after the stack where there is one. A bug is shown by its stack alone.
 *
 * @param columns characters a line of the message or of the hint may have
 */
export function failureLines(
  { code, message, hint, stack }: Failure,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  if (code === 'bug' && stack !== undefined) return [stack, ...(hint === undefined ? [] : [hint])];
  return [
    ...(stack === undefined ? [] : [stack]),
    ...wrapText(`shedbench: ${message}`, columns, { first: '', rest: '  ' }).split('\n'),
    ...(hint === undefined ? [] : wrapHint(hint, columns).split('\n')),
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
