import type { RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import type { LoadRequest } from './load-plan.ts';

export interface LoadOptions extends Selector, Omit<LoadRequest, 'subject' | 'invoke'> {
  readonly runtimes?: readonly string[];
  /**
   * A server: with `route` one that has the shed's routes, otherwise any. It may have a query if there are no other
   * parts of the request.
   */
  readonly url?: string;
  /** One request to `url`, as typed; `body` is a file or the text itself. */
  readonly request?: {
    readonly method?: string;
    readonly path?: string;
    readonly body?: string;
    readonly expect?: readonly number[];
  };
  /** A file with a mix of requests to `url`. */
  readonly requestsFile?: string;
  /** Functions that are invoked directly. */
  readonly functions?: readonly string[];
  /** A version or alias, the same for all functions. */
  readonly qualifier?: string;
  /** The payload of an Invoke: a JSON file, or JSON; `{}` by default. */
  readonly payload?: string;
  readonly insecure: boolean;
  /**
   * The number of rounds into which the calls are divided. Undefined means 1 for one runtime, otherwise the default.
   */
  readonly rounds?: number;
  /** Forced cold starts per function after the rounds. Undefined means none. */
  readonly coldStarts?: number;
  /** The user's name for the runs. */
  readonly name?: string;
  /** As typed. */
  readonly failIf: readonly string[];
  /** Whether to sign every request by AWS Signature Version 4. */
  readonly sigv4: boolean;
  /** The file that gets a line for every call. */
  readonly callsOut?: string;
  /** Loaders in the region that send the load. Undefined means this machine. */
  readonly from?: { readonly loaders?: number };
}

export interface LoadedRuns {
  readonly runs: readonly RunRecord[];
  /** Whether every function has its former settings. */
  readonly isPutBack: boolean;
}
