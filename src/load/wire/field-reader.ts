import {
  COLON,
  CONNECTION_FORK,
  CR,
  FIELD,
  FIELD_BY_FIRST,
  FIELD_NAMES,
  FIELD_VALUE,
  FUNCTION_ERROR_FORK,
  LF,
  SPACE,
  TAB,
  TOKEN_LOWER,
  ZERO,
} from './http-bytes.ts';

/** Why bytes are not a valid HTTP/1.x response. These are also error kinds of a run record. */
export type ParseFailure =
  | 'bad-status-line'
  | 'bad-header'
  | 'bad-content-length'
  | 'bad-transfer-encoding'
  | 'bad-chunk'
  | 'header-too-large'
  | 'too-many-interim'
  | 'unexpected-upgrade';

/** The largest size of a response's header fields, bytes. It is the default of undici and Node. */
export const MAX_HEAD_BYTES = 16_384;
/** 2^53 − 1, beyond which a length can't be counted exactly. */
const MAX_LENGTH = Number.MAX_SAFE_INTEGER;

const KEEP_ALIVE = new Uint8Array(Buffer.from('keep-alive', 'latin1'));

/** No field has begun, so white space at a line's start does not continue one. */
const NO_FIELD = -1;
/** Fields that determine the framing. A folded one could be read in two ways, so it is refused. */
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
 * Reads header or trailer fields up to the empty line after them, from input that may be split anywhere. It interprets
 * the fields that determine the framing. Names are compared in place, byte by byte, and only values that are needed are
 * kept.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-5
 */
export class FieldReader {
  failure: ParseFailure | undefined;
  /** -1 without Content-Length. */
  contentLength = -1;
  hasEncoding = false;
  /** Whether the last transfer coding is `chunked`, the only coding that marks the end of the body. */
  chunked = false;
  closeAsked = false;
  keepAliveAsked = false;
  /**
   * `Keep-Alive: timeout=…` in ms; 0 if the server sent none. It holds for the whole connection, so `reset` keeps it.
   */
  idleLimitMs = 0;
  errorType: string | undefined;
  /** The value of Retry-After, not parsed. */
  retryAfter: string | undefined;
  /** Whether a function that was invoked failed: the answer to an Invoke says so. */
  hasFunctionError = false;
  /** Set by the owner if the answer may be a redirect, whose target is to be read into `location`. */
  wantLocation = false;
  location: string | undefined;
  /** Set by the owner if the Date field is to be read into `dateText`. */
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

  /** Prepares for the head of another message. */
  reset(): void {
    this.failure = undefined;
    this.contentLength = -1;
    this.hasEncoding = false;
    this.chunked = false;
    this.closeAsked = false;
    this.keepAliveAsked = false;
    this.errorType = undefined;
    this.retryAfter = undefined;
    this.location = undefined;
    this.hasFunctionError = false;
    this.wantLocation = false;
    this.#state = LINE_START;
    this.#inTrailer = false;
    this.#bytes = 0;
    this.#field = NO_FIELD;
  }

  /** Prepares for the trailer of the same message. Its fields do not change the framing. */
  startTrailer(): void {
    this.#state = LINE_START;
    this.#inTrailer = true;
    this.#bytes = 0;
    this.#field = NO_FIELD;
  }

  /**
   * Reads `bytes` from `from` to `end`. Returns where it stopped: at `end`, after the last field, or at an error. The
   * code of the states is in the order of a line, so that a whole line is read without a loop.
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
   * White space at a line's start continues the previous value. It is obsolete, but a user agent must accept it. The
   * continuation is ignored, because fields that do not concern framing are complete without it.
   * @see https://www.rfc-editor.org/rfc/rfc9112#section-5.2
   */
  #startFold(): number {
    if (this.#field === NO_FIELD || (FRAMING.has(this.#field) && !this.#inTrailer)) {
      return this.#fail('bad-header');
    }
    this.#field = FIELD.other;
    return VALUE_START;
  }

  /** Compares a name with the only field that it can be. Returns where the name ends, or `end`. */
  #matchName(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    for (; at < end; at++) {
      const lower = TOKEN_LOWER[bytes[at] as number] as number;
      if (lower === 0) return at;
      if (lower !== (FIELD_NAMES[this.#field] as Uint8Array)[this.#nameAt]) {
        this.#field = this.#forkOf(lower);
        if (this.#field === FIELD.other) return skipName(bytes, at, end);
      }
      this.#nameAt++;
    }
    return at;
  }

  /** The other name that the characters so far and this one may belong to. */
  #forkOf(lower: number): number {
    const { at, byte } = this.#field === FIELD.contentLength ? CONNECTION_FORK : FUNCTION_ERROR_FORK;
    if (this.#nameAt !== at || lower !== byte) return FIELD.other;
    if (this.#field === FIELD.contentLength) return FIELD.connection;
    return this.#field === FIELD.errorType ? FIELD.functionError : FIELD.other;
  }

  #endName(): number {
    if (this.#nameAt !== (FIELD_NAMES[this.#field] as Uint8Array).length) this.#field = FIELD.other;
    return VALUE_START;
  }

  /** Ends a value. Nearly always it began in the same bytes and is read in place. */
  #endValue(bytes: Uint8Array, from: number, to: number): number {
    if (this.#field === FIELD.other) return VALUE_LF;
    if (this.#valueBytes === 0) return this.#takeField(bytes, from, to);
    this.#keepValue(bytes, from, to);
    return this.#takeField(this.#value, 0, this.#valueBytes);
  }

  #keepValue(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#valueBytes + to - from;
    // A longer value exceeds the limit of the head, which is checked elsewhere.
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
        if (!this.#inTrailer) return this.#takeEncoding(textOf(bytes, from, to));
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
      case FIELD.functionError:
        if (!this.#inTrailer) this.hasFunctionError = true;
        break;
      case FIELD.location:
        if (this.wantLocation) this.location = textOf(bytes, from, to);
        break;
      default:
        this.errorType = textOf(bytes, from, to);
    }
    return VALUE_LF;
  }

  /**
   * Of several fields or codings the last decides, because only a final `chunked` delimits the body. After any other
   * final coding the body lasts until the server closes the connection. `chunked` has no parameters: with one, nothing
   * tells where the body ends.
   * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
   */
  #takeEncoding(codings: string): number {
    this.hasEncoding = true;
    this.chunked = /(?:^|,)[ \t]*chunked[ \t,]*$/i.test(codings);
    if (/(?:^|,)[ \t]*chunked[ \t]*;/i.test(codings)) return this.#fail('bad-transfer-encoding');
    return this.contentLength >= 0 ? this.#fail('bad-content-length') : VALUE_LF;
  }

  /**
   * Accepts one length, or a list of equal ones. Different lengths, or a length together with a transfer coding, allow
   * response splitting and are refused.
   */
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

  /** Whether these bytes are a number, equal to an earlier one if there is one. */
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
    // Nearly every server sends this value, many with every answer, so it is compared without creating a string.
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

/** Returns where the characters of a name end, or `end`. */
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
