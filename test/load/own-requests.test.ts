import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { invokeSubject } from '../../src/load/function-job.ts';
import { requestOf, urlSubject } from '../../src/load/url-subject.ts';
import type { Subject } from '../../src/model/subject.ts';
import { load } from './support/run.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map(
      (server) =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(resolve);
        }),
    ),
  );
});

/** A server that keeps what it was sent and answers as told; `{}` with 200 by default. */
async function serve(respond: (seen: Seen, response: ServerResponse) => void = () => {}) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(one);
      respond(one, response);
      if (!response.writableEnded) response.end('{}');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function loadSubject(
  url: string,
  subject: Subject,
  calls: number,
  plan: { readonly parallel?: number } = {},
) {
  return load(
    url,
    { subject, calls, parallel: plan.parallel ?? 4 },
    { target: { contents: subject.requests.map(({ content }) => content) } },
  );
}

describe('one request of the user’s own', () => {
  test('one request of the user’s own is sent with its method, path, fields and body, and its own statuses are the successes', async () => {
    const { seen, url } = await serve((_, response) => response.writeHead(201));
    const { subject, url: base } = urlSubject(`${url}/v2`, {
      method: 'PUT',
      path: '/orders?dry=1',
      headers: [['X-Own', 'yes']],
      body: Buffer.from('{"sku":1}'),
      expect: [201],
    });
    const { accounting, plan } = await loadSubject(base, subject, 12);
    expect(accounting).toMatchObject({ calls: 12, successes: 12, attemptsByStatus: { 201: 12 } });
    expect(seen).toHaveLength(12);
    expect(seen[0]).toMatchObject({
      method: 'PUT',
      url: '/v2/orders?dry=1',
      body: '{"sku":1}',
      headers: { 'x-own': 'yes', 'content-type': 'application/json', 'content-length': '9' },
    });
    expect(plan.requests).toMatchObject([
      { name: 'PUT /orders?dry=1', headers: ['x-own'], body: { bytes: 9 }, expectedStatuses: [201] },
    ]);
    expect(JSON.stringify(plan)).not.toContain('yes');
  });

  test('one request of the user’s own holds the number of the call and fresh UUIDs in path and body, and says the right length', async () => {
    const { seen, url } = await serve();
    const { subject, url: base } = urlSubject(url, {
      path: '/orders/{n}/{uuid}',
      body: Buffer.from('{"id":"{uuid}","n":{n}}'),
    });
    await loadSubject(base, subject, 120);
    const numbers = seen.map(({ url: path }) => Number(path.split('/')[2]));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, k) => k + 1));
    const bodies = seen.map(({ body }) => JSON.parse(body) as { readonly id: string; readonly n: number });
    expect(bodies.map(({ n }) => n)).toEqual(numbers);
    const uuids = seen.flatMap(({ url: path }, at) => [path.split('/')[3], bodies[at]?.id]);
    expect(new Set(uuids).size).toBe(240);
    expect(uuids.every((uuid) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(uuid ?? ''))).toBe(true);
  });

  test('one request of the user’s own without a path is the URL itself, with its query', () => {
    const { url, subject } = urlSubject('https://api.test/a/?b=c', {});
    expect(url).toBe('https://api.test');
    expect(subject.requests[0]?.planned).toMatchObject({ method: 'GET', path: '/a/?b=c' });
  });

  test('one request of the user’s own that is answered with a redirect is unexpected, and a warning names where it leads', async () => {
    const { url, seen } = await serve((_, response) =>
      response.writeHead(308, { Location: 'https://www.example.com/new' }),
    );
    const { subject, url: base } = urlSubject(url, { path: '/old' });
    const { accounting, warnings } = await loadSubject(base, subject, 8);
    expect(accounting).toMatchObject({ successes: 0, unexpected: 8, attemptsByStatus: { 308: 8 } });
    expect(seen).toHaveLength(8);
    expect(warnings).toMatchObject([
      {
        code: 'redirected',
        message:
          '8 attempts were answered with a redirect (308) to https://www.example.com/new; a load follows none.',
      },
    ]);
  });
});

test.each([
  ['orders', /does not begin with \//],
  ['/orders/{id}', /contains \{id\}, which is not a placeholder/],
  ['/a b', /contains a character that is not allowed in a URL/],
  ['/größe', /contains a character that is not allowed in a URL/],
  ['/a#b', /contains a character that is not allowed in a URL/],
])('the path %j is refused', (path, message) => {
  expect(() => requestOf({ path })).toThrow(message);
});

describe('a mix of requests', () => {
  const mix: Subject = {
    name: 'shop',
    requests: [
      requestOf({ name: 'list', path: '/items', weight: 7 }),
      requestOf({
        name: 'buy',
        path: '/buy',
        method: 'POST',
        body: Buffer.from('{}'),
        expect: [201],
        weight: 2,
      }),
      requestOf({ name: 'gone', path: '/gone', expect: [404], weight: 1 }),
    ],
  };

  test('a mix of requests gives each request its share of the calls, and judges each by its own statuses', async () => {
    const { seen, url } = await serve(({ url: path }, response) => {
      // 404 is what `gone` expects, and what `list` never does.
      if (path !== '/buy') response.writeHead(404);
      else response.writeHead(201);
    });
    const { accounting, requests, latency } = await loadSubject(url, mix, 200);
    const count = (path: string) => seen.filter((one) => one.url === path).length;
    expect([count('/items'), count('/buy'), count('/gone')]).toEqual([140, 40, 20]);
    expect(accounting).toMatchObject({
      calls: 200,
      successes: 60,
      unexpected: 140,
      attemptsByStatus: { 404: 160, 201: 40 },
    });
    expect(
      requests?.map(({ name, accounting: own, success }) => [name, own.calls, own.successes, success.count]),
    ).toEqual([
      ['list', 140, 0, 0],
      ['buy', 40, 40, 40],
      ['gone', 20, 20, 20],
    ]);
    expect(latency.success.count).toBe(60);
  });

  test('a mix of requests has the same shares over several threads', async () => {
    const { url } = await serve();
    const result = await load(
      url,
      { subject: mix, calls: 100, parallel: 4, threads: 2 },
      { target: { contents: mix.requests.map(({ content }) => content) } },
    );
    expect(result.requests?.map(({ accounting }) => accounting.calls)).toEqual([70, 20, 10]);
  });
});

describe('an Invoke', () => {
  const reference = { id: 'my-function', name: 'my-function', qualifier: 'prod' };
  const invoke = { functionTimeoutMs: 3000 };

  function invokeAll(url: string, calls: number) {
    const subject = invokeSubject(reference, Buffer.from('{"a":"{n}"}'));
    return load(
      url,
      { subject, calls, parallel: 2, invoke },
      { target: { contents: subject.requests.map(({ content }) => content) } },
    );
  }

  test('an Invoke sends the payload as it is to the version that was asked for', async () => {
    const { seen, url } = await serve();
    const { accounting, plan } = await invokeAll(url, 4);
    expect(accounting.successes).toBe(4);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/2015-03-31/functions/my-function/invocations?Qualifier=prod',
      body: '{"a":"{n}"}',
    });
    expect(plan.timeoutMs).toBe(35_000);
  });

  test('an Invoke counts function errors and throttles apart, and only the first reached the function', async () => {
    let call = 0;
    const { url } = await serve((_, response) => {
      const kind = call++ % 4;
      if (kind === 1) {
        response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' });
        response.end('{"errorType":"TypeError","errorMessage":"no such table"}');
      } else if (kind === 2) {
        response.writeHead(429, { 'x-amzn-ErrorType': 'TooManyRequestsException' });
        response.end(
          '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}',
        );
      }
    });
    const { accounting, latency, warnings } = await invokeAll(url, 40);
    expect(accounting).toMatchObject({
      calls: 40,
      successes: 20,
      unexpected: 20,
      attemptsByStatus: { 200: 20, 'function-error': 10, 429: 10 },
      throttled: { apiGateway: 0, lambda: 10 },
      reachedLambda: { min: 30, max: 30 },
    });
    expect(latency.success.count).toBe(20);
    expect(latency.byStatus['function-error']?.count).toBe(10);
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      [
        'refused-by-lambda',
        '10 attempts were refused by Lambda (429 TooManyRequestsException): more calls at once than the function or the account may run.',
      ],
      ['function-errors', '10 attempts ended in an error of the function: TypeError: no such table'],
    ]);
  });

  test('an Invoke of a function that times out says what a VPC may have to do with it', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' });
      response.end(
        '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 3.00 seconds"}',
      );
    });
    const { warnings } = await invokeAll(url, 2);
    expect(warnings[0]).toMatchObject({
      code: 'function-errors',
      hint: 'It ran into its timeout of 3 s. In a VPC, calls outward wait so where there is neither a NAT gateway nor a VPC endpoint',
    });
  });
});
