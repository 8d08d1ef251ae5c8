import { ROUTE_SPECS } from '../../model/route.ts';
import type { LoadPlan } from '../../model/run.ts';
import type { RequestSigner } from './request-signer.ts';
import { STATUS_TABLE_LENGTH } from './response-parser.ts';

const ZERO = 48;
/** 2^64 − 1 has twenty digits; a sum may have one more before it is checked. */
const MAX_DIGITS = 21;

/**
 * The decimal digits of `first + k` for ascending k, in ASCII. Tattoos exceed what a number holds exactly, and a BigInt
 * per call would be garbage per call.
 */
export class DecimalCounter {
  readonly #digits = Buffer.alloc(MAX_DIGITS, ZERO);
  #length: number;
  #k = 0;

  /** @param first a whole number in decimal, at most 20 digits */
  constructor(first: string) {
    const canonical = first.replace(/^0+(?=\d)/, '');
    this.#length = canonical.length;
    this.#digits.write(canonical, MAX_DIGITS - canonical.length, 'latin1');
  }

  /** How many digits the number has. */
  get length(): number {
    return this.#length;
  }

  /** Moves on to `first + k`; k must not be smaller than before. */
  advanceTo(k: number): void {
    let carry = k - this.#k;
    this.#k = k;
    for (let at = MAX_DIGITS - 1; carry > 0 && at >= 0; at--) {
      const sum = (this.#digits[at] as number) - ZERO + carry;
      carry = Math.floor(sum / 10);
      this.#digits[at] = ZERO + (sum % 10);
      if (MAX_DIGITS - at > this.#length) this.#length = MAX_DIGITS - at;
    }
  }

  /** Writes the digits into `target` from `offset`. */
  copyTo(target: Buffer, offset: number): void {
    for (let at = MAX_DIGITS - this.#length; at < MAX_DIGITS; at++) {
      target[offset++] = this.#digits[at] as number;
    }
  }

  toString(): string {
    return this.#digits.toString('latin1', MAX_DIGITS - this.#length);
  }
}

/** The requests of one connection. */
export interface ConnectionRequest {
  /** The bytes of call k; unchanged until the next call is prepared, since a slow socket may still hold them. */
  prepare(k: number): Buffer;
}

/** Where a load's requests come from: the only part of the engine that knows methods, paths and statuses. */
export interface RequestSource {
  /** Per status (0 to 999) 1 where it is a success. */
  readonly expected: Uint8Array;
  /** The requests of one more connection. Calls are prepared in ascending order over all connections together. */
  forConnection(): ConnectionRequest;
}

/** A header field that is sent as it is: its name and its value. */
export type HeaderField = readonly [name: string, value: string];

/** Whom requests are for, and what they carry beside the route. */
export interface RequestContext {
  readonly basePath: string;
  /** Host and port as in the Host header. */
  readonly authority: string;
  readonly userAgent: string;
  /** Fields of the user's own; one that is also among ours replaces it. */
  readonly headers?: readonly HeaderField[];
  readonly signer?: RequestSigner;
}

/**
 * The requests of a plan for a route of the shed. `POST` says `Content-Length: 0`, as RFC 9110 §8.6 asks of a method that
 * could have a body; `GET` and `DELETE` have none.
 */
export function createRequestSource(
  plan: Pick<LoadPlan, 'route' | 'm' | 'n' | 'startAt' | 'keepAlive'>,
  context: RequestContext,
): RequestSource {
  const { method, path, expectedStatuses } = ROUTE_SPECS[plan.route];
  const [before = '', after] = path.split('{tattoo}');
  const query = plan.route === 'cat' ? `m=${plan.m}&n=${plan.n}` : '';
  const expected = new Uint8Array(STATUS_TABLE_LENGTH);
  for (const status of expectedStatuses) expected[status] = 1;
  const fields = fieldsOf(method, context, plan.keepAlive !== false);
  const target = { method, path: context.basePath + before, query, fields };
  const tattoos = after === undefined ? undefined : new DecimalCounter(plan.startAt);
  const { signer } = context;
  if (signer !== undefined) return { expected, ...signedRequests(target, tattoos, signer) };
  return { expected, ...plainRequests(target, tattoos) };
}

interface Target {
  readonly method: string;
  /** Up to the tattoo, where there is one. */
  readonly path: string;
  /** Without its question mark; empty where there is none. */
  readonly query: string;
  readonly fields: readonly HeaderField[];
}

function fieldsOf(method: string, context: RequestContext, keepAlive: boolean): HeaderField[] {
  const own = context.headers ?? [];
  const usual: HeaderField[] = [
    ['Host', context.authority],
    ['User-Agent', context.userAgent],
    ['Accept', 'application/json'],
    ...(method === 'POST' ? [['Content-Length', '0'] as const] : []),
    ...(keepAlive ? [] : [['Connection', 'close'] as const]),
  ];
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  return [...usual.filter(([name]) => !names.has(name.toLowerCase())), ...own];
}

function headText({ query, fields }: Target): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${query === '' ? '' : `?${query}`} HTTP/1.1\r\n${lines}\r\n`;
}

/** Serialised once. Every connection sends the same bytes, or has its own copy with the tattoo of the call at hand. */
function plainRequests(
  target: Target,
  tattoos: DecimalCounter | undefined,
): Pick<RequestSource, 'forConnection'> {
  const head = Buffer.from(`${target.method} ${target.path}`, 'latin1');
  const tail = Buffer.from(headText(target), 'latin1');
  const constant = Buffer.concat([head, tail]);
  if (tattoos === undefined) return { forConnection: () => ({ prepare: () => constant }) };
  const forConnection = (): ConnectionRequest => {
    let bytes = Buffer.alloc(0);
    let digits = 0;
    return {
      prepare(k) {
        tattoos.advanceTo(k);
        if (tattoos.length !== digits) {
          digits = tattoos.length;
          bytes = Buffer.concat([head, Buffer.alloc(digits), tail]);
        }
        tattoos.copyTo(bytes, head.length);
        return bytes;
      },
    };
  };
  return { forConnection };
}

/** A signature covers the path: requests that differ by a tattoo are signed each, all others once a minute. */
function signedRequests(
  target: Target,
  tattoos: DecimalCounter | undefined,
  signer: RequestSigner,
): Pick<RequestSource, 'forConnection'> {
  const serialise = (path: string): Buffer => {
    const fields = [...target.fields, ...signer.sign({ ...target, path })];
    return Buffer.from(`${target.method} ${path}${headText({ ...target, fields })}`, 'latin1');
  };
  if (tattoos !== undefined) {
    const prepare = (k: number) => {
      tattoos.advanceTo(k);
      return serialise(`${target.path}${tattoos}`);
    };
    return { forConnection: () => ({ prepare }) };
  }
  let bytes: Buffer = Buffer.alloc(0);
  const prepare = () => {
    if (signer.isStale()) bytes = serialise(target.path);
    return bytes;
  };
  return { forConnection: () => ({ prepare }) };
}
