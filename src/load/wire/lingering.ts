import type net from 'node:net';

/** How long a finished connection waits for the server to close it first. */
const LINGER_MS = 1000;

/**
 * Connections that will not be used again. The side that closes first keeps the port occupied for a minute. So the
 * server, which announced the end, gets a second to close first. Only a limited number may wait; the oldest is closed
 * first, so that a server that never closes can't use up this machine's descriptors.
 */
export class Lingering {
  readonly #limit: number;
  /** In the order in which they were added. */
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
    if (this.#sockets.size > this.#limit) this.endOldest();
  }

  /** Closes the one that has waited longest, so that its descriptor is free. Returns false if none waits. */
  endOldest(): boolean {
    const [oldest] = this.#sockets.keys();
    if (oldest === undefined) return false;
    this.#end(oldest);
    return true;
  }

  /** Closes all of them immediately. */
  end(): void {
    for (const socket of this.#sockets.keys()) this.#end(socket);
  }

  #end(socket: net.Socket): void {
    clearTimeout(this.#sockets.get(socket));
    this.#sockets.delete(socket);
    socket.destroy();
  }
}
