import { afterEach, describe, expect, test } from 'vitest';
import { parseHeaders } from '../../src/load/parse-headers.ts';
import { answer, freePort, type RawRequest, type RawServer, rawServer, reset } from './support/raw-server.ts';
import { load } from './support/run.ts';

const servers: RawServer[] = [];
async function serve(onRequest: (request: RawRequest) => void): Promise<RawServer> {
  const server = await rawServer(onRequest);
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const good = answer(200);

test('with a sound server every call succeeds over as many connections as there are calls in flight', async () => {
  const server = await serve(({ socket }) => socket.write(good));
  const { accounting, connections, state } = await load(server.url, { calls: 200, parallel: 8 });
  expect(state).toBe('complete');
  expect(accounting).toMatchObject({
    calls: 200,
    successes: 200,
    attempts: 200,
    attemptsByStatus: { 200: 200 },
  });
  expect(connections).toEqual({ opened: 8, failed: 0, closedByServer: 0, unsolicited: 0 });
  expect(server.connections).toBe(8);
});

test('a load opens no more connections than it has calls', async () => {
  const server = await serve(({ socket }) => socket.write(good));
  await load(server.url, { calls: 3, parallel: 50 });
  expect(server.connections).toBe(3);
});

test('calls whose connection the server resets are errors, and the others go on', async () => {
  const server = await serve(({ socket, index }) => {
    if (index % 3 === 2) reset(socket);
    else socket.write(good);
  });
  const { accounting } = await load(server.url, { calls: 90 });
  expect(accounting).toMatchObject({ calls: 90, successes: 60, errors: 30 });
  // A reset of a connection that carried answers before has a kind of its own.
  const { ECONNRESET = 0, 'reused-connection-closed': reused = 0 } = accounting.attemptsByError;
  expect({ all: ECONNRESET + reused, hasReused: reused > 0 }).toEqual({ all: 30, hasReused: true });
  expect(accounting.reachedLambda).toEqual({ min: 60, max: 90 });
});

test('a server that closes a new connection before it answers causes an error of the kind closed-before-answer', async () => {
  const server = await serve(({ socket, index }) => {
    if (index % 2 === 1) socket.end();
    else socket.end(answer(200, 'x', 'Connection: close\r\n'));
  });
  const { accounting, warnings } = await load(server.url, { calls: 20, parallel: 1 });
  expect(accounting).toMatchObject({ successes: 10, attemptsByError: { 'closed-before-answer': 10 } });
  expect(warnings[0]?.hint).toContain('https://');
});

test('a server that closes kept-alive connections without a word causes errors of their own kind, and --retry is the hint', async () => {
  const server = await serve(({ socket, onConnection }) => {
    if (onConnection === 1) socket.end();
    else socket.write(good);
  });
  const { accounting, warnings } = await load(server.url, { calls: 20, parallel: 1 });
  expect(accounting).toMatchObject({ successes: 10, attemptsByError: { 'reused-connection-closed': 10 } });
  expect(warnings).toEqual([
    {
      code: 'error-reused-connection-closed',
      message: `10 attempts ended in reused-connection-closed. 127.0.0.1:${server.port} closed kept-alive connections just as the next request was sent.`,
      hint: '--retry 1 sends such a call again on another connection.',
    },
  ]);
  const retried = await load(server.url, { calls: 20, parallel: 1, retries: 1 });
  expect(retried.accounting).toMatchObject({ successes: 20, errors: 0 });
});

test('a call that is on its way when the server closes the connection without announcing it is an error', async () => {
  const server = await serve(({ socket }) => socket.end(good));
  const { accounting, connections } = await load(server.url, { calls: 40, parallel: 1 });
  expect(accounting.calls).toBe(40);
  expect(accounting.successes).toBeGreaterThanOrEqual(20);
  const kinds = ['reused-connection-closed'];
  expect(Object.keys(accounting.attemptsByError).filter((kind) => !kinds.includes(kind))).toEqual([]);
  expect(server.connections).toBe(connections.opened);
});

test('connections that carry one call each are timed apart: to be opened, and to the first byte', async () => {
  const server = await serve(({ socket }) => socket.end(answer(200, 'x', 'Connection: close\r\n')));
  const { latency } = await load(server.url, { calls: 50 });
  expect({ opened: latency.connect.count, firstBytes: latency.firstByte?.count }).toEqual({
    opened: 50,
    firstBytes: 50,
  });
  expect(latency.handshake).toBeUndefined();
});

test('without keep-alive every call opens a connection and asks the server to close it', async () => {
  const server = await serve(({ socket }) => socket.write(good));
  const { accounting, connections } = await load(server.url, { calls: 30, keepAlive: false });
  expect(accounting).toMatchObject({ successes: 30, errors: 0 });
  expect({ opened: connections.opened, seen: server.connections }).toEqual({ opened: 30, seen: 30 });
  expect(server.requests.filter((head) => head.endsWith('\r\nConnection: close'))).toHaveLength(30);
  // The client asked for the end of each connection.
  expect(connections.closedByServer).toBe(0);
});

test('no request goes to a connection whose end the server announced by Connection: close', async () => {
  const server = await serve(({ socket }) => socket.end(answer(200, 'x', 'Connection: close\r\n')));
  const { accounting, connections } = await load(server.url, { calls: 100, parallel: 4 });
  expect(accounting).toMatchObject({ successes: 100, errors: 0 });
  expect(server.connections).toBe(100);
  expect(connections).toMatchObject({ opened: 100, closedByServer: 100 });
});

test('connections that wait for the server to close them are no more than those that work', async () => {
  let open = 0;
  let most = 0;
  const server = await rawServer(({ socket }) => socket.write(answer(200, 'x', 'Connection: close\r\n')), {
    onConnection: (socket) => {
      most = Math.max(most, ++open);
      socket.on('close', () => open--);
    },
  });
  servers.push(server);
  const { accounting } = await load(server.url, { calls: 400, parallel: 4 });
  expect(accounting).toMatchObject({ successes: 400, errors: 0 });
  expect(server.connections).toBe(400);
  // As many again linger; closing takes a moment to be seen.
  expect(most).toBeGreaterThan(4);
  expect(most).toBeLessThan(40);
});

test('a body without a length is whole when the connection ends', async () => {
  const server = await serve(({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"count":1}'));
  const { accounting } = await load(server.url, { calls: 20 });
  expect(accounting).toMatchObject({ successes: 20, errors: 0 });
});

test('a body without a length whose connection is reset is an error', async () => {
  const server = await serve(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n{"cou', () => reset(socket));
  });
  const { accounting } = await load(server.url, { calls: 10 });
  expect(accounting).toMatchObject({ successes: 0, errors: 10, attemptsByError: { ECONNRESET: 10 } });
});

test.each([
  ['body-cut-short', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"cou'],
  ['body-cut-short', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cou\r\n'],
  ['head-cut-short', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['head-cut-short', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
])('an answer that ends too early is an error: %s', async (kind, text) => {
  const server = await serve(({ socket }) => socket.end(text));
  const { accounting } = await load(server.url, { calls: 8 });
  expect(accounting).toMatchObject({ successes: 0, errors: 8, attemptsByError: { [kind]: 8 } });
});

test.each([
  ['bad-status-line', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['bad-header', 'HTTP/1.1 200 OK\r\nA b: c\r\n\r\n'],
  ['bad-content-length', 'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi'],
  ['bad-transfer-encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n'],
  ['bad-chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhi\r\n'],
  ['header-too-large', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['unexpected-upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
])('garbage is an error by its kind: %s', async (kind, text) => {
  const server = await serve(({ socket }) => socket.write(text));
  const { accounting } = await load(server.url, { calls: 12 });
  expect(accounting).toMatchObject({ successes: 0, errors: 12, attemptsByError: { [kind]: 12 } });
});

test('an attempt that the server never answers times out, and the next call has a new connection', async () => {
  const server = await serve(({ socket, index }) => {
    if (index !== 1) socket.write(good);
  });
  const beforeMs = performance.now();
  const { accounting, window, endedAtEpochMs } = await load(server.url, {
    calls: 5,
    parallel: 1,
    plan: { timeoutMs: 200 },
  });
  expect(accounting).toMatchObject({ calls: 5, successes: 4, attemptsByError: { timeout: 1 } });
  expect(accounting.reachedLambda).toEqual({ min: 4, max: 5 });
  expect(server.connections).toBe(2);
  const tookMs = performance.now() - beforeMs;
  // The stalled call may run for 35 s after its send, which was after the start of the load.
  expect(window.closedLateMs).toBeGreaterThanOrEqual(Math.floor(35_000 - tookMs) - 1);
  expect(window.closedLateMs).toBeLessThan(35_000);
  expect(window.endEpochMs - endedAtEpochMs).toBeGreaterThanOrEqual(Math.floor(35_000 - tookMs) - 1);
});

test('a load against a server that speaks first, as other protocols do, ends with errors', async () => {
  const server = await rawServer(() => undefined, {
    onConnection: (socket) => socket.write('220 mail.test ESMTP\r\n'),
  });
  servers.push(server);
  const { accounting, connections } = await load(server.url, { calls: 20, parallel: 4 });
  expect(accounting).toMatchObject({ calls: 20, successes: 0, attemptsByError: { 'bad-status-line': 20 } });
  // The connections opened beforehand heard it while they were free.
  expect(connections.unsolicited).toBeLessThanOrEqual(4);
});

test('every call sends one request, even where the server answers before it is asked', async () => {
  const server = await rawServer(({ socket }) => socket.write(good), {
    onConnection: (socket) => socket.write(good),
  });
  servers.push(server);
  const { accounting } = await load(server.url, { calls: 10, parallel: 2, plan: { timeoutMs: 300 } });
  // An answer that comes after the send can't be told from the call's own: HTTP/1.1 numbers neither.
  expect(accounting).toMatchObject({ calls: 10, successes: 10 });
  expect(server.requests).toHaveLength(10);
});

test('a second answer to a request never counts for the next call', async () => {
  const server = await serve(({ socket }) => socket.write(good + good));
  const { accounting, connections, warnings } = await load(server.url, { calls: 10, parallel: 1 });
  expect(accounting).toMatchObject({ successes: 10 });
  expect(connections).toMatchObject({ opened: 10, unsolicited: 10 });
  expect(warnings).toEqual([
    {
      code: 'unsolicited-bytes',
      message: `127.0.0.1:${server.port} sent bytes that answer no request over 10 connections. Such a connection is closed, and another one is opened.`,
      hint: 'The usual cause is a body that is longer than its Content-Length, or a request that is answered twice.',
    },
  ]);
});

test('bytes that follow a complete answer late are blamed on that answer, not on a server of another protocol', async () => {
  // The late bytes and the next answer arrive together, after the next request.
  const server = await serve(({ socket, onConnection }) =>
    socket.write(onConnection === 0 ? good : `xx${good}`),
  );
  const { accounting, warnings } = await load(server.url, { calls: 10, parallel: 1 });
  expect(accounting).toMatchObject({ successes: 5, attemptsByError: { 'bytes-after-answer': 5 } });
  expect(warnings).toMatchObject([
    {
      code: 'error-bytes-after-answer',
      message: expect.stringContaining('sent bytes after a complete answer'),
      hint: 'The usual cause is a body that is longer than its Content-Length.',
    },
  ]);
});

test('an answer that arrives byte by byte is whole', async () => {
  const server = await serve(({ socket }) => {
    socket.setNoDelay(true);
    const writeFrom = (at: number) => {
      if (at < good.length) socket.write(good.charAt(at), () => setImmediate(() => writeFrom(at + 1)));
    };
    writeFrom(0);
  });
  const { accounting } = await load(server.url, { calls: 4 });
  expect(accounting.successes).toBe(4);
});

test('where nothing listens every call is a refused connection, and none reached a function', async () => {
  const port = await freePort();
  const { accounting, warnings, state, connections } = await load(`http://127.0.0.1:${port}`, {
    calls: 50,
    parallel: 10,
  });
  expect(accounting).toMatchObject({ calls: 50, errors: 50, attemptsByError: { ECONNREFUSED: 50 } });
  expect(accounting.reachedLambda).toEqual({ min: 0, max: 0 });
  expect(connections.opened).toBe(0);
  expect(state).toBe('complete');
  expect(warnings).toEqual([
    {
      code: 'error-ECONNREFUSED',
      message: `50 attempts ended in ECONNREFUSED. Nothing listens at 127.0.0.1:${port}: the connection was refused.`,
      hint: 'Start the server, or check the port of the address.',
    },
  ]);
});

test('a load by time is given up after a thousand refused connections', async () => {
  const port = await freePort();
  const { accounting, warnings, state } = await load(`http://127.0.0.1:${port}`, {
    duration: '10m',
    parallel: 100,
  });
  expect(state).toBe('failed');
  expect(accounting.errors).toBeGreaterThan(500);
  expect(warnings[0]).toEqual({
    code: 'target-unreachable',
    message: `No connection to 127.0.0.1:${port} could be opened (ECONNREFUSED): the load was given up.`,
  });
});

test('a load by time with few refused connections ends with its time', async () => {
  const port = await freePort();
  const { accounting, state, elapsedMs } = await load(`http://127.0.0.1:${port}`, {
    duration: '400ms',
    parallel: 1,
  });
  expect(state).toBe('complete');
  expect(accounting.successes).toBe(0);
  expect(accounting.errors).toBeGreaterThan(5);
  expect(elapsedMs).toBeGreaterThanOrEqual(400);
});

test('a load by time counts its whole time when the server goes away in the middle', async () => {
  const server = await serve(({ socket }) => socket.write(good));
  const gone = setTimeout(() => void servers.splice(0).map((each) => each.close()), 200);
  const { accounting, state, elapsedMs } = await load(server.url, { duration: '600ms', parallel: 2 });
  clearTimeout(gone);
  expect(state).toBe('complete');
  expect(accounting.successes).toBeGreaterThan(0);
  expect(accounting.errors).toBeGreaterThan(0);
  expect(elapsedMs).toBeGreaterThanOrEqual(600);
});

test('every call to a name that does not exist is an error that says so', async () => {
  const { accounting, warnings } = await load('http://no-such-name.invalid', { calls: 5 });
  expect(accounting.errors).toBe(5);
  const [kind = ''] = Object.keys(accounting.attemptsByError);
  expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(kind);
  expect(warnings[0]?.code).toBe(`error-${kind}`);
});

test('calls of the warm-up that got no answer in time are a warning, because they may still run', async () => {
  const server = await serve(({ socket, index }) => {
    if (index >= 2) socket.write(good);
  });
  const { accounting, warnings } = await load(server.url, {
    parallel: 2,
    calls: 10,
    warmup: '2',
    plan: { timeoutMs: 150 },
  });
  expect(accounting.successes).toBe(10);
  expect(warnings).toMatchObject([
    {
      code: 'warmup-timeouts',
      message: expect.stringMatching(/^2 calls of the warm-up got no answer in time/),
    },
  ]);
});

describe('a burst of 429 and 500', () => {
  const burst = ({ index }: RawRequest) => index >= 20 && index < 40;
  const gateway500 = answer(
    500,
    '{"message": "Internal server error"}',
    'x-amzn-ErrorType: InternalServerErrorException\r\n',
  );

  /** An API of the local cloud has this path. The raw server answers at every path. */
  const API_PATH = '/_aws/execute-api/api/v1';

  test('another server than API Gateway is not explained by the throttling of AWS', async () => {
    const server = await serve(({ socket, index }) =>
      socket.write(index % 2 === 0 ? answer(429) : answer(500, '{"message":"Internal server error"}')),
    );
    const { accounting, warnings } = await load(server.url, { calls: 10, parallel: 1 });
    expect(accounting.throttled).toEqual({ apiGateway: 5, lambda: 0 });
    expect(warnings.map(({ message }) => message)).toContain(
      '5 attempts were answered with 429, Too Many Requests.',
    );
    expect(JSON.stringify(warnings)).not.toMatch(/API Gateway|Lambda|aws/);
  });

  test("429 answers count as throttled by API Gateway, reach no function, and are not among the successes' latencies", async () => {
    const server = await serve((request) =>
      request.socket.write(burst(request) ? answer(429, '{"message":"Too Many Requests"}') : good),
    );
    const { accounting, latency, unexpectedSamples, warnings } = await load(server.url, { calls: 100 });
    expect(accounting).toMatchObject({
      successes: 80,
      unexpected: 20,
      attemptsByStatus: { 200: 80, 429: 20 },
      throttled: { apiGateway: 20, lambda: 0 },
      reachedLambda: { min: 80, max: 80 },
    });
    expect(latency.success.count).toBe(80);
    expect(latency.byStatus['429']?.count).toBe(20);
    expect(unexpectedSamples).toEqual([{ status: 429, body: '{"message":"Too Many Requests"}', count: 20 }]);
    expect(warnings.map(({ code }) => code)).toEqual(['throttled-api-gateway']);
  });

  test("500 Internal server error counts as refused by Lambda, and 500 Server error as the handler's own", async () => {
    const server = await serve((request) => {
      if (!burst(request)) request.socket.write(good);
      else
        request.socket.write(
          request.index % 2 === 0 ? gateway500 : answer(500, '{"message":"Server error"}'),
        );
    });
    const { accounting, unexpectedSamples } = await load(`${server.url}${API_PATH}`, { calls: 100 });
    expect(accounting).toMatchObject({
      successes: 80,
      unexpected: 20,
      throttled: { apiGateway: 0, lambda: 10 },
      reachedLambda: { min: 90, max: 90 },
    });
    expect(unexpectedSamples).toHaveLength(2);
  });

  test('--retry repeats refused calls and counts every attempt', async () => {
    const server = await serve((request) => request.socket.write(burst(request) ? answer(429) : good));
    const { accounting } = await load(server.url, { calls: 100, retries: 5 });
    expect(accounting).toMatchObject({
      calls: 100,
      successes: 100,
      attempts: 120,
      retries: 20,
      attemptsByStatus: { 200: 100, 429: 20 },
    });
  });

  test('a call that always fails has all the attempts that it was given', async () => {
    const server = await serve(({ socket }) => socket.write(answer(503)));
    const { accounting } = await load(server.url, { calls: 10, retries: 2 });
    expect(accounting).toMatchObject({ calls: 10, unexpected: 10, attempts: 30, retries: 20 });
  });

  test('a status that another attempt can not change is not retried', async () => {
    const server = await serve(({ socket }) =>
      socket.write(answer(403, '{"message":"Missing Authentication Token"}')),
    );
    const { accounting } = await load(server.url, { calls: 10, retries: 2 });
    expect(accounting).toMatchObject({ unexpected: 10, attempts: 10, reachedLambda: { min: 0, max: 0 } });
  });

  test('a cut connection is retried as well', async () => {
    const server = await serve(({ socket, index }) => {
      if (index % 4 === 3) reset(socket);
      else socket.write(good);
    });
    const { accounting } = await load(server.url, { calls: 60, retries: 10 });
    expect(accounting).toMatchObject({ calls: 60, successes: 60, errors: 0 });
    const { ECONNRESET = 0, 'reused-connection-closed': reused = 0 } = accounting.attemptsByError;
    expect(accounting.retries).toBe(ECONNRESET + reused);
    expect(accounting.retries).toBeGreaterThanOrEqual(19);
  });
});

describe('sheep', () => {
  const tattoosOf = (server: RawServer) =>
    server.requests.map((head) => /^POST \/v1\/sheeps\/(\d+) HTTP/.exec(head)?.[1] ?? 'none');

  test('tattoos go up from the first without repeating one, beyond 2^53 and to the largest', async () => {
    const server = await serve(({ socket }) => socket.write(answer(201)));
    for (const startAt of ['1', '99', '9007199254740990', '18446744073709551586']) {
      server.requests.length = 0;
      const { accounting } = await load(`${server.url}/v1`, { route: 'sheep', calls: 30, startAt });
      expect(accounting.successes).toBe(30);
      const expected = Array.from({ length: 30 }, (_, at) => String(BigInt(startAt) + BigInt(at)));
      expect(tattoosOf(server).toSorted()).toEqual(expected.toSorted());
    }
  });

  test('a tattoo is repeated by a retry alone', async () => {
    const seen = new Map<string, number>();
    const server = await serve(({ socket, head, index }) => {
      const tattoo = /sheeps\/(\d+)/.exec(head)?.[1] ?? '';
      seen.set(tattoo, (seen.get(tattoo) ?? 0) + 1);
      socket.write(index % 5 === 4 ? answer(502) : answer(201));
    });
    const { accounting } = await load(server.url, { route: 'sheep', calls: 50, retries: 9 });
    expect(seen.size).toBe(50);
    expect([...seen.values()].reduce((a, b) => a + b)).toBe(50 + accounting.retries);
    expect(accounting.retries).toBeGreaterThan(0);
  });

  test('a load by time ends and says so when the largest tattoo was used', async () => {
    const server = await serve(({ socket }) => socket.write(answer(201)));
    const { accounting, warnings } = await load(server.url, {
      route: 'sheep',
      duration: '30s',
      startAt: '18446744073709551606',
    });
    expect(accounting.calls).toBe(10);
    expect(tattoosOf(server)).toHaveLength(10);
    expect(warnings.map(({ code }) => code)).toEqual(['numbers-exhausted']);
  });

  test('the warm-up takes tattoos of its own', async () => {
    const server = await serve(({ socket }) => socket.write(answer(201)));
    const { accounting, rounds } = await load(`${server.url}/v1`, { route: 'sheep', calls: 10, warmup: '5' });
    expect(accounting.calls).toBe(10);
    expect(rounds[0]).toMatchObject({ index: 0, accounting: { calls: 5, successes: 5 } });
    expect(new Set(tattoosOf(server)).size).toBe(15);
  });
});

test('own header fields are sent, replace ours, and only their names are in the plan', async () => {
  const server = await serve(({ socket }) => socket.write(good));
  const headers = ['X-Api-Key: secret', 'accept:text/plain'];
  const { plan } = await load(
    server.url,
    { calls: 1, headers },
    { target: { headers: parseHeaders(headers) } },
  );
  expect(server.requests).toEqual([
    `GET /dog HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUser-Agent: shedbench/0.0.0-test\r\nX-Api-Key: secret\r\naccept: text/plain`,
  ]);
  expect(plan.headers).toEqual(['x-api-key', 'accept']);
});

test('a wall clock that is set back during a load moves neither its end nor what the window must hold', async () => {
  const stepMs = -3_600_000;
  let isSet = false;
  const server = await serve(({ socket, index }) => {
    if (index === 20) isSet = true;
    socket.write(good);
  });
  const before = Date.now();
  const { startedAtEpochMs, endedAtEpochMs, window, warnings, elapsedMs } = await load(
    server.url,
    { calls: 40 },
    { deps: { now: () => Date.now() + (isSet ? stepMs : 0) } },
  );
  expect(startedAtEpochMs).toBeGreaterThanOrEqual(before - 1);
  expect(endedAtEpochMs - startedAtEpochMs).toBeCloseTo(elapsedMs, -2);
  // Rows of the last calls bear the clock's new time, those of the first its old one.
  expect(window.startEpochMs).toBeLessThan(startedAtEpochMs + stepMs + 1000);
  expect(window.endEpochMs).toBeGreaterThanOrEqual(endedAtEpochMs);
  expect(warnings).toEqual([
    {
      code: 'clock-set',
      message:
        "The clock of this machine was set back by 3,600 s during the load. The run's times are by the clock at its start.",
    },
  ]);
});

test('the requests of all routes are exactly these bytes', async () => {
  const server = await serve(({ socket, head }) => socket.write(answer(head.startsWith('POST') ? 201 : 200)));
  for (const route of ['cat', 'sheep', 'dog', 'wolf'] as const) {
    await load(`${server.url}/v1/`, { route, calls: 1, m: 2, n: 9, startAt: '7' });
  }
  const common = `Host: 127.0.0.1:${server.port}\r\nUser-Agent: shedbench/0.0.0-test\r\nAccept: application/json`;
  expect(server.requests).toEqual([
    `GET /v1/cat?m=2&n=9 HTTP/1.1\r\n${common}`,
    `POST /v1/sheeps/7 HTTP/1.1\r\n${common}\r\nContent-Length: 0`,
    `GET /v1/dog HTTP/1.1\r\n${common}`,
    `DELETE /v1/wolf HTTP/1.1\r\n${common}`,
  ]);
});
