import type { ExitCode } from '../errors.ts';
import type { Emit } from './events.ts';
import type { Interrupt } from './interrupt.ts';

/** The external dependencies that `main` passes to every command. Tests pass others. */
export interface CommandDeps {
  /** The folder whose `.shedbench/` holds the records. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly toolVersion: string;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly interrupt: Interrupt;
  readonly emit: Emit;
  /** Whether a person can be asked: stdin and stderr are terminals and no `--json` was given. */
  readonly interactive: boolean;
  /** Asks a yes-or-no question on the terminal. Resolves false if nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Asks for one line on the terminal. Resolves '' if the person closes the input. Absent if nobody can be asked. */
  readonly askLine?: (question: string) => Promise<string>;
}

/** The result of a command: data, never text. `--json` prints its `data`. */
export interface CommandResult<D extends { readonly schema: string }> {
  readonly exitCode: ExitCode;
  readonly data: D;
}
