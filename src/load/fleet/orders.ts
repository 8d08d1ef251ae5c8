import { gunzipSync, gzipSync } from 'node:zlib';
import type { EngineSetup } from '../engine/create-engine.ts';
import type { EngineData, Phase, ThreadShare } from '../engine/engine.ts';

/** An order to a loader. It is plain data, because it is the payload of an invocation. */
export type LoaderOrder = MeetOrder | LoadOrder;

/** Wait, then answer with the time. It starts an environment for each loader, and the clocks are compared. */
export interface MeetOrder {
  readonly do: 'meet';
  /** How long to wait, ms, so that there are as many environments as loaders at the same time. */
  readonly holdMs: number;
}

/** Send one share of a phase. */
export interface LoadOrder {
  readonly do: 'load';
  readonly setup: Omit<EngineSetup, 'thread' | 'callsOut'>;
  readonly phase: Phase;
  readonly share: ThreadShare;
  /** The number of the share's first call. Each following number is higher by `share.count`. */
  readonly firstCall: number;
  /** The common start of all loaders, by the loaders' clock, epoch ms. */
  readonly startAtEpochMs: number;
  /**
   * The latest time at which a loader may be ready, by its own clock, epoch ms. If it is ready later, it sends
   * nothing.
   */
  readonly mustStartByEpochMs: number;
  /** A URL that answers 200 when the loaders must stop. Undefined if there is none. */
  readonly stopUrl: string | undefined;
}

/** The facts about a loader that are in each of its answers. */
export interface LoaderSelf {
  /** The id of the execution environment, the same in all its invocations. */
  readonly environment: string;
  /** Whether this was the first invocation of the environment. */
  readonly isCold: boolean;
  /** The times at which the order arrived and the answer left, by the loader's clock, epoch ms. */
  readonly receivedEpochMs: number;
  readonly answeredEpochMs: number;
}

/** The answer to an order. */
export type LoaderAnswer = LoaderSelf &
  (
    | { readonly is: 'met' }
    /** The loader was not ready in time and sent nothing. */
    | { readonly is: 'too-late'; readonly lateMs: number }
    | ({ readonly is: 'loaded' } & LoadedShare)
  );

/** The results of one loader in one phase. */
export interface LoadedShare {
  readonly elapsedMs: number;
  readonly gaveUp: boolean;
  readonly data: EngineData;
  /** The CPU time of the loader's process while it sent calls, ms. */
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  /** How long before the common start the loader was ready, ms. Negative if it was late. */
  readonly spareMs: number;
  /** Whether the loader stopped before the end of its share, because of the flag or of its deadline. */
  readonly wasStopped: boolean;
}

/** Stands for infinity, which JSON does not have. A plan that only time bounds has an infinite number of calls. */
const INFINITE = 'shedbench:infinity';
/**
 * The only member of an object that stands for bytes, in base64. JSON has no bytes, and the bodies of requests are
 * bytes.
 */
const BYTES = 'shedbench:base64';

/** Converts an order to the payload of an invocation. */
export function encodeOrder(order: LoaderOrder): string {
  return JSON.stringify(order, function (this: Record<string, unknown>, name, value: unknown) {
    // `value` is already the result of Buffer's own toJSON; `this[key]` is the Buffer.
    const own = this[name];
    if (own instanceof Uint8Array) return { [BYTES]: Buffer.from(own).toString('base64') };
    return value === Number.POSITIVE_INFINITY ? INFINITE : value;
  });
}

/** Reads an order from the event that the function receives. */
export function decodeOrder(event: unknown): LoaderOrder {
  return JSON.parse(JSON.stringify(event), (_name, value: unknown) => {
    if (value === INFINITE) return Number.POSITIVE_INFINITY;
    const text = typeof value === 'object' && value !== null && BYTES in value ? value[BYTES] : undefined;
    return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
  }) as LoaderOrder;
}

/** Compresses an answer. An invocation may return at most 6 MB. */
export interface PackedAnswer {
  readonly gzip: string;
}

export function packAnswer(answer: LoaderAnswer): PackedAnswer {
  return { gzip: gzipSync(JSON.stringify(answer)).toString('base64') };
}

/**
 * The JSON text of the answer in an invocation's payload, not yet checked. @throws Error if the payload is no
 * compressed answer
 */
export function unpackAnswer(payload: string): string {
  const packed = JSON.parse(payload) as Partial<PackedAnswer> | null;
  if (typeof packed?.gzip !== 'string') throw new Error('it has no member gzip');
  return gunzipSync(Buffer.from(packed.gzip, 'base64'), { maxOutputLength: MAX_UNPACKED_BYTES }).toString(
    'utf8',
  );
}

/**
 * The largest size of an uncompressed answer. A compressed answer has at most 6 MB, and histograms are compressed to
 * a fifth.
 */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;
