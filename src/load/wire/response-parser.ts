import { ChunkFraming } from './chunk-framing.ts';
import { FieldReader, MAX_HEAD_BYTES, type ParseFailure } from './field-reader.ts';
import { CR, LF, NINE, SPACE, ZERO } from './http-bytes.ts';

/** How many interim (1xx) responses may precede the final one. */
const MAX_INTERIM = 32;
/** How many bytes of a captured body are kept. */
const MAX_CAPTURED_BYTES = 1024;
/**
 * Stands for the status of an Invoke whose function failed, because Lambda answers it with 200. HTTP does not have this
 * status.
 */
export const FUNCTION_ERROR_STATUS = 1000;
/** The length of a table that is indexed by status. */
export const STATUS_TABLE_LENGTH = FUNCTION_ERROR_STATUS + 1;

const START = 0;
const VERSION = 1;
const MINOR_VERSION = 2;
const STATUS_SPACE = 3;
const STATUS_DIGITS = 4;
const STATUS_END = 5;
const REASON = 6;
const LINE_LF = 7;
const HEAD = 8;
const BODY_COUNTED = 9;
const BODY_TO_END = 10;
const CHUNK_LINE = 11;
const CHUNK_DATA = 12;
const TRAILER = 13;
const COMPLETE = 14;
const FAILED = 15;

const VERSION_PREFIX = Buffer.from('HTTP/1.', 'latin1');
/** The beginning of nearly every answer, up to the status. */
const USUAL_START = new Uint8Array(Buffer.from('HTTP/1.1 ', 'latin1'));

/**
 * Reads HTTP/1.x responses one after the other, from bytes that may be split anywhere. It accepts what RFC 9112
 * requires of a recipient; docs/performance.md lists what else it refuses, and why. It keeps what a load needs (the
 * status, whether the connection can be reused, a clipped body if requested) and allocates nothing for an ordinary
 * answer.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class ResponseParser {
  /** The final status, 100 to 999, once its line was read; `FUNCTION_ERROR_STATUS` once its fields say so. */
  status = 0;
  /** Whether the server keeps the connection open after this response. */
  keepAlive = false;
  failure: ParseFailure | undefined;
  bodyBytes = 0;
  readonly fields = new FieldReader();

  readonly #captureStatus: Uint8Array;
  readonly #chunks = new ChunkFraming();
  #captured: Buffer | undefined;
  #capturedBytes = 0;
  #capturing = false;
  #state = START;
  #matched = 0;
  #minorVersion = 1;
  #interim = 0;
  #left = 0;

  /** @param captureStatus a table with 1 for every status whose body is kept, clipped */
  constructor(captureStatus: Uint8Array) {
    this.#captureStatus = captureStatus;
  }

  get isComplete(): boolean {
    return this.#state === COMPLETE;
  }

  /** Whether no byte of a response has been read. */
  get isUntouched(): boolean {
    return this.#state === START && this.#interim === 0;
  }

  /** Whether the body has begun. An end of the stream then cuts it short. */
  get isInBody(): boolean {
    return this.#state >= BODY_COUNTED && this.#state < COMPLETE;
  }

  /** The kept part of the body. Valid until the next `reset`. */
  get capturedBody(): Buffer {
    return (this.#captured ?? Buffer.alloc(0)).subarray(0, this.#capturedBytes);
  }

  /** Prepares for the next response. */
  reset(): void {
    this.status = 0;
    this.keepAlive = false;
    this.failure = undefined;
    this.bodyBytes = 0;
    this.#capturedBytes = 0;
    this.#interim = 0;
    this.#state = START;
  }

  /**
   * Reads `bytes` up to `end`. Returns how many bytes were used: fewer than `end` only if the response is complete or
   * invalid. Bytes after a complete response belong to no request.
   */
  execute(bytes: Uint8Array, end: number): number {
    let at = this.#state === START ? this.#readUsualStart(bytes, end) : 0;
    while (at < end) {
      switch (this.#state) {
        case REASON:
          at = this.#readReason(bytes, at, end);
          break;
        case HEAD:
        case TRAILER:
          at = this.fields.execute(bytes, at, end);
          if (this.fields.isDone) this.#state = this.#state === TRAILER ? COMPLETE : this.#endHead();
          else if (this.fields.failure !== undefined) this.#fail(this.fields.failure);
          break;
        case BODY_COUNTED:
        case BODY_TO_END:
        case CHUNK_DATA:
          at = this.#readBody(bytes, at, end);
          break;
        case CHUNK_LINE:
          this.#state = this.#stepChunkLine(bytes[at++] as number);
          break;
        case COMPLETE:
        case FAILED:
          return at;
        default:
          this.#state = this.#stepStatusLine(bytes[at++] as number);
      }
    }
    return at;
  }

  /** Handles the end of the stream. Returns whether the response is complete. */
  finish(): boolean {
    if (this.#state === BODY_TO_END) this.#state = COMPLETE;
    return this.#state === COMPLETE;
  }

  #fail(failure: ParseFailure): number {
    this.failure = failure;
    this.#state = FAILED;
    return FAILED;
  }

  /** Reads `HTTP/1.1 ` and three digits in one step if they begin the input. Otherwise reads nothing. */
  #readUsualStart(bytes: Uint8Array, end: number): number {
    if (end < USUAL_START.length + 3) return 0;
    for (let at = 0; at < USUAL_START.length; at++) if (bytes[at] !== USUAL_START[at]) return 0;
    let status = 0;
    for (let at = USUAL_START.length; at < USUAL_START.length + 3; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return 0;
      status = status * 10 + digit;
    }
    this.status = status;
    this.#minorVersion = 1;
    this.#state = STATUS_END;
    return USUAL_START.length + 3;
  }

  #readReason(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
    this.#matched += at - from;
    if (this.#matched > MAX_HEAD_BYTES) this.#fail('header-too-large');
    else if (at < end) this.#state = bytes[at++] === CR ? LINE_LF : this.#fail('bad-status-line');
    return at;
  }

  #stepStatusLine(byte: number): number {
    switch (this.#state) {
      case START:
        // Old servers send empty lines before a status line. They are ignored.
        if (byte === CR || byte === LF) return START;
        this.#matched = 1;
        return byte === VERSION_PREFIX[0] ? VERSION : this.#fail('bad-status-line');
      case VERSION:
        if (byte !== VERSION_PREFIX[this.#matched++]) return this.#fail('bad-status-line');
        return this.#matched === VERSION_PREFIX.length ? MINOR_VERSION : VERSION;
      case MINOR_VERSION:
        // A higher minor version is treated like ours (RFC 9110 §2.5).
        this.#minorVersion = byte - ZERO;
        return byte >= ZERO && byte <= NINE ? STATUS_SPACE : this.#fail('bad-status-line');
      case STATUS_SPACE:
        this.#matched = 0;
        this.status = 0;
        return byte === SPACE ? STATUS_DIGITS : this.#fail('bad-status-line');
      case STATUS_DIGITS:
        if (byte < ZERO || byte > NINE) return this.#fail('bad-status-line');
        this.status = this.status * 10 + byte - ZERO;
        return ++this.#matched === 3 ? STATUS_END : STATUS_DIGITS;
      case STATUS_END:
        if (this.status < 100 || (byte !== SPACE && byte !== CR)) return this.#fail('bad-status-line');
        this.#matched = 0;
        return byte === CR ? LINE_LF : REASON;
      default:
        if (byte !== LF) return this.#fail('bad-status-line');
        this.fields.reset();
        this.fields.wantLocation = this.status >= 300 && this.status < 400;
        return HEAD;
    }
  }

  #endHead(): number {
    const { fields, status } = this;
    if (status < 200) {
      // 101 switches to another protocol, which no request asked for.
      if (status === 101) return this.#fail('unexpected-upgrade');
      return ++this.#interim > MAX_INTERIM ? this.#fail('too-many-interim') : START;
    }
    if (fields.hasFunctionError) this.status = FUNCTION_ERROR_STATUS;
    this.#capturing = this.#captureStatus[this.status] === 1;
    this.keepAlive = !fields.closeAsked && (this.#minorVersion > 0 || fields.keepAliveAsked);
    // RFC 9112 §6.1: the framing of an HTTP/1.0 message with Transfer-Encoding is not to be trusted for another message.
    if (this.#minorVersion === 0 && fields.hasEncoding) this.keepAlive = false;
    if (status === 204 || status === 304) return COMPLETE;
    if (fields.chunked) {
      this.#chunks.reset();
      return CHUNK_LINE;
    }
    if (fields.contentLength >= 0) {
      this.#left = fields.contentLength;
      return this.#left === 0 ? COMPLETE : BODY_COUNTED;
    }
    this.keepAlive = false;
    return BODY_TO_END;
  }

  #readBody(bytes: Uint8Array, from: number, end: number): number {
    const taken = this.#state === BODY_TO_END ? end - from : Math.min(end - from, this.#left);
    this.bodyBytes += taken;
    if (this.#capturing) this.#capture(bytes, from, taken);
    if (this.#state === BODY_TO_END) return end;
    this.#left -= taken;
    if (this.#left === 0) {
      if (this.#state === CHUNK_DATA) {
        this.#chunks.endData();
        this.#state = CHUNK_LINE;
      } else this.#state = COMPLETE;
    }
    return from + taken;
  }

  #stepChunkLine(byte: number): number {
    const chunks = this.#chunks;
    chunks.step(byte);
    if (chunks.isBroken) return this.#fail('bad-chunk');
    if (!chunks.isSizeKnown) return CHUNK_LINE;
    this.#left = chunks.size;
    if (this.#left > 0) return CHUNK_DATA;
    this.fields.startTrailer();
    return TRAILER;
  }

  #capture(bytes: Uint8Array, from: number, count: number): void {
    this.#captured ??= Buffer.alloc(MAX_CAPTURED_BYTES);
    const kept = Math.min(count, MAX_CAPTURED_BYTES - this.#capturedBytes);
    this.#captured.set(bytes.subarray(from, from + kept), this.#capturedBytes);
    this.#capturedBytes += kept;
  }
}
