/** Byte classes and names of HTTP/1.1, as tables that a parser can index. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const ZERO = 48;
export const NINE = 57;
export const COLON = 58;
export const SEMICOLON = 59;
export const EQUALS = 61;
export const BACKSLASH = 92;

/** Per byte: the lower-case form of a token's character, 0 for every other byte. */
export const TOKEN_LOWER = table((byte) => {
  const character = String.fromCharCode(byte);
  return /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

/** Per byte: 1 if a field value may contain it (tab, visible characters, space, and bytes from 0x80). */
export const FIELD_VALUE = table((byte) => (byte === TAB || (byte >= SPACE && byte !== 127) ? 1 : 0));

/** Per byte: the value of a hexadecimal digit, 255 for every other byte. */
export const HEX_VALUE = table((byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? 255 : value;
});

function table(entry: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => entry(byte));
}

/** The header fields that the load reads. It skips all others. */
export const FIELD = {
  other: 0,
  contentLength: 1,
  connection: 2,
  transferEncoding: 3,
  keepAlive: 4,
  date: 5,
  errorType: 6,
  retryAfter: 7,
  functionError: 8,
  location: 9,
} as const;

/** Their names in lower case, by number. */
export const FIELD_NAMES: readonly Uint8Array[] = [
  '',
  'content-length',
  'connection',
  'transfer-encoding',
  'keep-alive',
  'date',
  'x-amzn-errortype',
  'retry-after',
  'x-amz-function-error',
  'location',
].map((name) => new Uint8Array(Buffer.from(name, 'latin1')));

/**
 * The field that a name's first (lower-case) character may begin. `content-length` stands for `connection` too, and
 * `x-amzn-errortype` for `x-amz-function-error`.
 */
export const FIELD_BY_FIRST = table((byte) => {
  switch (String.fromCharCode(byte)) {
    case 'c':
      return FIELD.contentLength;
    case 't':
      return FIELD.transferEncoding;
    case 'k':
      return FIELD.keepAlive;
    case 'd':
      return FIELD.date;
    case 'r':
      return FIELD.retryAfter;
    case 'x':
      return FIELD.errorType;
    case 'l':
      return FIELD.location;
    default:
      return FIELD.other;
  }
});
/** `connection` differs from `content-length` first at this index, by an n. */
export const CONNECTION_FORK = { at: 3, byte: 110 } as const;
/** `x-amz-function-error` differs from `x-amzn-errortype` first at this index, by a hyphen. */
export const FUNCTION_ERROR_FORK = { at: 5, byte: 45 } as const;
