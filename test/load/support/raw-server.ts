import { once } from 'node:events';
import net from 'node:net';

/** One request as a raw server sees it. */
export interface RawRequest {
  readonly socket: net.Socket;
  /** The request's head, without the empty line. */
  readonly head: string;
  /** How many requests the server had before this one, and how many this connection had. */
  readonly index: number;
  readonly onConnection: number;
}

export interface RawServer {
  readonly url: string;
  readonly port: number;
  readonly requests: string[];
  connections: number;
  close(): Promise<void>;
}

export const answer = (status: number, body = '{"count":1}', headers = '') =>
  `HTTP/1.1 ${status} X\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

/** A server on loopback that answers each request with whatever bytes the test writes: right, wrong or none. */
export async function rawServer(
  onRequest: (request: RawRequest) => void,
  options: {
    readonly host?: string;
    readonly onConnection?: (socket: net.Socket) => void;
  } = {},
): Promise<RawServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    result.connections++;
    let text = '';
    let onConnection = 0;
    socket.on('close', () => sockets.delete(socket));
    // A client that cuts the connection is part of many of these tests.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        result.requests.push(head);
        onRequest({ socket, head, index: result.requests.length - 1, onConnection: onConnection++ });
      }
    });
    options.onConnection?.(socket);
  });
  server.listen(0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const result: RawServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: [],
    connections: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return result;
}

/** Resets a connection at once: `resetAndDestroy` would send what is buffered and a FIN first, an orderly end. */
export function reset(socket: net.Socket): void {
  const { _handle: handle } = socket as net.Socket & { _handle?: { reset(done: () => void): number } };
  handle?.reset(() => socket.destroy());
}

/** A port of loopback where nothing listens. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
