import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { Endpoint, isLoopback } from '../../../src/load/wire/connector.ts';
import type { LookUpName } from '../../../src/load/wire/look-up-name.ts';
import { freePort, type RawServer, rawServer } from '../support/raw-server.ts';

const onread = { buffer: Buffer.alloc(100), callback: () => true };
const both: LookUpName = async () => [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
];

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
async function serveOn(host: string): Promise<RawServer> {
  const server = await rawServer(() => undefined, { host });
  servers.push(server);
  return server;
}

test.each([
  ['http://api.test/v1/', 'api.test', '/v1', false],
  ['https://api.test:8443/a/b//', 'api.test:8443', '/a/b', true],
  ['http://[::1]:80', '[::1]', '', false],
])('the authority, the path and TLS are read from %s', (url, authority, basePath, isTls) => {
  const endpoint = new Endpoint(url);
  expect({ authority: endpoint.authority, basePath: endpoint.basePath, isTls: endpoint.isTls }).toEqual({
    authority,
    basePath,
    isTls,
  });
});

test.each([
  ['http://localhost:3000/x', true],
  ['https://127.0.0.1', true],
  ['http://[::1]:8080', true],
  ['https://127.example.com', false],
  ['https://localhost.example.com', false],
])('the host of %s is on this machine: %s', (url, expected) => {
  expect(isLoopback(url)).toBe(expected);
});

describe('addresses', () => {
  test.each(['::1', '127.0.0.1'])(
    'of addresses of both families, those of the family that answers are used, %s',
    async (host) => {
      const { port } = await serveOn(host);
      const endpoint = new Endpoint(`http://both.test:${port}`, {}, both);
      await endpoint.resolve(0);
      expect(endpoint.addressCount).toBe(1);
      const connection = endpoint.connect(onread);
      expect(connection?.address).toBe(host);
      await once(connection?.socket ?? process, 'connect');
      connection?.socket.destroy();
    },
  );

  test('addresses of both families stay where neither answers yet', async () => {
    const endpoint = new Endpoint(`http://both.test:${await freePort()}`, {}, both);
    await endpoint.resolve(0);
    expect(endpoint.addressCount).toBe(2);
  });

  test('addresses of both families can be used before it is known which family answers', async () => {
    const endpoint = new Endpoint(`http://both.test:${await freePort()}`, {}, both);
    const resolving = endpoint.resolve(0);
    // Only promises are settled here, no event of a socket.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect({ count: endpoint.addressCount, failure: endpoint.resolveFailure }).toEqual({
      count: 2,
      failure: undefined,
    });
    await resolving;
  });

  test('addresses of one family take turns, and one that refuses is left out until all have refused', async () => {
    const endpoint = new Endpoint('http://many.test:9', {}, async () =>
      ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((address) => ({ address, family: 4 })),
    );
    await endpoint.resolve(0);
    const next = () => {
      const connection = endpoint.connect(onread);
      connection?.socket.on('error', () => undefined).destroy();
      return connection?.address;
    };
    expect([next(), next(), next(), next()]).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.1']);
    endpoint.refuse('127.0.0.2');
    expect([next(), next(), next()]).toEqual(['127.0.0.3', '127.0.0.1', '127.0.0.3']);
    endpoint.refuse('127.0.0.1');
    endpoint.refuse('127.0.0.3');
    expect(new Set([next(), next(), next()]).size).toBe(3);
  });

  test('addresses are looked up at most every five seconds, and a later failure keeps those there were', async () => {
    let asked = 0;
    const endpoint = new Endpoint('http://name.test', {}, async () => {
      if (++asked > 1) throw Object.assign(new Error('gone'), { code: 'ENOTFOUND' });
      return [{ address: '127.0.0.1', family: 4 }];
    });
    await Promise.all([endpoint.resolve(0), endpoint.resolve(0)]);
    await endpoint.resolve(4999);
    expect(asked).toBe(1);
    await endpoint.resolve(5000);
    expect(asked).toBe(2);
    expect({ count: endpoint.addressCount, failure: endpoint.resolveFailure }).toEqual({
      count: 1,
      failure: undefined,
    });
  });

  test('addresses that a name lacks are told with the reason, and no connection is made', async () => {
    const endpoint = new Endpoint('http://name.test', {}, async () => {
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    });
    await endpoint.resolve(0);
    expect(endpoint.resolveFailure).toBe('ENOTFOUND');
    expect(endpoint.connect(onread)).toBeUndefined();
  });
});
