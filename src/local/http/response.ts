import { STATUS_CODES } from 'node:http';

/** Copying a body below this size costs less than a second buffer for the kernel. */
const COPY_BELOW_BYTES = 16_384;

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A line break in a value would let a function write additional headers, or a whole response. */
const NOT_IN_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

export interface Answer {
  readonly status: number;
  /** Alternating names and values. */
  readonly headers: readonly string[];
  readonly body: Buffer | string;
  /** Whether the request was HEAD. Content-Length then states the size of the body that is not sent. */
  readonly isHead: boolean;
  /** The value of the Connection header, or '' for none. */
  readonly connection: '' | 'close' | 'keep-alive';
  /** The value of the Date header. */
  readonly date: string;
}

/** The bytes of an answer: Latin-1 text if that is exact, otherwise buffers. */
export type Encoded = string | readonly Buffer[];

/**
 * Encodes an answer.
 * @throws TypeError if a header's name or value is not allowed in HTTP, or the status is not 200 to 599
 */
export function encodeAnswer(answer: Answer): Encoded {
  const { status, body, isHead } = answer;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`Bad status ${status}`);
  const hasNoBody = status === 204 || status === 304;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
  let length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const { headers } = answer;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (!isFieldName(name)) throw new TypeError(`Bad header name ${JSON.stringify(name)}`);
    if (NOT_IN_FIELD_VALUE.test(value)) throw new TypeError(`Bad value of header ${name}`);
    if (isFraming(name)) {
      if (isHead && name.length === 14 && /^\d+$/.test(value)) length = Number(value);
      continue;
    }
    head += `${name}: ${value}\r\n`;
  }
  head += `Date: ${answer.date}\r\n`;
  if (answer.connection !== '') head += `Connection: ${answer.connection}\r\n`;
  if (hasNoBody) return `${head}\r\n`;
  head += `Content-Length: ${length}\r\n\r\n`;
  if (isHead || length === 0) return head;
  if (typeof body === 'string') {
    // If the body has as many bytes as characters, it is ASCII, and head and body are sent as one string.
    return length === body.length ? head + body : [Buffer.from(head, 'latin1'), Buffer.from(body, 'utf8')];
  }
  return length < COPY_BELOW_BYTES
    ? head + body.toString('latin1', 0, length)
    : [Buffer.from(head, 'latin1'), body];
}

const MAX_CHECKED_NAMES = 1000;
/** Names that were checked. Nearly all answers have the same ones. */
const checkedNames = new Set<string>();

function isFieldName(name: string): boolean {
  if (checkedNames.has(name)) return true;
  if (!FIELD_NAME.test(name)) return false;
  if (checkedNames.size < MAX_CHECKED_NAMES) checkedNames.add(name);
  return true;
}

/** Headers that the server writes itself. A handler's values for them are ignored. */
function isFraming(name: string): boolean {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === 'date';
    case 10:
      return name.toLowerCase() === 'connection' || name.toLowerCase() === 'keep-alive';
    case 14:
      return name.toLowerCase() === 'content-length';
    case 17:
      return name.toLowerCase() === 'transfer-encoding';
    default:
      return false;
  }
}
