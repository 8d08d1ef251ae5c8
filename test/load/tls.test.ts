import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createCallCounter } from '../../src/load/engine/pacer.ts';
import { WireEngine } from '../../src/load/engine/wire-engine.ts';
import { createLoadPlan } from '../../src/load/load-plan.ts';
import { LoadSession } from '../../src/load/load-session.ts';
import { playSessions } from '../../src/load/run-load.ts';
import { Endpoint } from '../../src/load/wire/connector.ts';
import { createRequestSource } from '../../src/load/wire/request-source.ts';
import { explainWireError } from '../../src/load/wire/wire-error.ts';
import { freePort, rawServer, reset } from './support/raw-server.ts';
import { load, testDeps } from './support/run.ts';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');
const authority = fixture('authority');
const key = fixture('key');

interface Served {
  readonly port: number;
  /** Per connection: what the client asked for, and whether it resumed a session. */
  readonly handshakes: {
    serverName: string | false | null | undefined;
    reused: boolean;
    alpn: string | false | null;
  }[];
  close(): Promise<void>;
}
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serveTls(
  certificate: string,
  { answersPerConnection = 0, ...options }: ServerOptions & { readonly answersPerConnection?: number } = {},
  host = '127.0.0.1',
): Promise<Served> {
  const sockets = new Set<Duplex>();
  const server = createServer({ key, cert: fixture(certificate), ...options }, (_request, response) =>
    response.end('{"count":1}'),
  );
  server.maxRequestsPerSocket = answersPerConnection;
  server.on('connection', (socket) => sockets.add(socket));
  // A client that refuses the certificate ends the handshake.
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) =>
    served.handshakes.push({
      serverName: socket.servername,
      reused: socket.isSessionReused(),
      alpn: socket.alpnProtocol,
    }),
  );
  server.listen(0, host);
  await once(server, 'listening');
  const served: Served = {
    port: (server.address() as AddressInfo).port,
    handshakes: [],
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  servers.push(served);
  return served;
}

describe('a certificate that the machine trusts', () => {
  test('a certificate that the machine trusts is accepted by name, with SNI and HTTP/1.1 chosen', async () => {
    const { port, handshakes } = await serveTls('localhost', { ALPNProtocols: ['h2', 'http/1.1'] });
    const { accounting, connections } = await load(
      `https://localhost:${port}/v1`,
      { calls: 100 },
      { target: { certificateAuthorities: authority } },
    );
    expect(accounting).toMatchObject({ successes: 100, errors: 0 });
    expect(connections.opened).toBe(4);
    for (const { serverName, alpn } of handshakes)
      expect({ serverName, alpn }).toEqual({ serverName: 'localhost', alpn: 'http/1.1' });
  });

  test('a certificate that the machine trusts is accepted by address, without SNI, which takes no addresses', async () => {
    const { port, handshakes } = await serveTls('localhost');
    const { accounting } = await load(
      `https://127.0.0.1:${port}`,
      { calls: 10 },
      { target: { certificateAuthorities: authority } },
    );
    expect(accounting.successes).toBe(10);
    expect(handshakes[0]?.serverName).toBe(false);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'later connections resume the session of earlier ones: %s',
    async (version) => {
      const { port, handshakes } = await serveTls('localhost', {
        minVersion: version,
        maxVersion: version,
        answersPerConnection: 2,
      });
      const { accounting } = await load(
        `https://localhost:${port}`,
        { calls: 20, parallel: 1 },
        { target: { certificateAuthorities: authority } },
      );
      expect(accounting.successes).toBe(20);
      expect(handshakes.length).toBeGreaterThan(1);
      expect(handshakes.filter(({ reused }) => reused).length).toBe(handshakes.length - 1);
    },
  );

  test('a handshake that is never finished is an error of its own kind', async () => {
    const server = await rawServer(() => undefined);
    servers.push(server);
    const { accounting, warnings } = await load(`https://localhost:${server.port}`, {
      calls: 2,
      plan: { timeoutMs: 200 },
    });
    expect(accounting.attemptsByError).toEqual({ 'handshake-timeout': 2 });
    expect(warnings[0]?.message).toContain('did not finish the TLS handshake');
  });

  test('the time of handshakes is recorded apart from the latencies', async () => {
    const { port } = await serveTls('localhost');
    const { latency } = await load(
      `https://localhost:${port}`,
      { calls: 20, parallel: 2 },
      { target: { certificateAuthorities: authority } },
    );
    expect(latency.connect.count).toBe(2);
    expect(latency.handshake?.count).toBe(2);
    expect(latency.firstByte?.count).toBe(2);
    expect(latency.success.count).toBe(20);
    expect(latency.handshake?.maxMs).toBeLessThan(latency.connect.maxMs);
  });
});

describe('a certificate that the machine does not trust', () => {
  test.each([
    ['self-signed', 'localhost', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'is signed by itself'],
    [
      'localhost',
      'localhost',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'leads to no authority that this machine knows',
    ],
  ])(
    'no call is sent to a server with the certificate %s, and the error names --insecure',
    async (certificate, host, kind, words) => {
      const { port, handshakes } = await serveTls(certificate);
      const { accounting, warnings } = await load(`https://${host}:${port}`, { calls: 6 });
      expect(accounting).toMatchObject({ calls: 6, errors: 6, attemptsByError: { [kind]: 6 } });
      expect(accounting.reachedLambda).toEqual({ min: 0, max: 0 });
      expect(warnings[0]?.message).toContain(words);
      expect(warnings[0]?.hint).toContain('--insecure');
      expect(handshakes.filter(({ serverName }) => serverName !== 'localhost')).toEqual([]);
    },
  );

  test.each([
    ['expired', 'CERT_HAS_EXPIRED', 'has expired'],
    ['other-name', 'ERR_TLS_CERT_ALTNAME_INVALID', 'was made for another name'],
  ])('the error explains the refused certificate: %s', async (certificate, kind, words) => {
    const { port } = await serveTls(certificate);
    const { accounting, warnings } = await load(
      `https://localhost:${port}`,
      { calls: 6 },
      { target: { certificateAuthorities: authority } },
    );
    expect(accounting.attemptsByError).toEqual({ [kind]: 6 });
    expect(warnings[0]?.message).toContain(words);
  });

  test.each(['self-signed', 'expired', 'other-name'])(
    'with --insecure the refused certificate is accepted: %s',
    async (certificate) => {
      const { port } = await serveTls(certificate);
      const { accounting } = await load(
        `https://localhost:${port}`,
        { calls: 6 },
        { target: { insecure: true } },
      );
      expect(accounting.successes).toBe(6);
    },
  );
});

describe('a server that is not what the address says', () => {
  test('a server without TLS on an https port causes an error that says so', async () => {
    const server = createHttpServer((_request, response) => response.end('x')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({
      async close() {
        server.closeAllConnections();
        server.close();
      },
    });
    const { port } = server.address() as AddressInfo;
    const { accounting, warnings } = await load(`https://localhost:${port}`, { calls: 4 });
    expect(accounting.errors).toBe(4);
    expect(Object.keys(accounting.attemptsByError)).toHaveLength(1);
    expect(warnings[0]?.message).toContain('does not speak TLS');
  });

  test('a server with TLS on an http port answers no call', async () => {
    const { port } = await serveTls('localhost');
    const { accounting } = await load(`http://localhost:${port}`, { calls: 4 });
    expect(accounting).toMatchObject({ successes: 0, calls: 4 });
  });

  test('a handshake that the server cuts is an error, and no request was sent', async () => {
    const server = await rawServer(() => undefined, { onConnection: (socket) => socket.destroy() });
    servers.push(server);
    const { accounting, warnings } = await load(`https://localhost:${server.port}`, { calls: 4 });
    expect(accounting).toMatchObject({ calls: 4, errors: 4 });
    expect(warnings[0]?.message).toMatch(/during the TLS handshake|reset connections/);
    expect(accounting.reachedLambda).toEqual({ min: 0, max: 0 });
  });

  test('a reset during the TLS handshake is named as one', async () => {
    const server = await rawServer(() => undefined, {
      onConnection: (socket) => socket.once('data', () => reset(socket)),
    });
    servers.push(server);
    const { accounting, warnings } = await load(`https://localhost:${server.port}`, { calls: 4 });
    expect(accounting.attemptsByError).toEqual({ 'handshake-cut-short': 4 });
    expect(warnings[0]?.message).toContain('closed or reset connections during the TLS handshake');
  });

  test('a server of TLS 1.2 that wants a client certificate is explained', async () => {
    const { port } = await serveTls('localhost', {
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
    });
    const { accounting, warnings } = await load(
      `https://localhost:${port}`,
      { calls: 4 },
      { target: { insecure: true } },
    );
    expect(accounting).toMatchObject({ successes: 0, errors: 4 });
    expect(warnings[0]?.message).toContain('client certificate');
  });

  test('an alert of TLS without an explanation of its own is named as one', () => {
    expect(explainWireError('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'shed:443')?.message).toBe(
      'shed:443 ended the TLS connection with the alert that the error names.',
    );
  });

  test('a body cut short over TLS is an error', async () => {
    const server = tls.createServer({ key, cert: fixture('localhost') }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({
      async close() {
        server.close();
      },
    });
    const { port } = server.address() as AddressInfo;
    const { accounting } = await load(
      `https://localhost:${port}`,
      { calls: 6 },
      { target: { insecure: true } },
    );
    expect(accounting.attemptsByError).toEqual({ 'body-cut-short': 6 });
  });
});

describe('addresses', () => {
  test('an address that ends every handshake leaves all calls to the other, and none is an error', async () => {
    const { port } = await serveTls('localhost');
    const refusing = net.createServer((socket) => socket.end()).listen(port, '127.0.0.2');
    await once(refusing, 'listening');
    servers.push({
      async close() {
        refusing.close();
      },
    });
    const endpoint = new Endpoint(
      `https://localhost:${port}`,
      { certificateAuthorities: authority },
      async () => [
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    );
    const deps = testDeps();
    const plan = createLoadPlan({ route: 'dog', calls: 20, parallel: 4 });
    const counter = createCallCounter();
    const engine = new WireEngine({
      ...deps,
      plan,
      endpoint,
      requests: createRequestSource(plan, {
        basePath: endpoint.basePath,
        authority: endpoint.authority,
        userAgent: 'test',
      }),
      counter,
      wakeEarlyMs: 0,
    });
    const target = { runtime: 'test', url: `https://localhost:${port}` };
    const session = new LoadSession(plan, target, deps, engine, counter);
    const [result] = await playSessions([session]);
    expect(result?.accounting).toMatchObject({ calls: 20, successes: 20 });
    expect(result?.connections.failed).toBe(0);
  });

  test('an IPv6 literal is an address like any other', async () => {
    const { port } = await serveTls('localhost', {}, '::1');
    const { accounting } = await load(
      `https://[::1]:${port}`,
      { calls: 6 },
      { target: { certificateAuthorities: authority } },
    );
    expect(accounting.successes).toBe(6);
  });

  test('a name whose every address refuses causes one error for each call', async () => {
    const port = await freePort();
    const { accounting } = await load(`http://localhost:${port}`, { calls: 10, parallel: 5 });
    expect(accounting.attemptsByError).toEqual({ ECONNREFUSED: 10 });
  });
});
