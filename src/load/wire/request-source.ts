import { ROUTE_SPECS } from '../../model/route.ts';
import type { LoadPlan } from '../../model/run.ts';
import type { RequestSigner } from './request-signer.ts';
import { STATUS_TABLE_LENGTH } from './response-parser.ts';

const ZERO = 48;
/** 2^64 − 1 has twenty digits. A sum may have one more before it is checked. */
const MAX_DIGITS = 21;

/**
 * The decimal digits of `first + k` in ASCII, for ascending k. Tattoos exceed the exact range of a number, and a BigInt
 * per call would create garbage for every call.
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

  /** Advances to `first + k`. k must not be smaller than before. */
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
  /**
   * Returns the bytes of call k. They stay unchanged until the next call of this connection is prepared, because a slow
   * socket may still hold them.
   */
  prepare(k: number): Buffer;
}

/** Creates the requests of a load. It is the only part of the engine that knows methods, paths and statuses. */
export interface RequestSource {
  /** Indexed by status (0 to 999): 1 if it is a success. */
  readonly expected: Uint8Array;
  /**
   * Creates the requests of another connection. Over all connections together, calls are prepared in ascending order.
   */
  forConnection(): ConnectionRequest;
}

/** A header field that is sent unchanged: its name and its value. */
export type HeaderField = readonly [name: string, value: string];

/** The server and the header fields that all requests have. */
export interface RequestContext {
  readonly basePath: string;
  /** Host and port as in the Host header. */
  readonly authority: string;
  readonly userAgent: string;
  /** The user's own fields. They replace default fields of the same name. */
  readonly headers?: readonly HeaderField[];
  readonly signer?: RequestSigner;
}

/**
 * Creates the requests of a plan for a route of the shed. `POST` has `Content-Length: 0`, as RFC 9110 §8.6 requires of
 * a method that may have a body. `GET` and `DELETE` have none.
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
  /** The path up to the tattoo, if it has one. */
  readonly path: string;
  /** Without the question mark. Empty if there is no query. */
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

/**
 * Serialised only once. All connections send the same bytes, or each has a copy in which the tattoo is replaced for
 * every call.
 */
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

/** A signature covers the path. So requests with a tattoo are signed one by one, and all others once a minute. */
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
