import net from 'node:net';
import type tls from 'node:tls';
import { type Connector, useSmallRecords } from '../wire/connector.ts';

const HOST = '127.0.0.1';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"count":1}';
/**
 * The key that both ends know, so that no certificate is needed. Nothing secret is sent. Node has keys of this kind up to
 * TLS 1.2 only; its records are encrypted as in TLS 1.3.
 */
const KEY = Buffer.alloc(16);
const BY_KEY = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;

/** A server in this thread that accepts one connection on the loopback and answers all that it reads. */
export class RehearsalServer {
  readonly #isTls: boolean;
  #server: net.Server | undefined;
  #socket: net.Socket | undefined;
  #isOver = false;

  constructor(isTls: boolean) {
    this.#isTls = isTls;
  }

  /** Starts the server. Returns the way to connect to it, or undefined if this machine does not allow it. */
  async listen(): Promise<Connector | undefined> {
    const secure = this.#isTls ? await import('node:tls') : undefined;
    if (this.#isOver) return undefined;
    const serve = (socket: net.Socket) => this.#serve(socket);
    const server =
      secure === undefined
        ? net.createServer(serve)
        : secure.createServer({ ...BY_KEY, pskCallback: () => KEY }, serve);
    this.#server = server;
    const port = await new Promise<number | undefined>((resolve) => {
      server.unref().once('error', () => resolve(undefined));
      server.once('close', () => resolve(undefined));
      server.listen(0, HOST, () => {
        const address = server.address();
        resolve(address === null || typeof address === 'string' ? undefined : address.port);
      });
    });
    return port === undefined ? undefined : connectorTo(port, secure);
  }

  /** Closes the server and its connection. */
  close(): void {
    this.#isOver = true;
    this.#server?.close();
    this.#socket?.destroy();
  }

  #serve(socket: net.Socket): void {
    this.#server?.close();
    this.#socket = socket.setNoDelay(true).unref();
    // The other end notices that the connection is lost.
    socket.on('error', () => undefined).on('data', () => socket.write(ANSWER, 'latin1'));
  }
}

/** @param secure the module of TLS; undefined for a connection without TLS */
function connectorTo(port: number, secure: typeof tls | undefined): Connector {
  return {
    authority: `${HOST}:${port}`,
    basePath: '',
    isTls: secure !== undefined,
    resolveFailure: undefined,
    addressCount: 1,
    resolve: () => Promise.resolve(),
    refuse: () => undefined,
    close: () => undefined,
    connect(onread) {
      const where = { host: HOST, port, noDelay: true, onread };
      const socket = secure === undefined ? net.connect(where) : connectByKey(secure, where);
      return { socket: socket.unref(), address: HOST };
    },
  };
}

function connectByKey(secure: typeof tls, where: tls.ConnectionOptions): net.Socket {
  const socket = secure.connect({
    ...where,
    ...BY_KEY,
    pskCallback: () => ({ psk: KEY, identity: 'rehearsal' }),
    checkServerIdentity: () => undefined,
  });
  useSmallRecords(socket);
  return socket;
}
