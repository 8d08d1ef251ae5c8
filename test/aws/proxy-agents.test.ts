import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import { identify } from '../../src/aws/identity.ts';
import type { Target } from '../../src/model/target.ts';

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

/** A proxy that takes note of every host. It carries plain requests to `upstream` and every CONNECT to `tunnelTo`. */
let proxy: Server;
let upstream: Server;
let asked: string[];
let tunnelStatus: number;
let tunnelTo: number | undefined;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

beforeEach(async () => {
  asked = [];
  tunnelStatus = 502;
  tunnelTo = undefined;
  upstream = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).end(IDENTITY);
  });
  proxy = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const onward = httpRequest(
      { port: portOf(upstream), host: '127.0.0.1', method: request.method },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (tunnelTo === undefined) {
      socket.end(`HTTP/1.1 ${tunnelStatus} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(tunnelTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await Promise.all([listen(proxy), listen(upstream)]);
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of [proxy, upstream]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

function open(env: Readonly<Record<string, string>>, target: Partial<Target> = {}) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return createClients(
    {
      kind: 'aws',
      region: 'eu-west-3',
      credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
      ...target,
    },
    { env: { ...process.env }, toolVersion: '1.2.3' },
  );
}

const proxyUrl = (): string => `http://127.0.0.1:${portOf(proxy)}`;

/** One call without the SDK's retries, of which only the way matters. */
async function headBucket(clients: ReturnType<typeof open>): Promise<unknown> {
  const s3 = await clients.s3();
  s3.config.maxAttempts = async () => 1;
  const result: unknown = await s3
    .send(new HeadBucketCommand({ Bucket: 'shed' }))
    .catch((error: unknown) => error);
  clients.destroy();
  return result;
}

describe('the AWS clients', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])(
    'the AWS clients reach AWS through %s',
    async (name) => {
      await headBucket(open({ [name]: proxyUrl() }));
      expect(new Set(asked)).toEqual(new Set(['CONNECT shed.s3.eu-west-3.amazonaws.com:443']));
    },
  );

  test('the AWS clients use plain HTTP to a proxy that is named without a scheme', async () => {
    await headBucket(open({ HTTPS_PROXY: `127.0.0.1:${portOf(proxy)}` }));
    expect(new Set(asked)).toEqual(new Set(['CONNECT shed.s3.eu-west-3.amazonaws.com:443']));
  });

  test('the AWS clients reach a host that NO_PROXY covers directly', async () => {
    const clients = open(
      { HTTP_PROXY: proxyUrl(), NO_PROXY: '.internal' },
      { endpoint: 'http://emulator.internal:4566', kind: 'endpoint' },
    );
    await headBucket(clients);
    expect(asked).toEqual([]);
  });

  test('the AWS clients reach a plain HTTP endpoint through HTTP_PROXY', async () => {
    const clients = open(
      { HTTP_PROXY: proxyUrl() },
      { endpoint: 'http://emulator.example:4566', kind: 'endpoint' },
    );
    expect(await identify(clients)).toMatchObject({ accountId: '123456789012' });
    clients.destroy();
    expect(asked).toEqual(['POST http://emulator.example:4566/']);
  });

  test('the AWS clients reach this machine directly, whatever the proxy', async () => {
    const clients = open(
      { HTTP_PROXY: proxyUrl(), ALL_PROXY: proxyUrl() },
      { endpoint: `http://127.0.0.1:${portOf(upstream)}`, kind: 'local' },
    );
    expect(await identify(clients)).toMatchObject({ accountId: '123456789012' });
    clients.destroy();
    expect(asked).toEqual([]);
  });

  test('the AWS clients report a proxy that requires a password', async () => {
    tunnelStatus = 407;
    const clients = open({ HTTPS_PROXY: proxyUrl() });
    await expect(identify(clients)).rejects.toMatchObject({ code: 'proxy-denied', exitCode: 3 });
    clients.destroy();
  });

  test('the AWS clients report a proxy that intercepts TLS, with the variable that makes its certificate trusted', async () => {
    const { createServer } = await import('node:https');
    const { readFileSync } = await import('node:fs');
    const folder = new URL('../load/fixtures/', import.meta.url);
    const intercepting = createServer(
      {
        key: readFileSync(new URL('key.pem', folder)),
        cert: readFileSync(new URL('self-signed.pem', folder)),
      },
      (_, response) => response.end(),
    );
    await listen(intercepting as unknown as Server);
    tunnelTo = portOf(intercepting as unknown as Server);
    const clients = open({ HTTPS_PROXY: proxyUrl() });
    await expect(identify(clients)).rejects.toMatchObject({
      code: 'tls-not-trusted',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS='),
    });
    clients.destroy();
    intercepting.closeAllConnections();
    intercepting.close();
  });
});
