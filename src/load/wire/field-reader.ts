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
import type { ParseFailure } from './response-parser.ts';

/** Names and values of one response's header fields, in bytes: what undici and Node allow by default. */
export const MAX_HEAD_BYTES = 16_384;
/** 2^53 − 1, beyond which a length can't be counted exactly. */
const MAX_LENGTH = Number.MAX_SAFE_INTEGER;

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
  wantDate = false;
  dateText: string | undefined;

  #state = LINE_START;
  #inTrailer = false;
  #bytes = 0;
  #field: number = FIELD.other;
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
  }

  /** Makes ready for the trailer of the same message: its fields change nothing, but a length there is refused. */
  startTrailer(): void {
    this.#state = LINE_START;
    this.#inTrailer = true;
    this.#bytes = 0;
  }

  /** Reads `bytes` from `from` to `end`; returns where it stopped: `end`, or after the fields' end or their fault. */
  execute(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && this.#state < DONE) {
      if (this.#state === NAME) at = this.#readName(bytes, at, end);
      else if (this.#state === VALUE) at = this.#readValue(bytes, at, end);
      else this.#state = this.#step(bytes[at++] as number);
    }
    return at;
  }

  #fail(failure: ParseFailure): number {
    this.failure = failure;
    this.#state = FAILED;
    return FAILED;
  }

  #step(byte: number): number {
    switch (this.#state) {
      case LINE_START: {
        if (byte === CR) return END_LF;
        const lower = TOKEN_LOWER[byte] as number;
        // A space or tab here would continue the line before: obsolete, and a way to smuggle.
        if (lower === 0) return this.#fail('bad-header');
        this.#field = FIELD_BY_FIRST[lower] as number;
        this.#nameAt = 1;
        this.#bytes++;
        return NAME;
      }
      case VALUE_START:
        if (byte === SPACE || byte === TAB) return VALUE_START;
        if (byte === CR) return VALUE_LF;
        if (FIELD_VALUE[byte] !== 1) return this.#fail('bad-header');
        if (this.#field !== FIELD.other) {
          this.#value[0] = byte;
          this.#valueBytes = 1;
        }
        this.#bytes++;
        return VALUE;
      case VALUE_LF:
        if (byte !== LF) return this.#fail('bad-header');
        return this.#field === FIELD.other ? LINE_START : this.#takeField();
      default:
        return byte === LF ? DONE : this.#fail('bad-header');
    }
  }

  #readName(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    let field = this.#field;
    let nameAt = this.#nameAt;
    while (at < end) {
      const byte = bytes[at++] as number;
      const lower = TOKEN_LOWER[byte] as number;
      if (lower === 0) {
        if (byte !== COLON) {
          this.#fail('bad-header');
          return at;
        }
        if (nameAt !== (FIELD_NAMES[field] as Uint8Array).length) field = FIELD.other;
        this.#valueBytes = 0;
        this.#state = VALUE_START;
        break;
      }
      if (field !== FIELD.other) {
        if (lower !== (FIELD_NAMES[field] as Uint8Array)[nameAt]) {
          const forks = nameAt === FORK_AT && lower === FORK_BYTE && field === FIELD.contentLength;
          field = forks ? FIELD.connection : FIELD.other;
        }
        nameAt++;
      }
    }
    this.#field = field;
    this.#nameAt = nameAt;
    this.#bytes += at - from;
    if (this.#bytes > MAX_HEAD_BYTES) this.#fail('header-too-large');
    return at;
  }

  #readValue(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && FIELD_VALUE[bytes[at] as number] === 1) at++;
    if (this.#field !== FIELD.other && at > from) this.#keepValue(bytes, from, at);
    this.#bytes += at - from;
    if (this.#bytes > MAX_HEAD_BYTES) this.#fail('header-too-large');
    else if (at < end) this.#state = bytes[at++] === CR ? VALUE_LF : this.#fail('bad-header');
    return at;
  }

  #keepValue(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#valueBytes + to - from;
    // The count of bytes ends the message before a value can grow beyond that.
    if (needed > MAX_HEAD_BYTES) return;
    if (needed > this.#value.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#value.length * 4));
      larger.set(this.#value.subarray(0, this.#valueBytes));
      this.#value = larger;
    }
    for (let at = from; at < to; at++) this.#value[this.#valueBytes++] = bytes[at] as number;
  }

  #takeField(): number {
    while (this.#valueBytes > 0 && isBlank(this.#value[this.#valueBytes - 1] as number)) this.#valueBytes--;
    switch (this.#field) {
      case FIELD.contentLength:
        return this.#takeLength();
      case FIELD.transferEncoding:
        if (this.#inTrailer) break;
        // With several fields or codings the last decides: only a final `chunked` delimits the body.
        this.hasEncoding = true;
        this.chunked = /(?:^|,)[ \t]*chunked$/i.test(this.#valueText());
        if (this.contentLength >= 0) return this.#fail('bad-content-length');
        break;
      case FIELD.connection:
        if (!this.#inTrailer) this.#takeConnection();
        break;
      case FIELD.keepAlive: {
        const [, seconds] = /(?:^|[,\s])timeout\s*=\s*(\d{1,6})/i.exec(this.#valueText()) ?? [];
        if (seconds !== undefined) this.idleLimitMs = Number(seconds) * 1000;
        break;
      }
      case FIELD.date:
        if (!this.wantDate) break;
        this.wantDate = false;
        this.dateText = this.#valueText();
        break;
      default:
        this.errorType = this.#valueText();
    }
    return LINE_START;
  }

  #takeLength(): number {
    // A second length, or one beside an encoding, is how responses are split: never guess.
    if (this.contentLength >= 0 || this.hasEncoding || this.#valueBytes === 0) {
      return this.#fail('bad-content-length');
    }
    let length = 0;
    for (let at = 0; at < this.#valueBytes; at++) {
      const digit = (this.#value[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return this.#fail('bad-content-length');
      length = length * 10 + digit;
      if (length > MAX_LENGTH) return this.#fail('bad-content-length');
    }
    this.contentLength = length;
    return LINE_START;
  }

  #takeConnection(): void {
    for (const option of this.#valueText().toLowerCase().split(',')) {
      const name = option.trim();
      if (name === 'close') this.closeAsked = true;
      else if (name === 'keep-alive') this.keepAliveAsked = true;
    }
  }

  #valueText(): string {
    return this.#value.toString('latin1', 0, this.#valueBytes);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
