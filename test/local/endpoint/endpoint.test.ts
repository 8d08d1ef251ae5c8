import { createHash, createHmac } from 'node:crypto';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getGlobalDispatcher, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DataPlaneRequest, DoorRequest, Service } from '../../../src/local/seams.ts';
import { createSts } from '../../../src/local/services/sts/service.ts';
import { exchange } from '../http/raw-client.ts';
import { ACCESS_KEY_ID, ACCOUNT_ID, type OpenDoor, openDoor, SECRET_ACCESS_KEY } from '../open-door.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
let door: OpenDoor;
let now = NOW;
const seen: DoorRequest[] = [];
const dataPlaneSeen: DataPlaneRequest[] = [];

/** Keeps what reached it: a refused request must not. */
function recorder(signingName: string): Service {
  return {
    signingName,
    handle: async (incoming) => {
      seen.push(incoming);
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'in' };
    },
  };
}

beforeAll(async () => {
  door = await openDoor({
    services: (log) => [
      ...['s3', 'logs', 'lambda', 'shedbench'].map(recorder),
      createSts({ accountId: ACCOUNT_ID, log }, ACCESS_KEY_ID),
    ],
    dataPlane: async (incoming) => {
      dataPlaneSeen.push(incoming);
      if (incoming.path === '/throw') throw new Error('a bug in the data plane');
      return { status: 201, headers: ['X-A', '1'], body: incoming.body };
    },
    now: () => now,
  });
});
afterEach(() => {
  seen.length = 0;
  dataPlaneSeen.length = 0;
  door.log.length = 0;
  now = NOW;
});
afterAll(() => door.close());

/** Signs as the documentation of SigV4 says, independently of the code under test. */
function sign(options: {
  readonly method?: string;
  readonly path?: string;
  readonly canonicalPath?: string;
  readonly query?: string;
  readonly service?: string;
  readonly region?: string;
  readonly secret?: string;
  readonly accessKeyId?: string;
  readonly atEpochMs?: number;
  readonly payloadHash?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}): {
  readonly headers: Record<string, string>;
  readonly key: Buffer;
  readonly signature: string;
  readonly scope: string;
} {
  const stamp = new Date(options.atEpochMs ?? NOW).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    ...options.headers,
    host: `127.0.0.1:${door.port}`,
    'x-amz-date': stamp,
  };
  const hash = options.payloadHash ?? sha256(options.body ?? '');
  if (options.service === 's3') headers['x-amz-content-sha256'] = hash;
  const names = Object.keys(headers).sort();
  const scope = `${stamp.slice(0, 8)}/${options.region ?? 'us-east-1'}/${options.service ?? 'logs'}/aws4_request`;
  const canonical = [
    options.method ?? 'POST',
    options.canonicalPath ?? options.path ?? '/',
    options.query ?? '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    hash,
  ].join('\n');
  let key: Buffer = Buffer.from(`AWS4${options.secret ?? SECRET_ACCESS_KEY}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`)
    .digest('hex');
  return {
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${options.accessKeyId ?? ACCESS_KEY_ID}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
    key,
    signature,
    scope,
  };
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

async function send(
  options: Parameters<typeof sign>[0],
  change: (headers: Record<string, string>) => Record<string, string> = (headers) => headers,
  sent: { readonly body?: string; readonly path?: string } = {},
): Promise<{ readonly status: number; readonly type: string; readonly body: string }> {
  const { headers } = sign(options);
  const path = sent.path ?? `${options.path ?? '/'}${options.query === undefined ? '' : `?${options.query}`}`;
  const method = (options.method ?? 'POST') as 'POST';
  const body = sent.body ?? options.body;
  // Not a URL: that would take the dots out of the path.
  const answer = await getGlobalDispatcher().request({
    origin: door.endpoint,
    path,
    method,
    headers: change(headers),
    ...(body === undefined ? {} : { body }),
  });
  return {
    status: answer.statusCode,
    type: String(answer.headers['x-amzn-errortype'] ?? ''),
    body: await answer.body.text(),
  };
}

describe('a signed request', () => {
  test('a signed request reaches its service with the verified body, query and headers', async () => {
    const answer = await send({
      path: '/a%20b/',
      canonicalPath: '/a%2520b/',
      query: 'a=1&b=%20&c=',
      body: 'the body',
      headers: { 'content-type': 'x/y', 'x-extra': 'two words' },
    });
    expect(answer).toEqual({ status: 200, type: '', body: 'in' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/a%20b/' });
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'x/y', 'x-extra': 'two words' });
    expect([...(seen[0]?.query ?? [])]).toEqual([
      ['a', '1'],
      ['b', ' '],
      ['c', ''],
    ]);
    expect(seen[0]?.body.toString()).toBe('the body');
  });

  test('the signature of a request to S3 covers the path without encoding it again', async () => {
    expect(await send({ service: 's3', method: 'PUT', path: '/b/a%20b/../c', body: 'x' })).toMatchObject({
      status: 200,
    });
    expect(seen[0]?.path).toBe('/b/a%20b/../c');
  });

  test('a signed request answers with its id', async () => {
    const answer = await request(door.endpoint, { method: 'POST', headers: sign({}).headers });
    expect(answer.headers['x-amzn-requestid']).toBe(seen[0]?.requestId);
    await answer.body.dump();
  });

  test('a request to an unknown service is refused with the names of the known ones', async () => {
    const answer = await send({ service: 'sqs' });
    expect(answer.status).toBe(501);
    expect(answer.body).toContain('no service');
    expect(answer.body).toContain('s3, logs, lambda, shedbench, sts');
  });
});

describe('what is not signed with the secret of this cloud gets 403 and reaches no service', () => {
  const cases: readonly (readonly [
    string,
    Parameters<typeof sign>[0],
    (headers: Record<string, string>) => Record<string, string>,
    string,
  ])[] = [
    ['no signature', {}, ({ authorization: _, ...rest }) => rest, ''],
    ['another secret', { secret: 'guess' }, (headers) => headers, 'InvalidSignatureException'],
    [
      'another access key id',
      { accessKeyId: 'AKIAOTHER' },
      (headers) => headers,
      'UnrecognizedClientException',
    ],
    ['another region', { region: 'eu-west-3' }, (headers) => headers, 'InvalidSignatureException'],
    [
      'a header changed after signing',
      { headers: { 'x-extra': 'a' } },
      (headers) => ({ ...headers, 'x-extra': 'b' }),
      'InvalidSignatureException',
    ],
    [
      'a signature cut short',
      {},
      (headers) => ({ ...headers, authorization: (headers.authorization ?? '').slice(0, -2) }),
      'InvalidSignatureException',
    ],
    [
      'a Host header that is not signed',
      {},
      (headers) => ({
        ...headers,
        authorization: (headers.authorization ?? '').replace('SignedHeaders=host;', 'SignedHeaders='),
      }),
      'IncompleteSignatureException',
    ],
    [
      'a signature 16 minutes old',
      { atEpochMs: NOW - 16 * 60_000 },
      (headers) => headers,
      'InvalidSignatureException',
    ],
    [
      'a signature from 16 minutes ahead',
      { atEpochMs: NOW + 16 * 60_000 },
      (headers) => headers,
      'InvalidSignatureException',
    ],
    [
      'another algorithm',
      {},
      (headers) => ({
        ...headers,
        authorization: (headers.authorization ?? '').replace('HMAC-SHA256', 'HMAC-SHA512'),
      }),
      'IncompleteSignatureException',
    ],
    [
      'a mangled credential',
      {},
      (headers) => ({
        ...headers,
        authorization: (headers.authorization ?? '').replace('/aws4_request', ''),
      }),
      'IncompleteSignatureException',
    ],
    [
      'Basic authorization',
      {},
      (headers) => ({ ...headers, authorization: 'Basic YTpi' }),
      'IncompleteSignatureException',
    ],
  ];
  test.each(cases)('a request with %s is refused with 403', async (_fault, options, change, type) => {
    const answer = await send(
      { ...options, headers: { ...options.headers, 'x-amz-target': 'Logs_20140328.X' } },
      change,
    );
    expect(answer.status).toBe(403);
    expect(answer.type).toBe(type === '' ? 'MissingAuthenticationTokenException' : type);
    expect(JSON.parse(answer.body)).toMatchObject({ __type: answer.type });
    expect(seen).toEqual([]);
  });

  test('a body other than the signed one is refused', async () => {
    expect(await send({ body: 'signed' }, undefined, { body: 'forged' })).toMatchObject({ status: 403 });
    expect(
      await send({ service: 's3', method: 'PUT', body: 'signed' }, undefined, { body: 'forged' }),
    ).toMatchObject({
      status: 403,
      body: expect.stringContaining('<Code>XAmzContentSHA256Mismatch</Code>'),
    });
    expect(seen).toEqual([]);
  });

  test('a query or path other than the signed one is refused', async () => {
    expect(await send({ query: 'a=1' }, undefined, { path: '/?a=2' })).toMatchObject({ status: 403 });
    expect(await send({ path: '/x' }, undefined, { path: '/y' })).toMatchObject({ status: 403 });
    expect(await send({}, undefined, { path: '/?a=1' })).toMatchObject({ status: 403 });
    expect(seen).toEqual([]);
  });

  test('a request that is fourteen minutes old is accepted', async () => {
    expect(await send({ atEpochMs: NOW - 14 * 60_000 })).toMatchObject({ status: 200 });
    expect(await send({ atEpochMs: NOW + 14 * 60_000 })).toMatchObject({ status: 200 });
  });
});

describe('refusals speak the protocol of their service', () => {
  test('an STS client without the right secret gets an error of awsQuery', async () => {
    const client = new STSClient({
      ...door.clientConfig,
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: 'wrong' },
    });
    now = Date.now();
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    client.destroy();
  });

  test.each([
    [
      'form',
      { 'content-type': 'application/x-www-form-urlencoded' },
      '/',
      '<Code>MissingAuthenticationToken</Code>',
    ],
    ['S3', {}, '/bucket/key', '<Code>AccessDenied</Code>'],
    ['Lambda', {}, '/2015-03-31/functions/', '"MissingAuthenticationTokenException"'],
  ])(
    'an unsigned request is refused in the protocol of its service: %s',
    async (_title, headers, path, expected) => {
      const answer = await request(door.endpoint + path, { method: 'POST', headers });
      expect(answer.statusCode).toBe(403);
      const text = (await answer.body.text()) + JSON.stringify(answer.headers['x-amzn-errortype'] ?? '');
      expect(text).toContain(expected);
    },
  );
});

describe('who may knock', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost',
    '127.0.0.1.evil.example:PORT',
    '[::1]:PORT',
  ])('a Host of %s is refused on every path', async (name) => {
    const host = name.replace('PORT', String(door.port));
    for (const path of ['/', '/_shedbench/machine', '/_aws/execute-api/abc/v1/dog']) {
      const answer = await exchange(
        door.port,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect([...seen, ...dataPlaneSeen]).toEqual([]);
  });

  test('an absolute target with a foreign authority is refused although the Host is ours', async () => {
    const answer = await exchange(
      door.port,
      `GET http://evil.example/_aws/execute-api/abc/v1/dog HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(dataPlaneSeen).toEqual([]);
  });

  test('localhost with our port is ours', async () => {
    const answer = await exchange(
      door.port,
      `GET /_aws/execute-api/abc/v1/dog HTTP/1.1\r\nHost: localhost:${door.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  });

  test('a page in a browser is refused even with a good signature, but for the data plane', async () => {
    const origin = 'http://localhost:3000';
    expect(await send({}, (headers) => ({ ...headers, origin }))).toMatchObject({ status: 403 });
    expect(seen).toEqual([]);
    const open = await request(`${door.endpoint}/_aws/execute-api/abc/v1/dog`, { headers: { origin } });
    expect(open.statusCode).toBe(201);
    await open.body.dump();
    const preflight = await request(`${door.endpoint}/`, { method: 'OPTIONS', headers: { origin } });
    expect(preflight.statusCode).toBe(403);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    await preflight.body.dump();
  });

  test('only loopback is listened on', async () => {
    const { networkInterfaces } = await import('node:os');
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.internal === false && address.family === 'IPv4');
    // A machine without any other address has nothing to listen on.
    if (outside === undefined) return;
    await expect(request(`http://${outside.address}:${door.port}/`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

describe('the data plane', () => {
  test('the data plane gets API, stage, path and query as sent, unsigned', async () => {
    const answer = await request(`${door.endpoint}/_aws/execute-api/abc123/v1/sheeps/1%2F2?a=%20&b`, {
      method: 'POST',
      headers: { 'X-Mixed': 'Yes' },
      body: 'body',
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['x-a']).toBe('1');
    expect(await answer.body.text()).toBe('body');
    expect(dataPlaneSeen[0]).toMatchObject({
      restApiId: 'abc123',
      stage: 'v1',
      method: 'POST',
      path: '/sheeps/1%2F2',
      rawQuery: 'a=%20&b',
      sourceIp: '127.0.0.1',
    });
    expect(dataPlaneSeen[0]?.rawHeaders).toContain('X-Mixed');
  });

  test.each([
    ['/_aws/execute-api/abc/v1', 'abc', 'v1', '/'],
    ['/_aws/execute-api/abc/v1/', 'abc', 'v1', '/'],
    ['/_aws/execute-api/abc', 'abc', '', '/'],
    ['/_aws/execute-api/', '', '', '/'],
  ])('the path %s of the data plane names API, stage and path', async (path, restApiId, stage, rest) => {
    await (await request(door.endpoint + path)).body.dump();
    expect(dataPlaneSeen[0]).toMatchObject({ restApiId, stage, path: rest });
  });

  test('a data plane that throws is answered with 500 and logged', async () => {
    const answer = await request(`${door.endpoint}/_aws/execute-api/abc/v1/throw`);
    expect(answer.statusCode).toBe(500);
    expect(await answer.body.json()).toEqual({ message: 'Internal server error' });
    expect(door.log[0]).toContain('a bug in the data plane');
  });
});

describe('presigned URLs', () => {
  function presign(
    options: { readonly expires?: number; readonly atEpochMs?: number; readonly path?: string } = {},
  ): string {
    const stamp = new Date(options.atEpochMs ?? NOW).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = `${stamp.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const path = options.path ?? '/bucket/key';
    const query = [
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      `X-Amz-Credential=${encodeURIComponent(`${ACCESS_KEY_ID}/${scope}`)}`,
      `X-Amz-Date=${stamp}`,
      `X-Amz-Expires=${options.expires ?? 60}`,
      'X-Amz-SignedHeaders=host',
    ].join('&');
    const canonical = `GET\n${path}\n${query}\nhost:127.0.0.1:${door.port}\n\nhost\nUNSIGNED-PAYLOAD`;
    let key: Buffer = Buffer.from(`AWS4${SECRET_ACCESS_KEY}`);
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
    const signature = createHmac('sha256', key)
      .update(`AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`)
      .digest('hex');
    return `${door.endpoint}${path}?${query}&X-Amz-Signature=${signature}`;
  }
  const status = async (url: string) => {
    const answer = await request(url);
    await answer.body.dump();
    return answer.statusCode;
  };

  test('presigned URLs are let in until they expire', async () => {
    expect(await status(presign())).toBe(200);
    expect(await status(presign({ atEpochMs: NOW - 59_000 }))).toBe(200);
    expect(await status(presign({ atEpochMs: NOW - 61_000 }))).toBe(403);
    expect(seen).toHaveLength(2);
  });

  test('presigned URLs hold for their path and validity only', async () => {
    expect(await status(presign().replace('/bucket/key', '/bucket/other'))).toBe(403);
    expect(await status(presign().replace('X-Amz-Expires=60', 'X-Amz-Expires=600'))).toBe(403);
    expect(await status(presign({ expires: 604_801 }))).toBe(403);
    expect(seen).toEqual([]);
  });
});

describe('aws-chunked bodies', () => {
  const DECODED = 'x-amz-decoded-content-length';

  /** A stream of chunks signed as the documentation says. */
  function signedStream(chunks: readonly string[], trailer?: readonly [string, string]) {
    const length = chunks.join('').length;
    const { headers, key, signature, scope } = sign({
      service: 's3',
      method: 'PUT',
      path: '/b/k',
      payloadHash: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? '' : '-TRAILER'}`,
      headers: { [DECODED]: String(length) },
    });
    const stamp = headers['x-amz-date'];
    let previous = signature;
    let body = '';
    for (const chunk of [...chunks, '']) {
      previous = createHmac('sha256', key)
        .update(`AWS4-HMAC-SHA256-PAYLOAD\n${stamp}\n${scope}\n${previous}\n${sha256('')}\n${sha256(chunk)}`)
        .digest('hex');
      body += `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}${chunk === '' ? '' : '\r\n'}`;
    }
    if (trailer === undefined) return { headers, body: `${body}\r\n` };
    const line = `${trailer[0]}:${trailer[1]}\n`;
    const end = createHmac('sha256', key)
      .update(`AWS4-HMAC-SHA256-TRAILER\n${stamp}\n${scope}\n${previous}\n${sha256(line)}`)
      .digest('hex');
    return { headers, body: `${body}${trailer[0]}:${trailer[1]}\r\nx-amz-trailer-signature:${end}\r\n\r\n` };
  }
  async function put(headers: Record<string, string>, body: string) {
    const answer = await request(`${door.endpoint}/b/k`, { method: 'PUT', headers, body });
    return { status: answer.statusCode, body: await answer.body.text() };
  }

  test('aws-chunked bodies with signed chunks arrive without their framing', async () => {
    const { headers, body } = signedStream(['hello ', 'world']);
    expect(await put(headers, body)).toMatchObject({ status: 200 });
    expect(seen[0]?.body.toString()).toBe('hello world');
  });

  test('aws-chunked bodies with signed trailers pass the trailers on as headers', async () => {
    const { headers, body } = signedStream(['hello'], ['x-amz-checksum-crc32', 'NhCmhg==']);
    expect(await put(headers, body)).toMatchObject({ status: 200 });
    expect(seen[0]?.headers['x-amz-checksum-crc32']).toBe('NhCmhg==');
  });

  test('an aws-chunked body without signatures but with trailers, as newer clients send it, is read', async () => {
    const { headers } = sign({
      service: 's3',
      method: 'PUT',
      path: '/b/k',
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: { [DECODED]: '5' },
    });
    expect(await put(headers, '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n')).toMatchObject({
      status: 200,
    });
    expect(seen[0]?.body.toString()).toBe('hello');
    expect(seen[0]?.headers['x-amz-checksum-crc32']).toBe('NhCmhg==');
  });

  test.each([
    ['a changed chunk', (body: string) => body.replace('hello', 'hallo'), 'SignatureDoesNotMatch'],
    ['a changed trailer', (body: string) => body.replace('NhCmhg', 'NhCmhh'), 'SignatureDoesNotMatch'],
    ['a chunk left out', (body: string) => body.slice(body.indexOf('\r\n', 90) + 2), 'IncompleteBody'],
    ['a stream cut short', (body: string) => body.slice(0, 92), 'IncompleteBody'],
    ['a size too large', (body: string) => body.replace('5;', 'fff;'), 'IncompleteBody'],
  ])('aws-chunked bodies with %s are refused', async (_title, change, code) => {
    const { headers, body } = signedStream(['hello'], ['x-amz-checksum-crc32', 'NhCmhg==']);
    const answer = await put(headers, change(body));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
    expect(seen).toEqual([]);
  });

  test('aws-chunked bodies that are shorter than declared are refused', async () => {
    const { headers } = sign({
      service: 's3',
      method: 'PUT',
      path: '/b/k',
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: { [DECODED]: '6' },
    });
    expect((await put(headers, '5\r\nhello\r\n0\r\n\r\n')).body).toContain('<Code>IncompleteBody</Code>');
    expect(seen).toEqual([]);
  });
});

describe('a body', () => {
  test.each([
    ['without a signature', ''],
    [
      'with the key of another cloud',
      `Authorization: ${'AWS4-HMAC-SHA256 Credential=AKIAOTHER/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00'}\r\nX-Amz-Date: 20260101T000000Z\r\n`,
    ],
  ])('%s is refused after the head, before it is sent', async (_, header) => {
    const answer = await exchange(
      door.port,
      `PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\n${header}Content-Length: 500000000\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});
