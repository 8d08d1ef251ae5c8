import { createServer, type Socket } from 'node:net';
import { BodyBudget } from './body.ts';
import { Connection, type ConnectionHost } from './connection.ts';

/** A request with its whole body. Nothing is decoded: names, path and query stand as they were sent. */
export interface HttpRequest {
  readonly method: string;
  /** The path, percent-encoded as sent, without the query. */
  readonly path: string;
  /** The query as sent, without `?`; empty where there is none. */
  readonly rawQuery: string;
  /** Names and values alternately, as sent, values trimmed. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** First value of a header by its lower-case name. */
  header(lowerCaseName: string): string | undefined;
  /** Calls back once if the connection is lost before the answer was given. */
  onDisconnect(listener: () => void): void;
}

/**
 * Answers a request, at once or later, exactly once (a second call throws); after a disconnect it does nothing.
 * Content-Length, Date, and Connection where it closes, are added; `headers` are names and values alternately. The
 * answer to HEAD may name the Content-Length of a body that it doesn't carry.
 * @throws TypeError for a status or header that can't be sent; the request may then still be answered otherwise
 */
export type Respond = (status: number, headers: readonly string[], body?: Buffer | string) => void;

export interface HttpLimits {
  /** Bytes of the request line and headers together. */
  readonly headBytes: number;
  /** Bytes of a body, after chunked coding is removed, unless `admit` says otherwise. */
  readonly bodyBytes: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  /** A connection without a request is closed after this. */
  readonly idleMs: number;
}

/** What a server says to a request whose head was read and whose body was not. */
export type Admission =
  /** It may send a body of so many bytes, out of a budget that it shares with others. */
  | { readonly bodyBytes: number; readonly budget: BodyBudget }
  /** It is answered at once. Where it has a body, the body is not read and the connection is closed. */
  | { readonly status: number; readonly headers: readonly string[]; readonly body: string };

export interface HttpServerOptions {
  readonly onRequest: (request: HttpRequest, respond: Respond) => void;
  /** Told of what the handler threw; the client gets 500. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<HttpLimits>;
  /** Looks at a request's head before its body is read; `request.body` is empty then. By default all are admitted. */
  readonly admit?: (request: HttpRequest) => Admission;
  /** Looks at a connection once it is accepted; a refused one is cut without a word. By default all are taken. */
  readonly takesPeer?: (socket: Socket) => boolean;
}

export interface HttpServer {
  /** Listens on 127.0.0.1; resolves with the port. Port 0 (default) takes any free one. */
  listen(port?: number): Promise<number>;
  /** Stops listening, ends idle connections, gives answers under way `graceMs` (default 0), then cuts. */
  close(graceMs?: number): Promise<void>;
}

/** Bodies of one server under way together, where `admit` names no budget. */
const ALL_BODIES_BYTES = 256 * 1024 * 1024;

const DEFAULT_LIMITS: HttpLimits = {
  headBytes: 32_768,
  bodyBytes: 16 * 1024 * 1024,
  requestMs: 60_000,
  // Longer than any client's keep-alive, so that no request crosses our closing of its connection.
  idleMs: 600_000,
};

/** The Date header's value; made once a second. */
function httpDate(): string {
  const nowMs = Date.now();
  const second = nowMs - (nowMs % 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second).toUTCString();
  }
  return dateText;
}
let dateSecond = Number.NaN;
let dateText = '';

/**
 * An HTTP/1.1 server on a loopback socket, for many small requests: the request is read whole, the answer leaves in
 * one write, nothing is allocated per request but the request.
 *
 * It serves keep-alive and pipelining (answers in order), Content-Length and chunked bodies, `Expect: 100-continue`,
 * HEAD, half-closed clients, HTTP/1.0; it refuses with 400, 408, 413, 414, 417, 431, 501, 503 or 505, and closes, where the
 * request is malformed, ambiguous, too large or too slow. Answers may come at any time later (long polls).
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits: HttpLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const sweepMs = Math.min(1000, Math.max(20, Math.min(limits.requestMs, limits.idleMs) / 4));
  const connections = new Set<Connection>();
  const admitted: Admission = { bodyBytes: limits.bodyBytes, budget: new BodyBudget(ALL_BODIES_BYTES) };
  const host = {
    limits,
    sweep: 0,
    isClosing: false as boolean,
    get date() {
      return httpDate();
    },
    onRequest: options.onRequest,
    onError: options.onError,
    admit: options.admit ?? (() => admitted),
    forget: (connection: Connection) => {
      connections.delete(connection);
    },
  } satisfies ConnectionHost;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    if (options.takesPeer?.(socket) === false) socket.destroy();
    else connections.add(new Connection(socket, host));
  });
  const sweeper = setInterval(() => {
    host.sweep += 1;
    for (const connection of connections) connection.onSweep(sweepMs);
  }, sweepMs);
  sweeper.unref();

  return {
    listen: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: '127.0.0.1', port, backlog: 1024 }, () => {
          server.off('error', reject);
          // Accepting can fail later, when the process is out of file descriptors; the server lives on.
          server.on('error', options.onError);
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    close: (graceMs = 0) =>
      new Promise((resolve) => {
        host.isClosing = true;
        const cut = setTimeout(() => {
          for (const connection of connections) connection.destroy();
        }, graceMs);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(sweeper);
          resolve();
        });
        for (const connection of connections) connection.closeWhenIdle();
      }),
  };
}
