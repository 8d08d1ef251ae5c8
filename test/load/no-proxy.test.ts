import { afterEach, expect, test, vi } from 'vitest';
import { answer, type RawServer, rawServer } from './support/raw-server.ts';
import { load } from './support/run.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function open(status: number): Promise<RawServer> {
  const server = await rawServer(({ socket }) => socket.write(answer(status)));
  servers.push(server);
  return server;
}

test.each([[1], [2]])(
  'a load reaches its server directly, whatever proxy the environment names, with %i threads',
  async (threads) => {
    const server = await open(200);
    const proxy = await open(502);
    for (const name of ['http_proxy', 'https_proxy', 'all_proxy']) {
      vi.stubEnv(name, proxy.url);
      vi.stubEnv(name.toUpperCase(), proxy.url);
    }
    vi.stubEnv('no_proxy', undefined);
    vi.stubEnv('NO_PROXY', undefined);
    const { accounting } = await load(server.url, { calls: 20, threads });
    expect(accounting.successes).toBe(20);
    expect(proxy.connections).toBe(0);
  },
);
