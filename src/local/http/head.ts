/** The parsed and checked request line and headers. */
export interface RequestHead {
  readonly method: string;
  /** The percent-encoded path as sent, without the query. */
  readonly path: string;
  /** The query as sent, without `?`. */
  readonly rawQuery: string;
  /** Alternating names and values as sent; values are trimmed. */
  readonly rawHeaders: readonly string[];
  /** Whether the connection may carry another request after the answer. */
  readonly keepAlive: boolean;
  readonly isHttp10: boolean;
  /** The length of the body in bytes, or -1 for a chunked body. */
  readonly contentLength: number;
  readonly expectsContinue: boolean;
}

/** Why a head is refused. The connection is closed after the answer, because the end of the request is unknown. */
export class HeadRefusal {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string) {
    this.status = status;
    this.reason = reason;
  }
}

/**
 * Field lines: each is a token, a colon and visible characters. No bare CR or LF, no NUL, no folding, no space before
 * the colon.
 */
const FIELD_LINES = /^(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*)*$/;
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/(\d)\.(\d)$/;
const DIGITS = /^\d{1,15}$/;

/**
 * Parses the head of a request: all text before the empty line, decoded as Latin-1.
 *
 * Framing is strict. If two servers disagree about where a request ends, a client can make them see different requests.
 * So it refuses Content-Length together with Transfer-Encoding, either of them twice, and any coding but `chunked`.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export function parseHead(text: string): RequestHead | HeadRefusal {
  let lineEnd = text.indexOf('\r\n');
  if (lineEnd === -1) lineEnd = text.length;
  const line = REQUEST_LINE.exec(text.slice(0, lineEnd));
  if (line === null) return new HeadRefusal(400, 'Malformed request line');
  if (line[3] !== '1') return new HeadRefusal(505, 'Only HTTP/1.1 and HTTP/1.0 are served');
  const fields = text.slice(lineEnd);
  if (!FIELD_LINES.test(fields)) return new HeadRefusal(400, 'Malformed header');

  const isHttp10 = line[4] === '0';
  const rawHeaders: string[] = [];
  let hosts = 0;
  let contentLength = -1;
  let isChunked = false;
  let expectsContinue = false;
  let connection = '';
  for (let at = 2; at < fields.length; ) {
    const colon = fields.indexOf(':', at);
    let end = fields.indexOf('\r\n', colon);
    if (end === -1) end = fields.length;
    const name = fields.slice(at, colon);
    const value = trimmed(fields, colon + 1, end);
    at = end + 2;
    rawHeaders.push(name, value);
    switch (name.length) {
      case 4:
        if (isNamed(name, 'host')) hosts += 1;
        break;
      case 6:
        if (isNamed(name, 'expect')) {
          if (value.toLowerCase() !== '100-continue') return new HeadRefusal(417, 'Unknown expectation');
          expectsContinue = !isHttp10;
        }
        break;
      case 10:
        if (isNamed(name, 'connection')) connection += `,${value.toLowerCase()}`;
        break;
      case 14:
        if (isNamed(name, 'content-length')) {
          if (contentLength !== -1) return new HeadRefusal(400, 'More than one Content-Length');
          if (!DIGITS.test(value)) return new HeadRefusal(400, 'Malformed Content-Length');
          contentLength = Number(value);
        }
        break;
      case 17:
        if (isNamed(name, 'transfer-encoding')) {
          if (isChunked || isHttp10) return new HeadRefusal(400, 'Unacceptable Transfer-Encoding');
          if (value.toLowerCase() !== 'chunked') return new HeadRefusal(501, 'Unknown transfer coding');
          isChunked = true;
        }
        break;
      default:
    }
  }
  if (isChunked && contentLength !== -1) {
    return new HeadRefusal(400, 'Both Content-Length and Transfer-Encoding');
  }
  if (hosts !== 1 && !(isHttp10 && hosts === 0))
    return new HeadRefusal(400, 'A request needs exactly one Host header');

  let target = line[2] ?? '';
  if (target.charCodeAt(0) !== 0x2f) {
    // An absolute target contains the authority, which replaces the Host header (RFC 9112, 3.2.2).
    const absolute = /^http:\/\/([^/?#@]+)(\/[^#]*)?$/i.exec(target);
    if (absolute?.[1] === undefined) return new HeadRefusal(400, 'Malformed request target');
    target = absolute[2] ?? '/';
    replaceHost(rawHeaders, absolute[1]);
  }
  if (target.includes('#')) return new HeadRefusal(400, 'Malformed request target');
  const question = target.indexOf('?');
  return {
    method: line[1] ?? '',
    path: question === -1 ? target : target.slice(0, question),
    rawQuery: question === -1 ? '' : target.slice(question + 1),
    rawHeaders,
    keepAlive: isHttp10 ? hasOption(connection, 'keep-alive') : !hasOption(connection, 'close'),
    isHttp10,
    contentLength: isChunked ? -1 : Math.max(0, contentLength),
    expectsContinue,
  };
}

function isNamed(name: string, lowerCaseName: string): boolean {
  return name === lowerCaseName || name.toLowerCase() === lowerCaseName;
}

function hasOption(connection: string, option: string): boolean {
  return connection !== '' && connection.split(',').some((part) => part.trim() === option);
}

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function replaceHost(rawHeaders: string[], authority: string): void {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'host') rawHeaders[i + 1] = authority;
  }
}
