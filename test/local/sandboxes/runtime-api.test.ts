import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  MAX_RESPONSE_BYTES,
  RuntimeApi,
  type RuntimeFailure,
  type RuntimeResult,
} from '../../../src/local/sandboxes/runtime-api.ts';

interface Seen {
  nexts: number;
  results: RuntimeResult[];
  initErrors: RuntimeFailure[];
  trouble: string[];
}

let api: RuntimeApi;
let address: string;
let seen: Seen;

async function open(secret: string): Promise<void> {
  seen = { nexts: 0, results: [], initErrors: [], trouble: [] };
  api = new RuntimeApi(
    {
      onNext: () => {
        seen.nexts += 1;
      },
      onResult: (result) => seen.results.push(result),
      onInitError: (error) => seen.initErrors.push(error),
      onTrouble: (message) => seen.trouble.push(message),
    },
    secret,
    () => performance.now(),
  );
  address = await api.listen();
}

beforeEach(() => open(''));
afterEach(() => api.close());

const PREFIX = '/2018-06-01/runtime';
const INVOCATION = {
  requestId: '0c7b1c5e-0000-4000-8000-000000000001',
  deadlineEpochMs: 1_700_000_000_123,
  functionArn: 'arn:aws:lambda:eu-west-3:123456789012:function:f',
  traceId: 'Root=1-2-3',
  payload: Buffer.from('{"sheep":"é"}'),
};

async function call(
  method: 'GET' | 'POST',
  path: string,
  options: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  const response = await request(`http://${address}${path}`, { method, ...options });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await response.body.text(),
  };
}

/** Takes the runtime through init and hands it an event. */
async function take(): Promise<{ headers: Record<string, string | string[] | undefined>; body: string }> {
  const next = call('GET', `${PREFIX}/invocation/next`);
  await expect.poll(() => seen.nexts).toBe(1);
  api.send(INVOCATION);
  return next;
}

describe('the Runtime API', () => {
  test('the Runtime API holds a request for the next event until there is one, and hands it on with its headers', async () => {
    const { headers, body } = await take();
    expect(body).toBe('{"sheep":"é"}');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': INVOCATION.requestId,
      'lambda-runtime-deadline-ms': '1700000000123',
      'lambda-runtime-invoked-function-arn': INVOCATION.functionArn,
      'lambda-runtime-trace-id': 'Root=1-2-3',
    });
  });

  test('the Runtime API takes an answer once', async () => {
    await take();
    const first = await call('POST', `${PREFIX}/invocation/${INVOCATION.requestId}/response`, {
      body: '"ok"',
    });
    expect(first).toMatchObject({ status: 202, body: '{"status":"OK"}\n' });
    const second = await call('POST', `${PREFIX}/invocation/${INVOCATION.requestId}/response`, {
      body: '"no"',
    });
    expect(second.status).toBe(403);
    expect(JSON.parse(second.body)).toMatchObject({ errorType: 'InvalidStateTransition' });
    expect(seen.results).toEqual([{ kind: 'ok', payload: Buffer.from('"ok"') }]);
  });

  test('the Runtime API confirms a result at once to a runtime that waits for it before it asks for work', async () => {
    await api.close();
    await open('s3cret');
    await take();
    expect(
      await call('POST', `${PREFIX}/invocation/${INVOCATION.requestId}/response`, { body: '"ok"' }),
    ).toMatchObject({ status: 202 });
  });

  test('the Runtime API checks the address and the origin of every request, whatever came before', async () => {
    await api.close();
    await open('s3cret');
    await take();
    const headers = { origin: 'http://other' };
    expect((await call('GET', `${PREFIX}/invocation/next`, { headers })).status).toBe(403);
    expect((await call('GET', `${PREFIX}/invocation/next`, { headers: { host: 'other' } })).status).toBe(403);
  });

  test('the Runtime API takes an error with its type, from the header or else from the body', async () => {
    await take();
    await call('POST', `${PREFIX}/invocation/${INVOCATION.requestId}/error`, {
      body: '{"errorMessage":"m","errorType":"T"}',
    });
    expect(seen.results).toEqual([
      { kind: 'error', errorType: 'T', payload: Buffer.from('{"errorMessage":"m","errorType":"T"}') },
    ]);
  });

  test('the Runtime API takes an init error, and the header tells its type', async () => {
    const answer = await call('POST', `${PREFIX}/init/error`, {
      headers: { 'Lambda-Runtime-Function-Error-Type': 'Runtime.Header' },
      body: 'not json',
    });
    expect(answer.status).toBe(202);
    expect(seen.initErrors).toEqual([
      { kind: 'error', errorType: 'Runtime.Header', payload: Buffer.from('not json') },
    ]);
  });

  test('the Runtime API tells the 1st, 10th and 100th foreign request, so that nobody can fill the log', async () => {
    const foreign = () => call('GET', `${PREFIX}/invocation/next`, { headers: { origin: 'http://other' } });
    for (let sent = 0; sent < 120; sent += 1) expect((await foreign()).status).toBe(403);
    expect(seen.trouble).toHaveLength(3);
    expect(seen.trouble[1]).toContain('(10 refused so far)');
    expect(seen.trouble[2]).toContain('(100 refused so far)');
  });

  test('the Runtime API cuts the path of a foreign request before it is logged', async () => {
    await call('GET', `/${'a'.repeat(5000)}`, { headers: { origin: 'http://other' } });
    expect(seen.trouble).toHaveLength(1);
    expect(seen.trouble[0]?.length).toBeLessThan(200);
  });

  test('the Runtime API refuses an answer for another request', async () => {
    await take();
    const answer = await call('POST', `${PREFIX}/invocation/other/response`, { body: '1' });
    expect(answer).toMatchObject({ status: 400 });
    expect(JSON.parse(answer.body)).toEqual({
      errorMessage: 'Invalid request ID',
      errorType: 'InvalidRequestID',
    });
    expect(seen.results).toEqual([]);
  });

  test('the Runtime API refuses an answer of more than 6 MB with 413, which fails the call', async () => {
    await take();
    const answer = await call('POST', `${PREFIX}/invocation/${INVOCATION.requestId}/response`, {
      body: Buffer.alloc(MAX_RESPONSE_BYTES + 1, 0x20),
    });
    expect(answer.status).toBe(413);
    expect(seen.results).toEqual([
      expect.objectContaining({ kind: 'error', errorType: 'Function.ResponseSizeTooLarge' }),
    ]);
  });

  test('a runtime that stops waiting may ask again', async () => {
    const abort = new AbortController();
    const first = request(`http://${address}${PREFIX}/invocation/next`, { signal: abort.signal });
    await expect.poll(() => api.isWaiting).toBe(true);
    abort.abort();
    await expect(first).rejects.toThrow();
    await expect.poll(() => api.isWaiting).toBe(false);
    const second = call('GET', `${PREFIX}/invocation/next`);
    await expect.poll(() => seen.nexts).toBe(2);
    api.send(INVOCATION);
    expect((await second).status).toBe(200);
  });
});

describe('who is kept out', () => {
  test('a second one who asks for work while the runtime waits, or works', async () => {
    const next = call('GET', `${PREFIX}/invocation/next`);
    await expect.poll(() => seen.nexts).toBe(1);
    expect((await call('GET', `${PREFIX}/invocation/next`)).status).toBe(403);
    api.send(INVOCATION);
    expect((await next).status).toBe(200);
    expect((await call('GET', `${PREFIX}/invocation/next`)).status).toBe(403);
    expect(seen.nexts).toBe(1);
  });

  test.each([
    ['a page', { Origin: 'https://evil.example' }],
    ['a page that loads an image', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }],
    ['a name that was bound to this address', { Host: 'evil.example' }],
  ])('the Runtime API refuses a request: %s', async (_name, headers) => {
    const answer = await call('GET', `${PREFIX}/invocation/next`, { headers });
    expect(answer.status).toBe(403);
    expect(seen.nexts).toBe(0);
    expect(seen.trouble).toHaveLength(1);
  });

  test('a client that does not know the secret of the Runtime API gets 403', async () => {
    await api.close();
    await open('s3cret');
    expect(address).toMatch(/^127\.0\.0\.1:\d+\/s3cret$/);
    const secretAddress = address;
    address = address.slice(0, address.indexOf('/'));
    expect((await call('GET', `${PREFIX}/invocation/next`)).status).toBe(403);
    expect((await call('GET', `/s3cre${PREFIX}/invocation/next`)).status).toBe(403);
    expect(seen.nexts).toBe(0);
    address = secretAddress;
    const next = call('GET', `${PREFIX}/invocation/next`);
    await expect.poll(() => seen.nexts).toBe(1);
    api.send(INVOCATION);
    expect((await next).status).toBe(200);
  });
});
