import type { LoadRequest } from '../load/load-plan.ts';
import type { RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';

export interface LoadOptions extends Selector, Omit<LoadRequest, 'subject' | 'invoke'> {
  readonly runtimes?: readonly string[];
  /** A server: with `route` one that has the shed's routes, else any. It may have a query where it is the whole request. */
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
  /** A version or alias of every one of them. */
  readonly qualifier?: string;
  /** What an Invoke sends: a file of JSON, or JSON itself; `{}` by default. */
  readonly payload?: string;
  readonly insecure: boolean;
  /** How many rounds the calls are divided into; undefined: 1 for one runtime, else the default. */
  readonly rounds?: number;
  /** Forced cold starts per function after the rounds; undefined: none. */
  readonly coldStarts?: number;
  /** What the person calls the runs. */
  readonly name?: string;
  /** As typed. */
  readonly failIf: readonly string[];
  /** Signs every request by AWS Signature Version 4. */
  readonly sigv4: boolean;
  /** A file that gets a line for every call. */
  readonly callsOut?: string;
  /** Loaders in the region send the load; undefined: this machine does. */
  readonly from?: { readonly loaders?: number };
}

export interface LoadedRuns {
  readonly runs: readonly RunRecord[];
  /** Whether every function has the settings that it had before. */
  readonly isPutBack: boolean;
}
