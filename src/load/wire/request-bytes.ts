import { ROUTE_SPECS } from '../../model/route.ts';
import type { LoadPlan } from '../../model/run.ts';

const ZERO = 48;
/** 2^64 − 1 has twenty digits; one more for a carry that a sum may have before it is checked. */
const MAX_DIGITS = 21;

/**
 * The decimal digits of `first + k` for ascending k, of any size, in ASCII: tattoos exceed what a number holds, and a
 * BigInt per call would be garbage per call.
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

/** What one connection sends: the same bytes for every call, or its own copy with the tattoo of the call at hand. */
export interface ConnectionRequest {
  /** The bytes of call k; unchanged until the next call is prepared, since a slow socket may still hold them. */
  prepare(k: number): Buffer;
}

/**
 * The requests of a plan, serialised once. `POST` says `Content-Length: 0`, as RFC 9110 §8.6 wants of a method that
 * could have a body; `GET` and `DELETE` have none.
 */
export class RequestBytes {
  readonly #head: Buffer;
  readonly #tail: Buffer;
  readonly #tattoos: DecimalCounter | undefined;
  readonly #constant: ConnectionRequest;

  constructor(
    plan: Pick<LoadPlan, 'route' | 'm' | 'n' | 'startAt'>,
    to: { readonly basePath: string; readonly authority: string; readonly userAgent: string },
  ) {
    const { method, path } = ROUTE_SPECS[plan.route];
    const [before = '', after] = path.split('{tattoo}');
    const query = plan.route === 'cat' ? `?m=${plan.m}&n=${plan.n}` : '';
    const length = method === 'POST' ? 'Content-Length: 0\r\n' : '';
    this.#tattoos = after === undefined ? undefined : new DecimalCounter(plan.startAt);
    this.#head = Buffer.from(`${method} ${to.basePath}${before}`, 'latin1');
    this.#tail = Buffer.from(
      `${after ?? ''}${query} HTTP/1.1\r\nHost: ${to.authority}\r\nUser-Agent: ${to.userAgent}\r\n` +
        `Accept: application/json\r\n${length}\r\n`,
      'latin1',
    );
    const bytes = Buffer.concat([this.#head, this.#tail]);
    this.#constant = { prepare: () => bytes };
  }

  /** The requests of one connection. Calls are prepared in ascending order over all connections together. */
  forConnection(): ConnectionRequest {
    const tattoos = this.#tattoos;
    if (tattoos === undefined) return this.#constant;
    const head = this.#head;
    const tail = this.#tail;
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
  }
}
