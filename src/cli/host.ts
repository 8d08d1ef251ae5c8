import type { ExitCode } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';

/** How the output was asked for. */
export interface OutputChoice {
  readonly json: boolean;
  /** `auto`: by the environment, and by whether the stream is a terminal. */
  readonly color: 'auto' | 'always' | 'never';
  readonly verbosity: Verbosity;
}

/**
 * How much of the work is shown on stderr. `quiet`: warnings and errors. `verbose`: every event as a line. `debug`: the
 * same with the time of day, and errors with their stacks.
 */
export type Verbosity = 'quiet' | 'normal' | 'verbose' | 'debug';

/** What text on a terminal may look like. */
export interface TextStyle {
  readonly color: boolean;
  /** Characters a line may have. */
  readonly columns: number;
}

/** What a verb hands to `main` to print. */
export interface Printable<Data> {
  readonly exitCode: ExitCode;
  /** Printed on stdout as one JSON document under `--json`. */
  readonly data: Data;
  /** The JSON text instead of `data`, where it has a form of its own. */
  readonly json?: () => string | Promise<string>;
  /** Printed on stdout otherwise. Gets the data with all control characters in its texts made visible. */
  readonly text: (data: Data, style: TextStyle) => string | Promise<string>;
}

/** The end of a verb that printed its result before its work was over. */
export interface Printed {
  readonly exitCode: ExitCode;
  readonly isPrinted: true;
}

/** What the command line needs of `main`, the only owner of the process. */
export interface Host {
  readonly version: string;
  /**
   * Calls the work with its dependencies, prints what it returns and keeps its exit code. Work that goes on after its
   * result calls `print` itself and returns `Printed`.
   */
  run<Data>(
    choice: OutputChoice,
    work: (
      deps: CommandDeps,
      print: (printable: Printable<Data>) => Promise<void>,
    ) => Promise<Printable<Data> | Printed>,
  ): Promise<void>;
  /** Writes help, version and log texts to stdout, control characters made visible. */
  writeOut(text: string): void;
  readonly columns: number;
  readonly outIsTerminal: boolean;
  /** Aborted once nobody reads stdout any more. A command that only prints may then end. */
  readonly outGone: AbortSignal;
}
