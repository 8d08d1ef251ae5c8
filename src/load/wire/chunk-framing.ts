import {
  BACKSLASH,
  CR,
  EQUALS,
  FIELD_VALUE,
  HEX_VALUE,
  LF,
  QUOTE,
  SEMICOLON,
  SPACE,
  TAB,
  TOKEN_LOWER,
} from './http-bytes.ts';

/** Longer size lines of a chunk are refused. Only extensions make a line long, and no client reads them. */
const MAX_LINE_BYTES = 16_384;

const FIRST_DIGIT = 0;
const SIZE = 1;
const SIZE_AFTER = 2;
const EXTENSION = 3;
const EXTENSION_NAME = 4;
const EXTENSION_NAME_AFTER = 5;
const EXTENSION_VALUE_BEFORE = 6;
const EXTENSION_VALUE = 7;
const EXTENSION_QUOTED = 8;
const EXTENSION_ESCAPE = 9;
const EXTENSION_AFTER = 10;
const SIZE_LF = 11;
const SIZE_KNOWN = 12;
const DATA_CR = 13;
const DATA_LF = 14;
const FAILED = 15;

/**
 * The lines between the data of a chunked body: a size in hexadecimal, extensions that are checked and ignored, and
 * the line end after each chunk's data.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class ChunkFraming {
  /** The size of the current chunk, once `isSizeKnown`. 0 for the last chunk. */
  size = 0;
  #state = FIRST_DIGIT;
  #lineBytes = 0;

  get isSizeKnown(): boolean {
    return this.#state === SIZE_KNOWN;
  }

  get isBroken(): boolean {
    return this.#state === FAILED;
  }

  reset(): void {
    this.#state = FIRST_DIGIT;
  }

  /** Called when the chunk's data was read. Its line end comes next. */
  endData(): void {
    this.#state = DATA_CR;
  }

  step(byte: number): void {
    this.#state = this.#next(byte);
  }

  #next(byte: number): number {
    switch (this.#state) {
      case FIRST_DIGIT:
        this.size = 0;
        this.#lineBytes = 0;
        return HEX_VALUE[byte] === 255 ? FAILED : this.#nextInSize(byte);
      case SIZE:
        return this.#nextInSize(byte);
      case SIZE_LF:
        return byte === LF ? SIZE_KNOWN : FAILED;
      case DATA_CR:
        return byte === CR ? DATA_LF : FAILED;
      case DATA_LF:
        return byte === LF ? FIRST_DIGIT : FAILED;
      default:
        return this.#nextInExtension(byte);
    }
  }

  #nextInSize(byte: number): number {
    const digit = HEX_VALUE[byte] as number;
    if (digit === 255) {
      return ++this.#lineBytes > MAX_LINE_BYTES ? FAILED : endSize(byte);
    }
    this.size = this.size * 16 + digit;
    return this.size > Number.MAX_SAFE_INTEGER || ++this.#lineBytes > MAX_LINE_BYTES ? FAILED : SIZE;
  }

  /** If a byte is not allowed in an extension, the framing is lost. */
  #nextInExtension(byte: number): number {
    if (++this.#lineBytes > MAX_LINE_BYTES) return FAILED;
    const isToken = TOKEN_LOWER[byte] !== 0;
    switch (this.#state) {
      case SIZE_AFTER:
        return endSize(byte);
      case EXTENSION:
        if (isToken) return EXTENSION_NAME;
        return isBlank(byte) ? EXTENSION : FAILED;
      case EXTENSION_NAME:
        if (isToken) return EXTENSION_NAME;
        return byte === EQUALS ? EXTENSION_VALUE_BEFORE : endExtension(byte, EXTENSION_NAME_AFTER);
      case EXTENSION_NAME_AFTER:
        return byte === EQUALS ? EXTENSION_VALUE_BEFORE : endExtension(byte, EXTENSION_NAME_AFTER);
      case EXTENSION_VALUE_BEFORE:
        if (isToken) return EXTENSION_VALUE;
        if (isBlank(byte)) return EXTENSION_VALUE_BEFORE;
        return byte === QUOTE ? EXTENSION_QUOTED : endExtension(byte, EXTENSION_AFTER);
      case EXTENSION_VALUE:
        return isToken ? EXTENSION_VALUE : endExtension(byte, EXTENSION_AFTER);
      case EXTENSION_QUOTED:
        if (byte === QUOTE) return EXTENSION_AFTER;
        if (byte === BACKSLASH) return EXTENSION_ESCAPE;
        return FIELD_VALUE[byte] === 1 ? EXTENSION_QUOTED : FAILED;
      case EXTENSION_ESCAPE:
        return FIELD_VALUE[byte] === 1 ? EXTENSION_QUOTED : FAILED;
      case EXTENSION_AFTER:
        return endExtension(byte, EXTENSION_AFTER);
      default:
        return FAILED;
    }
  }
}

/** RFC 9112 allows white space before a semicolon. Some servers also pad the size with spaces. */
function endSize(byte: number): number {
  return endExtension(byte, SIZE_AFTER);
}

function endExtension(byte: number, afterBlank: number): number {
  if (byte === CR) return SIZE_LF;
  if (byte === SEMICOLON) return EXTENSION;
  return isBlank(byte) ? afterBlank : FAILED;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}
