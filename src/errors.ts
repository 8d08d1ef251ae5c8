/**
 * Exit codes of the program, one meaning each.
 * 0 ok; 1 the work ran and fell short; 2 usage; 3 AWS or stack; 4 a missing toolchain or dependency;
 * 130 interrupted.
 */
export const EXIT = { ok: 0, fellShort: 1, usage: 2, aws: 3, toolchain: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ShedbenchErrorInit {
  /** Stable, kebab-case, for `--json` consumers and tests. */
  readonly code: string;
  /** What failed, with names, in one line. */
  readonly message: string;
  /** The next command to type. */
  readonly hint?: string | undefined;
  readonly exitCode: ExitCode;
  readonly cause?: unknown;
}

/** A failure that the program foresaw: `main` prints its message and hint, never its stack. */
export class ShedbenchError extends Error {
  override readonly name: string = 'ShedbenchError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(init: ShedbenchErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.hint = init.hint;
    this.exitCode = init.exitCode;
  }
}

/** Thrown when the text a person typed can't be acted on (exit 2). */
export function usageError(code: string, message: string, hint?: string): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.usage });
}

/** Thrown when AWS, a stack or the network under it refused or failed (exit 3). */
export function awsError(code: string, message: string, hint?: string, cause?: unknown): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.aws, cause });
}

/** Thrown when the work ran and its outcome is not good enough (exit 1). */
export function fellShort(code: string, message: string, hint?: string): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.fellShort });
}

/** Thrown when a toolchain or dependency is absent or a build with it failed (exit 4). */
export function toolchainError(
  code: string,
  message: string,
  hint?: string,
  cause?: unknown,
): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.toolchain, cause });
}
