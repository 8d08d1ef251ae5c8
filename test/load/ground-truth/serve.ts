import { afterEach, expect } from 'vitest';
import { type DelayServer, type Delays, delayServer } from '../support/delay-server.ts';

// Real sockets and clocks. A busy machine adds any delay to a latency and takes none away, so only lower bounds hold
// here. The exact values are those of virtual-time.test.ts, and `npm run bench:load` measures what the machine adds.

const servers: DelayServer[] = [];

/** Starts a server that answers after the given delays. It is closed after the test. */
export async function serve(delays: Delays): Promise<DelayServer> {
  const server = await delayServer(delays);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** No latency is shorter than what the server took, to a thousandth for the clocks of two processes. */
export function expectAtLeast(actualMs: number | undefined, truthMs: number): void {
  expect(actualMs).toBeGreaterThanOrEqual(truthMs * 0.999);
}
