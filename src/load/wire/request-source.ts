import { randomUUID } from 'node:crypto';
import type { LoadPlan } from '../../model/run.ts';
import type { HeaderField, PlannedRequest, RequestContent } from '../../model/subject.ts';
import { requestOrder } from '../request-order.ts';
import { DecimalCounter } from './decimal-counter.ts';
import type { RequestSigner } from './request-signer.ts';
import { STATUS_TABLE_LENGTH } from './response-parser.ts';

const UUID_LENGTH = 36;
const PLACEHOLDER = /(\{n\}|\{uuid\})/;
/** Methods whose requests have `Content-Length: 0` if they have no body, as RFC 9110 §8.6 recommends. */
const MAY_HAVE_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const EMPTY = new Uint8Array(0);

/** The requests of one connection. */
export interface ConnectionRequest {
  /** The position in the plan of the request that the prepared call sends. */
  readonly at: number;
  /**
   * Returns the bytes of call k. They stay unchanged until the next call of this connection is prepared, because a slow
   * socket may still hold them.
   */
  prepare(k: number): Buffer;
}

/** Creates the requests of a load. It is the only part of the engine that knows methods, paths and statuses. */
export interface RequestSource {
  /** For each request of the plan a table over the statuses 0 to 999, with 1 for a success. */
  readonly expected: readonly Uint8Array[];
  /** The requests of one more connection. Calls are prepared in ascending order over all connections together. */
  forConnection(): ConnectionRequest;
}

/** The server of the requests, and the parts of the requests that are not in the plan. */
export interface RequestContext {
  readonly basePath: string;
  /** Host and port as in the Host header. */
  readonly authority: string;
  readonly userAgent: string;
  /** Header fields that every request gets. They replace the load's own fields of the same name. */
  readonly headers?: readonly HeaderField[];
  /** Own fields and bodies of the requests, in the order of the plan. Absent if none has any. */
  readonly contents?: readonly RequestContent[];
  readonly signer?: RequestSigner;
}

/** Creates the source of the requests of a plan. */
export function createRequestSource(
  plan: Pick<LoadPlan, 'requests' | 'startAt' | 'keepAlive'>,
  context: RequestContext,
): RequestSource {
  const numbers = new DecimalCounter(plan.startAt);
  const sources = plan.requests.map((planned, at) => {
    const message = messageOf(planned, context.contents?.[at] ?? {}, context, plan.keepAlive !== false);
    return context.signer === undefined
      ? plainRequests(message, numbers, at)
      : signedRequests(message, numbers, at, context.signer);
  });
  const [only, ...others] = sources;
  if (only === undefined) throw new Error('a plan has at least one request');
  const expected = plan.requests.map(({ expectedStatuses }) => {
    const table = new Uint8Array(STATUS_TABLE_LENGTH);
    for (const status of expectedStatuses) table[status] = 1;
    return table;
  });
  if (others.length === 0) return { expected, forConnection: only };
  const order = requestOrder(plan.requests.map(({ weight }) => weight));
  return {
    expected,
    forConnection: () =>
      new MixedRequests(
        sources.map((source) => source()),
        order,
      ),
  };
}

/** The requests of a mix on one connection. */
class MixedRequests implements ConnectionRequest {
  at = 0;
  readonly #requests: readonly ConnectionRequest[];
  readonly #order: Uint16Array;

  constructor(requests: readonly ConnectionRequest[], order: Uint16Array) {
    this.#requests = requests;
    this.#order = order;
  }

  prepare(k: number): Buffer {
    this.at = this.#order[k % this.#order.length] as number;
    return (this.#requests[this.at] as ConnectionRequest).prepare(k);
  }
}

/** Bytes, or a placeholder that each call fills in. */
type Piece = Uint8Array | '{n}' | '{uuid}';

/** A request before it is serialised. */
interface Message {
  readonly method: string;
  /** The target with the base path and the query. */
  readonly target: readonly Piece[];
  /** The header fields without Content-Length. */
  readonly fields: readonly HeaderField[];
  /** Undefined if the request has neither a body nor a Content-Length. */
  readonly body: readonly Piece[] | undefined;
  readonly hasGaps: boolean;
}

function messageOf(
  { method, path }: PlannedRequest,
  { headers = [], body, isTemplate }: RequestContent,
  context: RequestContext,
  keepAlive: boolean,
): Message {
  const target = piecesOf(context.basePath + path);
  const content = body === undefined ? undefined : isTemplate === true ? piecesOf(Buffer.from(body)) : [body];
  const own = [...(context.headers ?? []), ...headers];
  const usual: HeaderField[] = [
    ['Host', context.authority],
    ['User-Agent', context.userAgent],
    ['Accept', 'application/json'],
    ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
    ...(keepAlive ? [] : [['Connection', 'close'] as const]),
  ];
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  return {
    method,
    target,
    fields: [...usual.filter(([name]) => !names.has(name.toLowerCase())), ...own],
    body: content ?? (MAY_HAVE_BODY.has(method) ? [EMPTY] : undefined),
    hasGaps: [...target, ...(content ?? [])].some((piece) => typeof piece === 'string'),
  };
}

function piecesOf(text: string | Buffer): Piece[] {
  // Text in Latin-1 keeps every byte unchanged.
  const parts = text.toString('latin1').split(PLACEHOLDER);
  return parts
    .filter((part) => part !== '')
    .map((part) => (part === '{n}' || part === '{uuid}' ? part : Buffer.from(part, 'latin1')));
}

/** The length of the pieces in bytes, for a call's number of so many digits. */
function lengthOf(pieces: readonly Piece[], digits: number): number {
  return pieces.reduce(
    (sum, piece) => sum + (piece === '{n}' ? digits : piece === '{uuid}' ? UUID_LENGTH : piece.length),
    0,
  );
}

function piecesOfMessage({ method, target, fields, body }: Message, digits: number): Piece[] {
  const framed: HeaderField[] =
    body === undefined ? [...fields] : [...fields, ['Content-Length', String(lengthOf(body, digits))]];
  const lines = framed.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return [
    Buffer.from(`${method} `, 'latin1'),
    ...target,
    Buffer.from(` HTTP/1.1\r\n${lines}\r\n`, 'latin1'),
    ...(body ?? []),
  ];
}

/**
 * A buffer with the pieces of a request for a call's number of so many digits, and the positions of the placeholders.
 */
class Form {
  readonly bytes: Buffer;
  readonly #numbersAt: number[] = [];
  readonly #uuidsAt: number[] = [];

  constructor(pieces: readonly Piece[], digits: number) {
    this.bytes = Buffer.alloc(lengthOf(pieces, digits));
    let at = 0;
    for (const piece of pieces) {
      if (piece === '{n}') this.#numbersAt.push(at);
      else if (piece === '{uuid}') this.#uuidsAt.push(at);
      else this.bytes.set(piece, at);
      at += lengthOf([piece], digits);
    }
  }

  fill(numbers: DecimalCounter): Buffer {
    for (const at of this.#numbersAt) numbers.copyTo(this.bytes, at);
    for (const at of this.#uuidsAt) this.bytes.write(randomUUID(), at, 'latin1');
    return this.bytes;
  }
}

/**
 * Requests without a signature, serialised once. Every connection sends the same bytes, or has a copy of its own in
 * which each call fills in the placeholders.
 */
function plainRequests(message: Message, numbers: DecimalCounter, at: number): () => ConnectionRequest {
  if (!message.hasGaps) {
    const constant = new Form(piecesOfMessage(message, 0), 0).bytes;
    return () => ({ at, prepare: () => constant });
  }
  return () => {
    let form = new Form([], 0);
    let digits = 0;
    return {
      at,
      prepare(k) {
        numbers.advanceTo(k);
        if (numbers.length !== digits) {
          digits = numbers.length;
          form = new Form(piecesOfMessage(message, digits), digits);
        }
        return form.fill(numbers);
      },
    };
  };
}

/**
 * Requests with a signature, which covers path and body. If these differ from call to call, every call is signed.
 * Otherwise one signature is used for a minute.
 */
function signedRequests(
  message: Message,
  numbers: DecimalCounter,
  at: number,
  signer: RequestSigner,
): () => ConnectionRequest {
  const serialise = (k: number): Buffer => {
    numbers.advanceTo(k);
    const filled = (pieces: readonly Piece[]) => Buffer.from(new Form(pieces, numbers.length).fill(numbers));
    const target = filled(message.target);
    const body = message.body === undefined ? undefined : filled(message.body);
    const [path = '', query = ''] = splitOnce(target.toString('latin1'), '?');
    const { method } = message;
    const signature = signer.sign({ method, path, query, fields: message.fields, body: body ?? EMPTY });
    const signed = {
      ...message,
      target: [target],
      body: body === undefined ? undefined : [body],
      fields: [...message.fields, ...signature],
    };
    return new Form(piecesOfMessage(signed, 0), 0).bytes;
  };
  if (message.hasGaps) return () => ({ at, prepare: serialise });
  let bytes: Buffer = Buffer.alloc(0);
  let signedAtMs = Number.NEGATIVE_INFINITY;
  const prepare = (k: number) => {
    if (signer.isStale(signedAtMs)) {
      bytes = serialise(k);
      signedAtMs = signer.signedAtMs;
    }
    return bytes;
  };
  return () => ({ at, prepare });
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
