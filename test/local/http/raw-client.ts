import { connect, type Socket } from 'node:net';

/** A connection that sends bytes as they are given and collects what comes back. */
export interface RawConnection {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  /** Everything received so far, Latin-1. */
  received(): string;
  /** Resolves once the text received fits; rejects if the connection ends before. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with everything received once the server has closed its side. */
  closed(): Promise<string>;
}

export async function rawConnect(port: number): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  let text = '';
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const watcher of [...watchers]) watcher();
  };
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    tell();
  });
  const end = () => {
    hasEnded = true;
    tell();
  };
  socket.on('end', end);
  socket.on('close', end);
  socket.on('error', end);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const wait = (isDone: () => boolean, why: string) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (isDone()) resolve(text);
        else if (hasEnded) reject(new Error(`connection ended, ${why}; received: ${text}`));
        else return;
        watchers.delete(check);
      };
      watchers.add(check);
      check();
    });
  return {
    socket,
    send: (bytes) => {
      socket.write(bytes, 'latin1');
    },
    received: () => text,
    until: (pattern) => wait(() => pattern.test(text), `waiting for ${pattern}`),
    closed: () => wait(() => hasEnded, 'waiting for the end'),
  };
}

/** Sends one text on a fresh connection and resolves with all that came until the server closed. */
export async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const connection = await rawConnect(port);
  connection.send(bytes);
  const answer = await connection.closed();
  connection.socket.destroy();
  return answer;
}
