import type net from 'node:net';

/** How long a finished connection may wait for the server to end it before we do. */
const LINGER_MS = 1000;

/**
 * Connections that must carry nothing more. The side that closes first keeps the port for a minute, so the server, which
 * announced the end, is given a second to close first. No more than a limit wait at once, and the oldest is closed first: a
 * server that never closes must not use up this machine's descriptors.
 */
export class Lingering {
  readonly #limit: number;
  /** In the order in which they came. */
  readonly #sockets = new Map<net.Socket, NodeJS.Timeout>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(socket: net.Socket): void {
    if (socket.destroyed) return;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    this.#sockets.set(socket, timer);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
    if (this.#sockets.size <= this.#limit) return;
    const [oldest] = this.#sockets.keys();
    if (oldest !== undefined) this.#end(oldest);
  }

  /** Ends all of them at once. */
  end(): void {
    for (const socket of this.#sockets.keys()) this.#end(socket);
  }

  #end(socket: net.Socket): void {
    clearTimeout(this.#sockets.get(socket));
    this.#sockets.delete(socket);
    socket.destroy();
  }
}
