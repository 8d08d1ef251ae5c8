import {
  COLON,
  CR,
  FIELD,
  FIELD_BY_FIRST,
  FIELD_NAMES,
  FIELD_VALUE,
  FORK_AT,
  FORK_BYTE,
  LF,
  SPACE,
  TAB,
  TOKEN_LOWER,
  ZERO,
} from './http-bytes.ts';

/** What is wrong with bytes that are no HTTP/1.x response; also error kinds of a run record. */
export type ParseFailure =
  | 'bad-status-line'
  | 'bad-header'
  | 'bad-content-length'
  | 'bad-chunk'
  | 'header-too-large'
  | 'too-many-interim'
  | 'unexpected-upgrade';

/** Names and values of one response's header fields, in bytes: what undici and Node allow by default. */
export const MAX_HEAD_BYTES = 16_384;
/** 2^53 − 1, beyond which a length can't be counted exactly. */
const MAX_LENGTH = Number.MAX_SAFE_INTEGER;

const KEEP_ALIVE = new Uint8Array(Buffer.from('keep-alive', 'latin1'));

/** No field has begun yet, so that white space at a line's start continues nothing. */
const NO_FIELD = -1;
/** Fields that decide how the message is framed: a folded one could be read in two ways. */
const FRAMING: ReadonlySet<number> = new Set([FIELD.contentLength, FIELD.transferEncoding, FIELD.connection]);

const LINE_START = 0;
const NAME = 1;
const VALUE_START = 2;
const VALUE = 3;
const VALUE_LF = 4;
const END_LF = 5;
const DONE = 6;
const FAILED = 7;

/**
 * Reads header or trailer fields up to the empty line that ends them, from bytes cut anywhere, and understands those
 * that decide how a response is framed. Names match in place, byte by byte; only values that matter are kept.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-5
 */
export class FieldReader {
  failure: ParseFailure | undefined;
  /** -1 without Content-Length. */
  contentLength = -1;
  hasEncoding = false;
  /** Whether the last transfer coding is `chunked`, the only one that says where the body ends. */
  chunked = false;
  closeAsked = false;
  keepAliveAsked = false;
  /** `Keep-Alive: timeout=…` in ms; 0 where the server named none. Holds for the connection, so `reset` keeps it. */
  idleLimitMs = 0;
  errorType: string | undefined;
  /** The value of Retry-After, unread. */
  retryAfter: string | undefined;
  /** Set from outside where the Date field is to be read; `dateText` then holds it. */
  wantDate = false;
  dateText: string | undefined;

  #state = LINE_START;
  #inTrailer = false;
  #bytes = 0;
  #field: number = NO_FIELD;
  #nameAt = 0;
  #value = Buffer.alloc(64);
  #valueBytes = 0;

  get isDone(): boolean {
    return this.#state === DONE;
  }

  /** Makes ready for the head of another message. */
  reset(): void {
    this.failure = undefined;
    this.contentLength = -1;
    this.hasEncoding = false;
    this.chunked = false;
    this.closeAsked = false;
    this.keepAliveAsked = false;
    this.#state = LINE_START;
    this.#inTrailer = false;
    this.#bytes = 0;
    this.#field = NO_FIELD;
  }

  /** Makes ready for the trailer of the same message: its fields change nothing of how the message is framed. */
  startTrailer(): void {
    this.#state = LINE_START;
    this.#inTrailer = true;
    this.#bytes = 0;
    this.#field = NO_FIELD;
  }

  /**
   * Reads `bytes` from `from` to `end`; returns where it stopped: `end`, or after the fields' end or their fault. The
   * states follow one another in the text, so that a whole line is read without going round.
   */
  execute(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    let state = this.#state;
    while (at < end && state < DONE) {
      if (state === LINE_START) state = this.#startLine(bytes[at++] as number);
      if (state === NAME && at < end) {
        at = this.#field === FIELD.other ? skipName(bytes, at, end) : this.#matchName(bytes, at, end);
        if (at < end) state = bytes[at++] === COLON ? this.#endName() : this.#fail('bad-header');
      }
      if (state === VALUE_START) {
        while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
        if (at < end) state = VALUE;
      }
      if (state === VALUE && at < end) {
        const start = at;
        while (at < end && FIELD_VALUE[bytes[at] as number] === 1) at++;
        if (at === end) this.#keepValue(bytes, start, at);
        else if (bytes[at++] !== CR) state = this.#fail('bad-header');
        else state = this.#endValue(bytes, start, at - 1);
      }
      if (state === VALUE_LF && at < end) state = bytes[at++] === LF ? LINE_START : this.#fail('bad-header');
      else if (state === END_LF && at < end) state = bytes[at++] === LF ? DONE : this.#fail('bad-header');
    }
    this.#bytes += at - from;
    if (this.#bytes > MAX_HEAD_BYTES && state <= DONE) state = this.#fail('header-too-large');
    this.#state = state;
    return at;
  }

  #fail(failure: ParseFailure): number {
    this.failure = failure;
    return FAILED;
  }

  #startLine(byte: number): number {
    if (byte === CR) return END_LF;
    const lower = TOKEN_LOWER[byte] as number;
    if (lower === 0) return isBlank(byte) ? this.#startFold() : this.#fail('bad-header');
    this.#field = FIELD_BY_FIRST[lower] as number;
    this.#nameAt = 1;
    this.#valueBytes = 0;
    return NAME;
  }

  /**
   * White space at a line's start continues the value before: obsolete, but a user agent must read it. What the fields
   * outside framing say is complete without their further lines.
   * @see https://www.rfc-editor.org/rfc/rfc9112#section-5.2
   */
  #startFold(): number {
    if (this.#field === NO_FIELD || (FRAMING.has(this.#field) && !this.#inTrailer)) {
      return this.#fail('bad-header');
    }
    this.#field = FIELD.other;
    return VALUE_START;
  }

  /** Matches a name against the field that it may be; returns where the name ends, or `end`. */
  #matchName(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    for (; at < end; at++) {
      const lower = TOKEN_LOWER[bytes[at] as number] as number;
      if (lower === 0) return at;
      if (lower !== (FIELD_NAMES[this.#field] as Uint8Array)[this.#nameAt]) {
        const forks = this.#nameAt === FORK_AT && lower === FORK_BYTE && this.#field === FIELD.contentLength;
        this.#field = forks ? FIELD.connection : FIELD.other;
        if (!forks) return skipName(bytes, at, end);
      }
      this.#nameAt++;
    }
    return at;
  }

  #endName(): number {
    if (this.#nameAt !== (FIELD_NAMES[this.#field] as Uint8Array).length) this.#field = FIELD.other;
    return VALUE_START;
  }

  /** The value ends here. Nearly always it began in the same bytes, and is then read in place. */
  #endValue(bytes: Uint8Array, from: number, to: number): number {
    if (this.#field === FIELD.other) return VALUE_LF;
    if (this.#valueBytes === 0) return this.#takeField(bytes, from, to);
    this.#keepValue(bytes, from, to);
    return this.#takeField(this.#value, 0, this.#valueBytes);
  }

  #keepValue(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#valueBytes + to - from;
    // A longer value fails the message by its count of bytes.
    if (this.#field === FIELD.other || needed > MAX_HEAD_BYTES) return;
    if (needed > this.#value.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#value.length * 4));
      larger.set(this.#value.subarray(0, this.#valueBytes));
      this.#value = larger;
    }
    for (let at = from; at < to; at++) this.#value[this.#valueBytes++] = bytes[at] as number;
  }

  #takeField(bytes: Uint8Array, from: number, end: number): number {
    let to = end;
    while (to > from && isBlank(bytes[to - 1] as number)) to--;
    switch (this.#field) {
      case FIELD.contentLength:
        return this.#takeLength(bytes, from, to);
      case FIELD.transferEncoding:
        if (this.#inTrailer) break;
        // With several fields or codings the last decides: only a final `chunked` delimits the body.
        this.hasEncoding = true;
        this.chunked = /(?:^|,)[ \t]*chunked[ \t,]*$/i.test(textOf(bytes, from, to));
        if (this.contentLength >= 0) return this.#fail('bad-content-length');
        break;
      case FIELD.connection:
        if (!this.#inTrailer) this.#takeConnection(bytes, from, to);
        break;
      case FIELD.keepAlive: {
        const [, seconds] = /(?:^|[,\s])timeout\s*=\s*(\d{1,6})/i.exec(textOf(bytes, from, to)) ?? [];
        if (seconds !== undefined) this.idleLimitMs = Number(seconds) * 1000;
        break;
      }
      case FIELD.date:
        if (!this.wantDate) break;
        this.wantDate = false;
        this.dateText = textOf(bytes, from, to);
        break;
      case FIELD.retryAfter:
        this.retryAfter = textOf(bytes, from, to);
        break;
      default:
        this.errorType = textOf(bytes, from, to);
    }
    return VALUE_LF;
  }

  /** One length, or a list of equal ones. Two that differ, or one beside an encoding, are how responses are split. */
  #takeLength(bytes: Uint8Array, from: number, to: number): number {
    if (this.#inTrailer) return VALUE_LF;
    if (!this.hasEncoding && this.#takeDigits(bytes, from, to)) return VALUE_LF;
    const parts = this.hasEncoding ? [] : textOf(bytes, from, to).split(',');
    const areEqual =
      parts.length > 1 &&
      parts.every((part) => {
        const digits = Buffer.from(part.replace(/^[ \t]+|[ \t]+$/g, ''), 'latin1');
        return this.#takeDigits(digits, 0, digits.length);
      });
    return areEqual ? VALUE_LF : this.#fail('bad-content-length');
  }

  /** Whether these bytes are a length, and the same as one before. */
  #takeDigits(bytes: Uint8Array, from: number, to: number): boolean {
    if (from === to) return false;
    let length = 0;
    for (let at = from; at < to; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return false;
      length = length * 10 + digit;
      if (length > MAX_LENGTH) return false;
    }
    if (this.contentLength >= 0 && this.contentLength !== length) return false;
    this.contentLength = length;
    return true;
  }

  #takeConnection(bytes: Uint8Array, from: number, to: number): void {
    // Nearly every server sends this, many with each answer: no string is made of it.
    if (equalsLower(bytes, from, to, KEEP_ALIVE)) {
      this.keepAliveAsked = true;
      return;
    }
    for (const option of textOf(bytes, from, to).toLowerCase().split(',')) {
      const name = option.trim();
      if (name === 'close') this.closeAsked = true;
      else if (name === 'keep-alive') this.keepAliveAsked = true;
    }
  }
}

/** Where a run of a name's characters ends, or `end`. */
function skipName(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && TOKEN_LOWER[bytes[at] as number] !== 0) at++;
  return at;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

function equalsLower(bytes: Uint8Array, from: number, to: number, lower: Uint8Array): boolean {
  if (to - from !== lower.length) return false;
  for (let at = 0; at < lower.length; at++) {
    if (TOKEN_LOWER[bytes[from + at] as number] !== lower[at]) return false;
  }
  return true;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
