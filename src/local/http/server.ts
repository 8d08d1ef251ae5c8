import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { BodyBudget } from './body.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { Admission, HttpLimits, HttpRequest, Respond } from './request.ts';

export interface HttpServerOptions {
  readonly onRequest: (request: HttpRequest, respond: Respond) => void;
  /** Called with an error that the handler threw. The client gets 500. */
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<HttpLimits>;
  /**
   * Decides about a request when its head was read; `request.body` is still empty. By default all requests are
   * admitted.
   */
  readonly admit?: (request: HttpRequest) => Admission;
  /** Speaks TLS with this key and certificate, both PEM; without it plain HTTP. */
  readonly tls?: { readonly privateKey: string; readonly certificate: string };
  /**
   * Decides about a connection when it was accepted. A refused one is closed without an answer. By default all are
   * accepted.
   */
  readonly takesPeer?: (socket: Socket) => boolean;
  /**
   * Whether the answer to a pipelined request is written together with the answer to the request behind it, even if that
   * one takes long. Only for clients that do not wait for the first answer. It saves a write, and the client a wake-up.
   */
  readonly holdsAnswers?: boolean;
}

export interface HttpServer {
  /** Listens on 127.0.0.1. Resolves to the port. Port 0 (default) stands for any free port. */
  listen(port?: number): Promise<number>;
  /** Stops listening and ends idle connections. Answers in progress get `graceMs` (default 0) before they are cut. */
  close(graceMs?: number): Promise<void>;
}

/** The budget for all bodies of one server in progress, if `admit` names no other. */
const ALL_BODIES_BYTES = 256 * 1024 * 1024;

const DEFAULT_LIMITS: HttpLimits = {
  headBytes: 32_768,
  bodyBytes: 16 * 1024 * 1024,
  requestMs: 60_000,
  // Longer than the keep-alive time of any client, so that no request arrives while the server closes the connection.
  idleMs: 600_000,
};

/** The value of the Date header, computed once a second. */
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
 * Creates an HTTP/1.1 server on a loopback socket, made for many small requests. A request is read completely, an
 * answer is written at once, and only the request object is allocated per request.
 *
 * It supports keep-alive, pipelining (answers in order), Content-Length and chunked bodies, `Expect: 100-continue`,
 * HEAD, half-closed clients, and HTTP/1.0. It refuses requests that are malformed, ambiguous, too large or too slow
 * with 400, 408, 413, 414, 417, 431, 501, 503 or 505, and closes the connection. Answers may be given at any later time
 * (long polls).
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
    holdsAnswers: options.holdsAnswers ?? false,
    forget: (connection: Connection) => {
      connections.delete(connection);
    },
  } satisfies ConnectionHost;
  const server = createListener(options.tls, (socket) => {
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
          // Accepting connections can fail later, when the process has no file descriptors left. The server continues.
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

function createListener(tls: HttpServerOptions['tls'], onConnection: (socket: Socket) => void): Server {
  const options = { noDelay: true, allowHalfOpen: true };
  if (tls === undefined) return createServer(options, onConnection);
  // A client that breaks off or does not trust the certificate is its own affair.
  return createTlsServer({ ...options, key: tls.privateKey, cert: tls.certificate }, onConnection);
}
