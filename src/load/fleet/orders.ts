import { gunzipSync, gzipSync } from 'node:zlib';
import type { EngineSetup } from '../engine/create-engine.ts';
import type { EngineData, Phase, ThreadShare } from '../engine/engine.ts';

/** What a loader is told to do. Everything is plain data: it travels as the payload of an invocation. */
export type LoaderOrder = MeetOrder | LoadOrder;

/** Hold still for a while, and say what time it is: brings up an environment for each loader, and compares the clocks. */
export interface MeetOrder {
  readonly do: 'meet';
  /** How long to hold, ms, so that as many environments as loaders are up at once. */
  readonly holdMs: number;
}

/** Send one share of one phase. */
export interface LoadOrder {
  readonly do: 'load';
  readonly setup: Omit<EngineSetup, 'thread' | 'callsOut'>;
  readonly phase: Phase;
  readonly share: ThreadShare;
  /** The number of the share's first call. The next one is `share.count` higher. */
  readonly firstCall: number;
  /** When all loaders start, by the loaders' clock, epoch ms. */
  readonly startAtEpochMs: number;
  /** A loader that is ready later than this sends nothing, epoch ms of its own clock. */
  readonly mustStartByEpochMs: number;
  /** An address that answers 200 once the loaders are to stop; undefined where there is none to ask. */
  readonly stopUrl: string | undefined;
}

/** What a loader says of itself with every answer. */
export interface LoaderSelf {
  /** The same for all invocations of one execution environment. */
  readonly environment: string;
  /** Whether this was the first invocation of the environment. */
  readonly isCold: boolean;
  /** When the order arrived and when the answer left, by the loader's clock, epoch ms. */
  readonly receivedEpochMs: number;
  readonly answeredEpochMs: number;
}

/** What came of an order. */
export type LoaderAnswer = LoaderSelf &
  (
    | { readonly is: 'met' }
    /** Nothing was sent: the loader was not ready in time. */
    | { readonly is: 'too-late'; readonly lateMs: number }
    | ({ readonly is: 'loaded' } & LoadedShare)
  );

/** What one loader measured in one phase. */
export interface LoadedShare {
  readonly elapsedMs: number;
  readonly gaveUp: boolean;
  readonly data: EngineData;
  /** CPU time of the loader's process while it sent, ms. */
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  /** How long before the start the loader was ready, ms; negative where it was late. */
  readonly spareMs: number;
  /** Whether the loader saw the sign to stop, or the end of its time, before its share was done. */
  readonly wasStopped: boolean;
}

/** JSON has no infinity, and plans that only time bounds have one. */
const INFINITE = 'shedbench:infinity';
/** JSON has no bytes, and bodies of requests are bytes: they travel as an object with this member alone, in base64. */
const BYTES = 'shedbench:base64';

/** An order as the payload of an invocation. */
export function encodeOrder(order: LoaderOrder): string {
  return JSON.stringify(order, function (this: Record<string, unknown>, name, value: unknown) {
    // Buffer brings a form of its own, which `value` is already.
    const own = this[name];
    if (own instanceof Uint8Array) return { [BYTES]: Buffer.from(own).toString('base64') };
    return value === Number.POSITIVE_INFINITY ? INFINITE : value;
  });
}

/** An order from the event that Lambda hands to the function. */
export function decodeOrder(event: unknown): LoaderOrder {
  return JSON.parse(JSON.stringify(event), (_name, value: unknown) => {
    if (value === INFINITE) return Number.POSITIVE_INFINITY;
    const text = typeof value === 'object' && value !== null && BYTES in value ? value[BYTES] : undefined;
    return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
  }) as LoaderOrder;
}

/** An answer in the few bytes that an invocation may return: at most 6 MB. */
export interface PackedAnswer {
  readonly gzip: string;
}

export function packAnswer(answer: LoaderAnswer): PackedAnswer {
  return { gzip: gzipSync(JSON.stringify(answer)).toString('base64') };
}

/** The JSON text of the answer in an invocation's payload, not yet checked. @throws Error for what is no packed answer */
export function unpackAnswer(payload: string): string {
  const packed = JSON.parse(payload) as Partial<PackedAnswer> | null;
  if (typeof packed?.gzip !== 'string') throw new Error('it has no member gzip');
  return gunzipSync(Buffer.from(packed.gzip, 'base64'), { maxOutputLength: MAX_UNPACKED_BYTES }).toString(
    'utf8',
  );
}

/** An answer is at most 6 MB packed, and histograms pack to a fifth. More than this is no answer of ours. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;
