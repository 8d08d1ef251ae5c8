import { connect, type Socket } from 'node:net';

/** An answer of the Runtime API. Headers are searched when they are read, because most answers need none. */
export class ApiAnswer {
  readonly body: string;
  readonly #head: string;

  constructor(head: string, body: string) {
    this.#head = head;
    this.body = body;
  }

  get status(): number {
    return Number(this.#head.slice(9, 12));
  }

  /** Returns the value of a header. The name must be spelled as the Runtime API documents it. */
  header(name: string): string | undefined {
    return headerOf(this.#head, name);
  }
}

const VERSION_PATH = '/2018-06-01/runtime';
const HEAD_END = Buffer.from('\r\n\r\n');
/** Below this size, head and body are sent as one string. */
const JOIN_BELOW_CHARS = 65_536;
const READ_BYTES = 65_536;

/**
 * The runtime's client of the Runtime API. It has one connection, on which requests are answered in order. A result and
 * the request for the next event are sent in one write, which saves a sandbox two wake-ups per invocation.
 */
export class RuntimeClient {
  readonly #socket: Socket;
  readonly #prefix: string;
  readonly #hostHeader: string;
  readonly #waiting: ((answer: ApiAnswer) => void)[] = [];
  /** The parts of an incomplete answer. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  /** The length of that answer; 0 while its head is incomplete. */
  #wantedBytes = 0;

  /**
   * @param api the value of AWS_LAMBDA_RUNTIME_API: `host:port`, or `host:port/path`
   * @param onLost called when the connection is lost
   */
  constructor(api: string, onLost: () => void) {
    const slash = api.indexOf('/');
    const authority = slash === -1 ? api : api.slice(0, slash);
    const colon = authority.lastIndexOf(':');
    this.#prefix = (slash === -1 ? '' : api.slice(slash)) + VERSION_PATH;
    this.#hostHeader = `Host: ${authority}\r\n`;
    this.#socket = connect({
      host: authority.slice(0, colon),
      port: Number(authority.slice(colon + 1)),
      noDelay: true,
      // One buffer for all reads, without a stream. It halves the cost of a read.
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (bytes, buffer) => {
          this.#onData(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
          return true;
        },
      },
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', onLost);
  }

  /** Waits for the next event. */
  next(): Promise<ApiAnswer> {
    this.#socket.ref();
    this.#socket.write(this.#nextRequest(), 'latin1');
    return this.#answer();
  }

  /** Posts a handler's result and waits for the next event. */
  respondAndNext(requestId: string, body: string): Promise<ApiAnswer> {
    return this.#postAndNext(`/invocation/${requestId}/response`, '', body);
  }

  /** Posts the bytes of a streaming handler and waits for the next event. */
  respondBytesAndNext(requestId: string, body: Buffer): Promise<ApiAnswer> {
    this.#socket.ref();
    this.#socket.cork();
    this.#socket.write(this.#head(`/invocation/${requestId}/response`, '', body.length), 'latin1');
    this.#socket.write(body);
    this.#socket.write(this.#nextRequest(), 'latin1');
    this.#socket.uncork();
    this.#waiting.push(ignore);
    return this.#answer();
  }

  /** Posts a handler's error and waits for the next event. */
  failAndNext(requestId: string, errorType: string, body: string): Promise<ApiAnswer> {
    return this.#postAndNext(`/invocation/${requestId}/error`, errorHeader(errorType), body);
  }

  /** Posts a handler's error and waits for its confirmation, because the process is about to end. */
  fail(requestId: string, errorType: string, body: string): Promise<ApiAnswer> {
    return this.#post(`/invocation/${requestId}/error`, errorHeader(errorType), body);
  }

  failInit(errorType: string, body: string): Promise<ApiAnswer> {
    return this.#post('/init/error', errorHeader(errorType), body);
  }

  /** Stops the connection from keeping the process alive, so that Node can detect an empty event loop. */
  unref(): void {
    this.#socket.unref();
  }

  #post(path: string, headers: string, body: string): Promise<ApiAnswer> {
    this.#socket.ref();
    this.#socket.write(this.#head(path, headers, Buffer.byteLength(body)) + body, 'utf8');
    return this.#answer();
  }

  #postAndNext(path: string, headers: string, body: string): Promise<ApiAnswer> {
    this.#socket.ref();
    const bytes = Buffer.byteLength(body);
    const head = this.#head(path, headers, bytes);
    if (bytes < JOIN_BELOW_CHARS) {
      // Latin-1 is the faster encoding, and correct if every character is one byte.
      this.#socket.write(head + body + this.#nextRequest(), bytes === body.length ? 'latin1' : 'utf8');
    } else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body, 'utf8');
      this.#socket.write(this.#nextRequest(), 'latin1');
      this.#socket.uncork();
    }
    // A refused result (too large) is ignored here, because the API itself tells the caller.
    this.#waiting.push(ignore);
    return this.#answer();
  }

  #head(path: string, headers: string, bytes: number): string {
    return `POST ${this.#prefix}${path} HTTP/1.1\r\n${this.#hostHeader}Content-Type: application/json\r\n${headers}Content-Length: ${bytes}\r\n\r\n`;
  }

  #nextRequest(): string {
    return `GET ${this.#prefix}/invocation/next HTTP/1.1\r\n${this.#hostHeader}\r\n`;
  }

  #answer(): Promise<ApiAnswer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** `chunk` is only valid during the call, so what is kept of it is copied. */
  #onData(chunk: Buffer): void {
    if (this.#partsBytes + chunk.length < this.#wantedBytes) {
      this.#keep(chunk);
      return;
    }
    let data = this.#parts.length === 0 ? chunk : Buffer.concat([...this.#parts, chunk]);
    this.#parts = [];
    this.#partsBytes = 0;
    this.#wantedBytes = 0;
    while (data.length > 0) {
      const headEnd = data.indexOf(HEAD_END);
      if (headEnd === -1) break;
      const head = data.toString('latin1', 0, headEnd);
      const bodyStart = headEnd + HEAD_END.length;
      const end = bodyStart + Number(headerOf(head, 'Content-Length') ?? 0);
      if (data.length < end) {
        this.#wantedBytes = end;
        break;
      }
      const body = data.toString('utf8', bodyStart, end);
      data = data.subarray(end);
      this.#waiting.shift()?.(new ApiAnswer(head, body));
    }
    if (data.length > 0) this.#keep(data);
  }

  #keep(chunk: Buffer): void {
    this.#parts.push(Buffer.from(chunk));
    this.#partsBytes += chunk.length;
  }
}

function headerOf(head: string, name: string): string | undefined {
  const label = `\r\n${name}: `;
  let at = head.indexOf(label);
  // Header names are case-insensitive. Another spelling is rare.
  if (at === -1) at = head.toLowerCase().indexOf(label.toLowerCase());
  if (at === -1) return undefined;
  const end = head.indexOf('\r\n', at + label.length);
  return head.slice(at + label.length, end === -1 ? undefined : end);
}

function errorHeader(errorType: string): string {
  return `Lambda-Runtime-Function-Error-Type: ${errorType.replace(/[^\x20-\x7e]/g, '?')}\r\n`;
}

function ignore(): void {}
