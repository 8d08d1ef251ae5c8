import type { Socket } from 'node:net';
import { GrowingBody } from './body.ts';
import { ChunkedDecoder } from './chunked.ts';
import { HeadRefusal, parseHead, type RequestHead } from './head.ts';
import { ReadRequest } from './read-request.ts';
import { type Answer, encodeAnswer } from './response.ts';
import type { Admission, HttpLimits, HttpRequest, Respond } from './server.ts';

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly limits: HttpLimits;
  /** Counts sweeps; a connection's age is measured in them, so that no request needs a timer of its own. */
  readonly sweep: number;
  readonly isClosing: boolean;
  readonly date: string;
  readonly onRequest: (request: HttpRequest, respond: Respond) => void;
  readonly onError: (error: unknown) => void;
  readonly admit: (request: HttpRequest) => Admission;
  forget(connection: Connection): void;
}

/** How long a refused client may go on sending before it is cut: closing at once could lose it the answer. */
const LINGER_MS = 500;
/** Bytes of further requests that are read ahead while one is being answered. */
const READ_AHEAD_BYTES = 65_536;

/** Answers to requests that came together leave together, up to this many characters. */
const WRITE_TOGETHER_CHARS = 65_536;

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One connection: reads a request whole, has it answered, then the next. Requests that were sent ahead wait their
 * turn, so that answers keep the order of requests.
 */
export class Connection {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  #state: 'head' | 'body' | 'busy' | 'draining' | 'closed' = 'head';
  #unread: Buffer | undefined;
  #head: RequestHead | undefined;
  #request: ReadRequest | undefined;
  #chunked: ChunkedDecoder | undefined;
  #body: GrowingBody | undefined;
  #sinceSweep: number;
  #hasStarted = false;
  #isAdvancing = false;
  /** Answers given while `advance` runs, not written yet. */
  #unsent = '';
  #hasClientEnded = false;
  #disconnectListeners: (() => void)[] = [];

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#sinceSweep = host.sweep;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    // A reset or broken pipe is the client's leaving; `close` follows, and that is where it is dealt with.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#onClose());
  }

  /** Called once a sweep: ends what is too slow, too idle, or in the way of the server's closing. */
  onSweep(sweepMs: number): void {
    const ageMs = (this.#host.sweep - this.#sinceSweep) * sweepMs;
    if (this.#state === 'busy') return;
    if (this.#state === 'draining') {
      if (ageMs > LINGER_MS) this.#socket.destroy();
    } else if (this.#hasStarted) {
      if (ageMs > this.#host.limits.requestMs) this.#refuse(408, 'The request took too long to arrive');
    } else if (ageMs > this.#host.limits.idleMs) {
      this.#socket.destroy();
    }
  }

  /** Ends the connection now if no answer is under way; otherwise after it. */
  closeWhenIdle(): void {
    if (this.#state !== 'busy') this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onDisconnect(request: ReadRequest, listener: () => void): void {
    if (this.#request !== request) return;
    if (this.#state === 'closed' || this.#hasClientEnded) listener();
    else this.#disconnectListeners.push(listener);
  }

  #onData(bytes: Buffer): void {
    if (this.#state === 'draining' || this.#state === 'closed') return;
    if (this.#unread === undefined) this.#unread = bytes;
    else this.#unread = Buffer.concat([this.#unread, bytes]);
    if (this.#state === 'busy') {
      if (this.#unread.length > READ_AHEAD_BYTES) this.#socket.pause();
      return;
    }
    this.#advance();
  }

  /** Reads and hands out as many requests as are there, until one is not answered at once. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    while (this.#unread !== undefined) {
      if (this.#state === 'head' && !this.#readHead()) break;
      if (this.#state === 'body' && !this.#readBody()) break;
      if (this.#state !== 'head') break;
    }
    this.#isAdvancing = false;
    this.#flush();
    // What is left is the beginning of a request whose end will not come.
    if (this.#hasClientEnded && (this.#state === 'head' || this.#state === 'body')) this.#socket.end();
  }

  #flush(): void {
    const unsent = this.#unsent;
    if (unsent === '') return;
    this.#unsent = '';
    this.#socket.write(unsent, 'latin1');
  }

  /** True when there may be more to do with what was read. */
  #readHead(): boolean {
    let data = this.#unread;
    if (data === undefined) return false;
    if (!this.#hasStarted) {
      // A client may send an empty line after a body (RFC 9112, 2.2).
      let blank = 0;
      while (blank < 4 && data.length >= blank + 2 && data[blank] === 0x0d && data[blank + 1] === 0x0a)
        blank += 2;
      if (blank > 0) {
        data = data.subarray(blank);
        this.#unread = data.length === 0 ? undefined : data;
        if (data.length === 0) return false;
      }
      this.#hasStarted = true;
      this.#sinceSweep = this.#host.sweep;
    }
    const { headBytes } = this.#host.limits;
    const end = data.indexOf(HEAD_END);
    if (end === -1 || end > headBytes) {
      if (data.length > headBytes) {
        this.#refuse(data.indexOf('\r\n') === -1 ? 414 : 431, `The head is larger than ${headBytes} bytes`);
      }
      return false;
    }
    const head = parseHead(data.toString('latin1', 0, end));
    if (head instanceof HeadRefusal) {
      this.#refuse(head.status, head.reason);
      return false;
    }
    this.#head = head;
    const rest = end + 4 === data.length ? undefined : data.subarray(end + 4);
    this.#unread = rest;
    const request = new ReadRequest(head, this);
    const admission = this.#host.admit(request);
    if ('status' in admission) {
      const { status, headers, body } = admission;
      if (head.contentLength === 0) return this.#answerAtOnce(request, head, admission);
      this.#send({
        status,
        headers,
        body,
        isHead: head.method === 'HEAD',
        connection: 'close',
        date: this.#host.date,
      });
      this.#linger();
      return false;
    }
    this.#request = request;
    if (head.contentLength === 0) {
      this.#dispatch(head, EMPTY);
      return true;
    }
    const { bodyBytes, budget } = admission;
    if (head.contentLength > bodyBytes) {
      this.#refuse(413, `The body is larger than ${bodyBytes} bytes`);
      return false;
    }
    this.#state = 'body';
    this.#body = new GrowingBody(head.contentLength === -1 ? bodyBytes : head.contentLength, budget);
    if (head.contentLength === -1) this.#chunked = new ChunkedDecoder(bodyBytes, this.#body);
    if (head.expectsContinue && rest === undefined) this.#unsent += 'HTTP/1.1 100 Continue\r\n\r\n';
    return rest !== undefined;
  }

  /** Answers a request without a body that was not admitted; the connection lives on. */
  #answerAtOnce(
    request: ReadRequest,
    head: RequestHead,
    { status, headers, body }: Extract<Admission, { status: number }>,
  ): boolean {
    this.#state = 'busy';
    this.#head = undefined;
    this.#request = request;
    this.#respond(request, head, status, headers, body);
    return true;
  }

  #readBody(): boolean {
    const head = this.#head;
    const body = this.#body;
    const data = this.#unread;
    if (head === undefined || body === undefined || data === undefined) return false;
    if (this.#chunked !== undefined) {
      this.#unread = undefined;
      const progress = this.#chunked.push(data);
      if (progress.state === 'more') return false;
      this.#chunked = undefined;
      if (progress.state === 'malformed') this.#refuse(400, 'Malformed chunked body');
      else if (progress.state === 'too-large') this.#refuse(413, 'The body is too large');
      else if (progress.state === 'no-room') this.#refuse(503, NO_ROOM);
      else {
        if (progress.rest.length > 0) this.#unread = progress.rest;
        this.#dispatch(head, body.bytes());
        return true;
      }
      return false;
    }
    const wanted = head.contentLength;
    if (body.length === 0 && data.length >= wanted) {
      // The usual case: the body came with its head, or in one piece after it, and needs no copy.
      this.#unread = data.length === wanted ? undefined : data.subarray(wanted);
      this.#dispatch(head, data.length === wanted ? data : data.subarray(0, wanted));
      return true;
    }
    const piece = data.subarray(0, wanted - body.length);
    if (!body.append(piece)) {
      this.#refuse(503, NO_ROOM);
      return false;
    }
    this.#unread = piece.length === data.length ? undefined : data.subarray(piece.length);
    if (body.length < wanted) return false;
    this.#dispatch(head, body.bytes());
    return true;
  }

  #dispatch(head: RequestHead, body: Buffer): void {
    this.#state = 'busy';
    this.#head = undefined;
    const request = this.#request;
    if (request === undefined) return;
    request.body = body;
    const respond: Respond = (status, headers, answerBody = '') =>
      this.#respond(request, head, status, headers, answerBody);
    try {
      this.#host.onRequest(request, respond);
    } catch (error) {
      this.#host.onError(error);
      if (this.#request === request) respond(500, JSON_TYPE, '{"message":"Internal server error"}');
    }
  }

  #respond(
    request: ReadRequest,
    head: RequestHead,
    status: number,
    headers: readonly string[],
    body: Buffer | string,
  ): void {
    if (this.#state === 'closed') return;
    if (this.#request !== request) throw new Error('This request was answered already');
    // A client may close its sending side behind several requests.
    const isLast = this.#hasClientEnded && this.#unread === undefined;
    const keepAlive = head.keepAlive && !isLast && !this.#host.isClosing;
    this.#send({
      status,
      headers,
      body,
      isHead: head.method === 'HEAD',
      connection: keepAlive ? (head.isHttp10 ? 'keep-alive' : '') : 'close',
      date: this.#host.date,
    });
    this.#request = undefined;
    this.#releaseBody();
    if (this.#disconnectListeners.length > 0) this.#disconnectListeners = [];
    this.#hasStarted = false;
    this.#sinceSweep = this.#host.sweep;
    if (!keepAlive) {
      this.#linger();
      return;
    }
    this.#state = 'head';
    if (this.#unread === undefined) return;
    if (this.#socket.writableNeedDrain) {
      // A client that sends ahead without reading its answers is not read on either.
      this.#state = 'busy';
      this.#socket.once('drain', () => {
        if (this.#state !== 'busy' || this.#request !== undefined) return;
        this.#state = 'head';
        this.#resume();
      });
    } else this.#resume();
  }

  #resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#advance();
  }

  #send(answer: Answer): void {
    const encoded = encodeAnswer(answer);
    if (typeof encoded === 'string') {
      // A write is what an answer costs most: a sandbox gets the receipt of its last answer and its next event in one.
      this.#unsent += encoded;
      if (!this.#isAdvancing || this.#unsent.length > WRITE_TOGETHER_CHARS) this.#flush();
    } else {
      this.#flush();
      this.#socket.cork();
      for (const part of encoded) this.#socket.write(part);
      this.#socket.uncork();
    }
  }

  /** Answers a request that can't be served, and gives the connection up. */
  #refuse(status: number, reason: string): void {
    this.#send({
      status,
      headers: JSON_TYPE,
      body: JSON.stringify({ message: reason }),
      isHead: false,
      connection: 'close',
      date: this.#host.date,
    });
    this.#linger();
  }

  /** Ends our side and swallows what the client still sends, for a moment. */
  #linger(): void {
    this.#state = 'draining';
    this.#sinceSweep = this.#host.sweep;
    this.#unread = undefined;
    this.#chunked = undefined;
    this.#request = undefined;
    this.#releaseBody();
    this.#flush();
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#socket.end();
    if (this.#hasClientEnded) this.#state = 'closed';
  }

  #onEnd(): void {
    this.#hasClientEnded = true;
    if (this.#state === 'busy') {
      // Whoever waits on the client is told it left. A handler that doesn't care may still answer: a client may
      // close its sending side and read on.
      if (this.#disconnectListeners.length === 0) return;
      this.#tellDisconnect();
      this.#socket.destroy();
      return;
    }
    this.#socket.end();
  }

  #onClose(): void {
    this.#state = 'closed';
    this.#unread = undefined;
    this.#releaseBody();
    this.#host.forget(this);
    this.#tellDisconnect();
  }

  /** A body counts until its request is answered. */
  #releaseBody(): void {
    this.#body?.release();
    this.#body = undefined;
  }

  #tellDisconnect(): void {
    const listeners = this.#disconnectListeners;
    this.#disconnectListeners = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        this.#host.onError(error);
      }
    }
  }
}

const EMPTY = Buffer.alloc(0);
const NO_ROOM = 'Too many large requests at once';
const JSON_TYPE: readonly string[] = ['Content-Type', 'application/json'];
