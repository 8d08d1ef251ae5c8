import type { Emit } from '../model/events.ts';
import type { Interrupt } from '../model/interrupt.ts';
import type { RunRecord } from '../model/run.ts';
import type { SigningKeys } from './wire/request-signer.ts';
import type { HeaderField } from './wire/request-source.ts';

/** Where a load goes. */
export interface LoadTarget {
  /** The label of the runtime, for events; with `--url` a name for the server. */
  readonly runtime: string;
  /** Base URL, `http` or `https`, with the stage and without query. */
  readonly url: string;
  /** Accept any TLS certificate. */
  readonly insecure?: boolean;
  /** PEM certificates to trust beside the system's. */
  readonly certificateAuthorities?: string;
  /** Header fields of the user's own. Their values may be secret: they stand in no record. */
  readonly headers?: readonly HeaderField[];
  /** Undefined where requests are not signed. */
  readonly signing?: SigningKeys;
  /** A file that gets a line for every call; undefined where none was asked for. */
  readonly callsOut?: string;
}

/** What a load is given of the outside world. */
export interface LoadDeps {
  readonly emit: Emit;
  /** First: no new calls, up to two seconds for those in flight. Second: cut those too. */
  readonly interrupt: Interrupt;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonicMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly toolVersion: string;
}

/** What a load measured: the part of a run record that the load itself knows. */
export type LoadResult = Pick<
  RunRecord,
  | 'state'
  | 'plan'
  | 'window'
  | 'clockOffsetMs'
  | 'startedAtEpochMs'
  | 'endedAtEpochMs'
  | 'elapsedMs'
  | 'accounting'
  | 'latency'
  | 'timeline'
  | 'connections'
  | 'instrument'
  | 'unexpectedSamples'
  | 'warnings'
  | 'rounds'
>;
