import type { Socket } from 'node:net';
import { AnswerWriter } from './answer-writer.ts';
import { HeadParser, HeadRefusal, type RequestHead } from './head.ts';
import { IncomingBody } from './incoming-body.ts';
import { ReadRequest } from './read-request.ts';
import type { Admission, HttpLimits, HttpRequest, Respond } from './request.ts';
import type { Answer } from './response.ts';

/** The answer to a request that is not admitted. */
type Refusal = Extract<Admission, { status: number }>;

/** What a connection uses of its server. */
export interface ConnectionHost {
  readonly limits: HttpLimits;
  /** The number of sweeps so far. A connection's age is counted in sweeps, so no request needs a timer. */
  readonly sweep: number;
  readonly isClosing: boolean;
  readonly date: string;
  readonly onRequest: (request: HttpRequest, respond: Respond) => void;
  readonly onError: (error: unknown) => void;
  readonly admit: (request: HttpRequest) => Admission;
  readonly holdsAnswers: boolean;
  forget(connection: Connection): void;
}

/**
 * How long a client may go on sending after a refusal. If the socket were closed at once, the client might not get the
 * answer.
 */
const LINGER_MS = 500;
/** How many bytes of further requests are read while one is being answered. */
const READ_AHEAD_BYTES = 65_536;

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One connection. It reads a whole request, waits for its answer, then reads the next. Pipelined requests wait, so the
 * answers keep the order of the requests.
 */
export class Connection {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #answers: AnswerWriter;
  readonly #heads = new HeadParser();
  #state: 'head' | 'body' | 'busy' | 'draining' | 'closed' = 'head';
  #unread: Buffer | undefined;
  #head: RequestHead | undefined;
  #request: ReadRequest | undefined;
  #body: IncomingBody | undefined;
  #sinceSweep: number;
  #hasStarted = false;
  /** No request was read from it yet. */
  #isNew = true;
  /** While `#advance` runs, answers are held. */
  #isAdvancing = false;
  #hasClientEnded = false;
  #disconnectListeners: (() => void)[] = [];

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#answers = new AnswerWriter(socket);
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#sinceSweep = host.sweep;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    // The client has left (reset or broken pipe). The `close` event follows and handles it.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#onClose());
  }

  /** Called at every sweep. Ends the connection if it is too slow, idle for too long, or the server is closing. */
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

  /** Closes the connection now, or after the answer in progress. */
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

  /** Reads the requests that have arrived and passes them on, until one is not answered immediately. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    while (this.#unread !== undefined) {
      if (this.#state === 'head' && !this.#readHead()) break;
      if (this.#state === 'body' && !this.#readBody()) break;
      if (this.#state !== 'head') break;
    }
    this.#isAdvancing = false;
    // Later answers of this connection are written together with those that are held here.
    if (this.#state !== 'busy' || !this.#host.holdsAnswers) this.#answers.flush();
    // What is left is the beginning of a request that will never be completed.
    if (this.#hasClientEnded && (this.#state === 'head' || this.#state === 'body')) this.#socket.end();
  }

  /** Reads a request's head. Returns true if what was read may contain more to do. */
  #readHead(): boolean {
    if (!this.#hasStarted && !this.#begin()) return false;
    const data = this.#unread;
    if (data === undefined) return false;
    const { headBytes } = this.#host.limits;
    const end = data.indexOf(HEAD_END);
    if (end === -1 || end > headBytes) {
      if (data.length > headBytes) {
        this.#refuse(data.indexOf('\r\n') === -1 ? 414 : 431, `The head is larger than ${headBytes} bytes`);
      }
      return false;
    }
    const head = this.#heads.parse(data.toString('latin1', 0, end));
    if (head instanceof HeadRefusal) {
      this.#refuse(head.status, head.reason);
      return false;
    }
    this.#unread = end + 4 === data.length ? undefined : data.subarray(end + 4);
    const request = new ReadRequest(head, this, this.#isNew);
    this.#isNew = false;
    const admission = this.#host.admit(request);
    if ('status' in admission) return this.#turnAway(request, head, admission);
    this.#request = request;
    return this.#receive(head, admission);
  }

  /**
   * Begins a request. Returns false if only empty lines have arrived, which a client may send after a body (RFC 9112,
   * 2.2).
   */
  #begin(): boolean {
    const data = this.#unread;
    if (data === undefined) return false;
    let blank = 0;
    while (blank < 4 && data.length >= blank + 2 && data[blank] === 0x0d && data[blank + 1] === 0x0a)
      blank += 2;
    if (blank > 0) this.#unread = data.length === blank ? undefined : data.subarray(blank);
    if (data.length === blank) return false;
    this.#hasStarted = true;
    this.#sinceSweep = this.#host.sweep;
    return true;
  }

  /** Answers a request that was not admitted. The connection stays open if no body follows. */
  #turnAway(request: ReadRequest, head: RequestHead, { status, headers, body }: Refusal): boolean {
    if (head.contentLength !== 0) {
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
    this.#state = 'busy';
    this.#request = request;
    this.#respond(request, head, status, headers, body);
    return true;
  }

  /** Passes on an admitted request, or begins to read its body. Returns true if more can be read. */
  #receive(head: RequestHead, { bodyBytes, budget }: Exclude<Admission, Refusal>): boolean {
    const { contentLength } = head;
    if (contentLength === 0) {
      this.#dispatch(head, EMPTY);
      return true;
    }
    if (contentLength > bodyBytes) {
      this.#refuse(413, `The body is larger than ${bodyBytes} bytes`);
      return false;
    }
    const rest = this.#unread;
    if (rest !== undefined && contentLength > 0 && rest.length >= contentLength) {
      this.#dispatchWhole(head, rest);
      return true;
    }
    this.#state = 'body';
    this.#head = head;
    this.#body = new IncomingBody(contentLength, bodyBytes, budget);
    if (head.expectsContinue && rest === undefined) this.#answers.hold('HTTP/1.1 100 Continue\r\n\r\n');
    return rest !== undefined;
  }

  /** Reads a part of the body. Returns true if the request was passed on. */
  #readBody(): boolean {
    const head = this.#head;
    const body = this.#body;
    const data = this.#unread;
    if (head === undefined || body === undefined || data === undefined) return false;
    if (body.isWholeIn(data)) {
      this.#dispatchWhole(head, data);
      return true;
    }
    this.#unread = undefined;
    const progress = body.push(data);
    if (progress.state === 'more') return false;
    if (progress.state !== 'done') {
      const [status, reason] = BODY_REFUSALS[progress.state];
      this.#refuse(status, reason);
      return false;
    }
    if (progress.rest.length > 0) this.#unread = progress.rest;
    this.#dispatch(head, body.bytes());
    return true;
  }

  /** Passes on a request whose body arrived with its head, or in one piece after it. This usual case needs no copy. */
  #dispatchWhole(head: RequestHead, data: Buffer): void {
    const { contentLength } = head;
    const isAll = data.length === contentLength;
    this.#unread = isAll ? undefined : data.subarray(contentLength);
    this.#dispatch(head, isAll ? data : data.subarray(0, contentLength));
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
    // A client may close its sending side after several requests.
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
      // No further request is read from a client that does not read its answers.
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
    this.#answers.write(answer, this.#isAdvancing);
  }

  /** Answers a request that can't be served, and closes the connection. */
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

  /** Closes our sending side and discards what the client still sends, for a short time. */
  #linger(): void {
    this.#state = 'draining';
    this.#sinceSweep = this.#host.sweep;
    this.#unread = undefined;
    this.#request = undefined;
    this.#releaseBody();
    this.#answers.flush();
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#socket.end();
    if (this.#hasClientEnded) this.#state = 'closed';
  }

  #onEnd(): void {
    this.#hasClientEnded = true;
    if (this.#state === 'busy') {
      // Listeners are told that the client left. Without listeners, the handler may still answer, because a client may
      // close its sending side and go on reading.
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

  /** A body counts against the budget until its request is answered. */
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
/** The answers to bodies that can't be read. */
const BODY_REFUSALS = {
  malformed: [400, 'Malformed chunked body'],
  'too-large': [413, 'The body is too large'],
  'no-room': [503, 'Too many large requests at once'],
} as const;
const JSON_TYPE: readonly string[] = ['Content-Type', 'application/json'];
