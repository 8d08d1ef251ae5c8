import type { Emit } from '../model/events.ts';
import type { Interrupt } from '../model/interrupt.ts';
import type { RunRecord } from '../model/run.ts';
import type { HeaderField, RequestContent } from '../model/subject.ts';
import type { Fleet } from './fleet/fleet-engine.ts';
import type { SigningKeys } from './wire/request-signer.ts';

/** The server of a load. */
export interface LoadTarget {
  /** The label of the runtime, for events; with `--url` a name for the server. */
  readonly runtime: string;
  /** Base URL, `http` or `https`, with the stage and without query. */
  readonly url: string;
  /** Accept any TLS certificate. */
  readonly insecure?: boolean;
  /** PEM certificates to trust beside the system's. */
  readonly certificateAuthorities?: string;
  /** Header fields that every request gets. Their values may be secret, so no record contains them. */
  readonly headers?: readonly HeaderField[];
  /** Own header fields and bodies of the requests, in the order of the plan. Undefined if none has any. */
  readonly contents?: readonly RequestContent[];
  /** Undefined if requests are not signed. */
  readonly signing?: SigningKeys;
  /** A file that gets a line for every call. Undefined if none was requested. */
  readonly callsOut?: string;
  /** The loaders that send the calls. Undefined if this machine sends them. */
  readonly fleet?: Fleet;
}

/** What a load uses of its surroundings. */
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

/** The measurements of a load: the part of a run record that the load itself knows. */
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
  | 'requests'
  | 'timeline'
  | 'connections'
  | 'instrument'
  | 'unexpectedSamples'
  | 'warnings'
  | 'rounds'
  | 'fleet'
>;
