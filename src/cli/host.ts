import type { ExitCode } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';

/** The choices for the output. */
export interface OutputChoice {
  readonly json: boolean;
  /** `auto`: determined by the environment and by whether the stream is a terminal. */
  readonly color: 'auto' | 'always' | 'never';
  readonly verbosity: Verbosity;
}

/**
 * How much of the work is shown on stderr. `quiet`: warnings and errors. `verbose`: every event as a line. `debug`: the
 * same with the time of day, and errors with their stacks.
 */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

/** The possibilities of the terminal. */
export interface TextStyle {
  readonly color: boolean;
  /** The width of a line in characters. */
  readonly columns: number;
}

/** The result of a verb, which `main` prints. */
export interface Printable<Data> {
  readonly exitCode: ExitCode;
  /** Printed on stdout as one JSON document under `--json`. */
  readonly data: Data;
  /** The JSON text, used instead of `data` if it has its own form. */
  readonly json?: () => string | Promise<string>;
  /** Creates the text for stdout without `--json`. All control characters in the given data are visible. */
  readonly text: (data: Data, style: TextStyle) => string | Promise<string>;
}

/** The end of a verb that printed its result before the end of its work. */
export interface Printed {
  readonly exitCode: ExitCode;
  readonly isPrinted: true;
}

/** The functions of `main`, the only owner of the process, that the command line needs. */
export interface Host {
  readonly version: string;
  /**
   * Runs the work with its dependencies, prints its result and keeps its exit code. Work that continues after its
   * result calls `print` itself and returns `Printed`.
   */
  run<Data>(
    choice: OutputChoice,
    work: (
      deps: CommandDeps,
      print: (printable: Printable<Data>) => Promise<void>,
    ) => Promise<Printable<Data> | Printed>,
  ): Promise<void>;
  /** Writes help, version and log texts to stdout, with visible control characters. */
  writeOut(text: string): void;
  readonly columns: number;
  readonly outIsTerminal: boolean;
  /** Aborted when nobody reads stdout any more. A command that only prints may then end. */
  readonly outGone: AbortSignal;
}
