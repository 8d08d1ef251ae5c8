import { EXIT, type ExitCode, fileError, ShedbenchError } from './errors.ts';
import { wrapHint, wrapText } from './model/wrap-text.ts';

const ISSUES_HINT = 'This is a bug in shedbench; please report it with the lines above.';

/** The failure of a command. `--json` prints it on stderr with `type: 'error'`. */
export interface Failure {
  /** Stable, kebab-case. `bug` for an error that was not foreseen. */
  readonly code: string;
  readonly message: string;
  /** The next command to type. */
  readonly hint?: string;
  readonly exitCode: ExitCode;
  /** Present for a bug, and for any error under `--debug`. */
  readonly stack?: string;
}

const INTERRUPTED: Failure = { code: 'interrupted', message: 'interrupted.', exitCode: EXIT.interrupted };

/**
 * Converts a thrown value to the failure that the user sees: a foreseen error, an interruption, a file error, or a bug.
 */
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

/** The stack of an error, followed by the stacks of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`;
}

/**
 * The message and the hint as lines, after the stack if there is one. A bug has only its stack.
 *
 * @param columns the largest length of a line of the message or hint, in characters
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

/** Whether the interrupt ended the work: the error, or one of its causes, is an abort. */
function isAbort(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ShedbenchError && cause.exitCode === EXIT.interrupted) return false;
    if (cause.name === 'AbortError' || cause.name === 'InterruptedError') return true;
  }
  return false;
}
