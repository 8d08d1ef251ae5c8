/**
 * The exit codes of the program. 0: success. 1: the work was done, and its result is not good enough. 2: wrong usage.
 * 3: an error of AWS or of a stack. 4: a toolchain or dependency is missing. 130: interrupted.
 */
export const EXIT = { ok: 0, fellShort: 1, usage: 2, aws: 3, toolchain: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ShedbenchErrorInit {
  /** Stable, kebab-case. Users of `--json` and tests read it. */
  readonly code: string;
  /** What failed, with names, on one line. */
  readonly message: string;
  /** The next command to type. */
  readonly hint?: string | undefined;
  readonly exitCode: ExitCode;
  readonly cause?: unknown;
}

/** A foreseen failure. `main` prints its message and hint, but not its stack. */
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

/** An error in the user's input, exit code 2. */
export function usageError(code: string, message: string, hint?: string): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.usage });
}

/** An error of AWS, of a stack, or of the network, exit code 3. */
export function awsError(code: string, message: string, hint?: string, cause?: unknown): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.aws, cause });
}

/** The result of work that was done is not good enough, exit code 1. */
export function fellShort(code: string, message: string, hint?: string): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.fellShort });
}

/** A toolchain or dependency is missing, or a build with it failed: exit code 4. */
export function toolchainError(
  code: string,
  message: string,
  hint?: string,
  cause?: unknown,
): ShedbenchError {
  return new ShedbenchError({ code, message, hint, exitCode: EXIT.toolchain, cause });
}

/** The error codes of failed system calls on files, in words. */
const FILE_TROUBLES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EEXIST: 'something else is in its place',
  ENOTDIR: 'a part of that path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links go round in a circle',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk failed',
  EFBIG: 'it would become larger than a file may be here',
  ENXIO: 'it is a device that is not there',
  ENODEV: 'it is a device that is not there',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is a program that is running',
  ENOTTY: 'it is a device, not a file',
};
const FILE_CALLS =
  /^(access|close|copyfile|fsync|ftruncate|l?stat|link|mkdir|mkdtemp|open|opendir|read|readlink|rename|rm|rmdir|scandir|unlink|write)$/;

/**
 * Converts an error of this machine's files or disks to a foreseen failure with exit code 2. Undefined for any other
 * error, which is a bug.
 */
export function fileError(error: unknown): ShedbenchError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', syscall = '', path } = error as NodeJS.ErrnoException;
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new ShedbenchError({
      code: 'too-few-open-files',
      message: `${path ?? 'A file'} could not be opened: this machine allows no more open files (${code}).`,
      hint:
        code === 'EMFILE' ? 'ulimit -n 65536' : 'End other programs, or raise fs.file-max of this machine',
      exitCode: EXIT.usage,
      cause: error,
    });
  }
  const trouble = FILE_TROUBLES[code];
  if (trouble === undefined || !FILE_CALLS.test(syscall)) return undefined;
  return new ShedbenchError({
    code: 'file-trouble',
    message: path === undefined ? `A file can't be used: ${trouble}.` : `${path} can't be used: ${trouble}.`,
    hint: path?.includes('.shedbench')
      ? 'Records are kept in .shedbench/ of the folder that the command runs in: run it in one that you may write to'
      : undefined,
    exitCode: EXIT.usage,
    cause: error,
  });
}
