import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that holds up invocations until it opens, so that they are in progress at the same time. */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  /** How many calls are in progress at the gate. */
  readonly waiting: () => number;
  /** Lets the calls at the gate end, and those that come later. */
  readonly open: () => void;
}

export async function createGate(): Promise<Gate> {
  const waiting = new Set<ServerResponse>();
  let isOpen = false;
  const server = createServer((_, response) => {
    if (isOpen) response.end();
    else waiting.add(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    waiting: () => waiting.size,
    open: () => {
      isOpen = true;
      for (const response of waiting) response.end();
      waiting.clear();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
