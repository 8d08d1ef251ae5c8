/** The parsed and checked request line and headers. */
export interface RequestHead {
  readonly method: string;
  /** The percent-encoded path as sent, without the query. */
  readonly path: string;
  /** The query as sent, without `?`. */
  readonly rawQuery: string;
  /** Names and values in turn, as sent: name, value, name, value. Values are trimmed. */
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

/** The parsed field lines of a head. */
interface HeadFields {
  readonly rawHeaders: readonly string[];
  readonly keepAlive: boolean;
  readonly contentLength: number;
  readonly expectsContinue: boolean;
}

/** The longest head that a connection keeps, in characters. It limits the memory of many connections. */
const KEPT_CHARACTERS = 2048;

/** A parsed head of HTTP/1.1 with its text. */
interface KnownHead {
  readonly text: string;
  readonly fieldLines: string;
  readonly fields: HeadFields;
  readonly head: RequestHead;
}

/**
 * Parses the heads of one connection. Clients often send the same head many times, two heads in turns, or heads that
 * differ only in the request line. So the parser keeps the last two heads. It returns an equal head again without
 * parsing it, and reuses equal field lines.
 *
 * Framing is strict, because a client could hide a request from a server that sees the end of a request elsewhere
 * than this one does (request smuggling). The parser refuses Content-Length together with Transfer-Encoding, either of them twice, and any coding but `chunked`.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export class HeadParser {
  #recent: KnownHead | undefined;
  #older: KnownHead | undefined;

  /** Parses all text before the empty line, decoded as Latin-1. */
  parse(text: string): RequestHead | HeadRefusal {
    if (this.#recent?.text === text) return this.#recent.head;
    if (this.#older?.text === text) {
      [this.#recent, this.#older] = [this.#older, this.#recent];
      return this.#recent.head;
    }
    let lineEnd = text.indexOf('\r\n');
    if (lineEnd === -1) lineEnd = text.length;
    const line = REQUEST_LINE.exec(text.slice(0, lineEnd));
    if (line === null) return new HeadRefusal(400, 'Malformed request line');
    if (line[3] !== '1') return new HeadRefusal(505, 'Only HTTP/1.1 and HTTP/1.0 are served');
    const isHttp10 = line[4] === '0';
    const fieldLines = text.slice(lineEnd);
    const known = isHttp10 ? undefined : this.#knownBy(fieldLines);
    const fields = known?.fields ?? parseFields(fieldLines, isHttp10);
    if (fields instanceof HeadRefusal) return fields;
    const head = headOf(line[1] ?? '', line[2] ?? '', fields, isHttp10);
    if (head instanceof HeadRefusal || isHttp10 || text.length > KEPT_CHARACTERS) return head;
    // If two heads have equal field lines, the newer one is kept.
    if (known !== this.#recent) this.#older = this.#recent;
    this.#recent = { text, fieldLines, fields, head };
    return head;
  }

  #knownBy(fieldLines: string): KnownHead | undefined {
    if (this.#recent?.fieldLines === fieldLines) return this.#recent;
    return this.#older?.fieldLines === fieldLines ? this.#older : undefined;
  }
}

function headOf(
  method: string,
  sentTarget: string,
  fields: HeadFields,
  isHttp10: boolean,
): RequestHead | HeadRefusal {
  let { rawHeaders } = fields;
  let target = sentTarget;
  if (target.charCodeAt(0) !== 0x2f) {
    // An absolute target contains the authority, which replaces the Host header (RFC 9112, 3.2.2).
    const absolute = /^http:\/\/([^/?#@]+)(\/[^#]*)?$/i.exec(target);
    if (absolute?.[1] === undefined) return new HeadRefusal(400, 'Malformed request target');
    target = absolute[2] ?? '/';
    rawHeaders = withHost(rawHeaders, absolute[1]);
  }
  if (target.includes('#')) return new HeadRefusal(400, 'Malformed request target');
  const question = target.indexOf('?');
  return {
    method,
    path: question === -1 ? target : target.slice(0, question),
    rawQuery: question === -1 ? '' : target.slice(question + 1),
    rawHeaders,
    keepAlive: fields.keepAlive,
    isHttp10,
    contentLength: fields.contentLength,
    expectsContinue: fields.expectsContinue,
  };
}

/** Parses and checks the field lines. Each begins with the line break that ends the line before it. */
function parseFields(fields: string, isHttp10: boolean): HeadFields | HeadRefusal {
  if (!FIELD_LINES.test(fields)) return new HeadRefusal(400, 'Malformed header');
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
  return {
    rawHeaders,
    keepAlive: isHttp10 ? hasOption(connection, 'keep-alive') : !hasOption(connection, 'close'),
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

function withHost(rawHeaders: readonly string[], authority: string): string[] {
  return rawHeaders.map((text, i) =>
    i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host' ? authority : text,
  );
}
