import { describe, expect, test } from 'vitest';
import type { DataPlaneRequest } from '../../../src/local/seams.ts';
import { missingParameters, readRequest } from '../../../src/local/services/apigateway/incoming-request.ts';

function read(rawHeaders: readonly string[], rawQuery = '') {
  const request: DataPlaneRequest = {
    restApiId: 'abcdefghij',
    stage: 'v1',
    method: 'GET',
    path: '/cat',
    rawQuery,
    rawHeaders,
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
  };
  return readRequest(request, () => 'Root=1-new');
}

describe('the headers of a request', () => {
  test('the headers of a request keep their spelling; those of the connection are dropped, and the forwarding ones are set', () => {
    const request = read([
      'hOsT',
      '127.0.0.1:3000',
      'user-agent',
      'curl/8',
      'X-CuStOm',
      'a',
      'accept',
      '*/*',
      'Connection',
      'keep-alive',
      'Content-Length',
      '3',
      'Expect',
      '100-continue',
      'authorization',
      'Bearer x',
    ]);
    expect(request.headers).toEqual({
      Host: '127.0.0.1:3000',
      'User-Agent': 'curl/8',
      'X-CuStOm': 'a',
      accept: '*/*',
      Authorization: 'Bearer x',
      'X-Amzn-Trace-Id': 'Root=1-new',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': '3000',
      'X-Forwarded-Proto': 'http',
    });
    expect(request).toMatchObject({ host: '127.0.0.1:3000', userAgent: 'curl/8', traceId: 'Root=1-new' });
  });

  test('the headers of a request that come twice are listed, and the last one counts', () => {
    const request = read(['Host', 'h', 'Cookie', 'a=1', 'cookie', 'b=2']);
    expect(request.headers.Cookie).toBe('b=2');
    expect(request.multiValueHeaders.Cookie).toEqual(['a=1', 'b=2']);
    expect(request.headers.cookie).toBeUndefined();
  });

  test("a client's trace is kept, and its address goes behind those that it was forwarded for", () => {
    const request = read(['Host', 'h', 'x-amzn-trace-id', 'Root=1-client', 'x-forwarded-for', '10.0.0.1']);
    expect(request.traceId).toBe('Root=1-client');
    expect(request.headers).toEqual({
      Host: 'h',
      'X-Amzn-Trace-Id': 'Root=1-client',
      'X-Forwarded-For': '10.0.0.1, 127.0.0.1',
      'X-Forwarded-Port': '80',
      'X-Forwarded-Proto': 'http',
    });
  });
});

describe('the query of a request', () => {
  test('the query of a request is null where there is none', () => {
    expect(read(['Host', 'h'])).toMatchObject({ query: null, multiValueQuery: null });
  });

  test('the query of a request is decoded, a plus sign being a space', () => {
    expect(
      read(['Host', 'h'], 'email=test%2Balias@gmail.com&plus=test+alias&url=https%3A%2F%2Fx%2F&empty=').query,
    ).toEqual({ email: 'test+alias@gmail.com', plus: 'test alias', url: 'https://x/', empty: '' });
  });

  test('the query of a request lists what comes twice, and the last one counts', () => {
    const request = read(['Host', 'h'], 'm=1&m=2&n=3');
    expect(request.query).toEqual({ m: '2', n: '3' });
    expect(request.multiValueQuery).toEqual({ m: ['1', '2'], n: ['3'] });
  });

  test('a name of Object itself is a name like others', () => {
    const request = read(['Host', 'h'], '__proto__=1&constructor=2');
    expect(Object.entries(request.query ?? {})).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});

describe('required parameters', () => {
  const REQUIRED = [
    { location: 'header', name: 'X-Key' },
    { location: 'path', name: 'tattoo' },
    { location: 'querystring', name: 'm' },
    { location: 'querystring', name: 'n' },
  ] as const;

  test('required parameters are there in whatever spelling the header came', () => {
    expect(
      missingParameters(REQUIRED, read(['Host', 'h', 'x-key', '1'], 'm=1&n=2'), { tattoo: '1' }),
    ).toEqual([]);
  });

  test('required parameters are missing when absent or blank, and listed in their order', () => {
    expect(missingParameters(REQUIRED, read(['Host', 'h'], 'm=&n=%20'), null)).toEqual([
      'X-Key',
      'tattoo',
      'm',
      'n',
    ]);
  });
});
