import { request as nodeRequest } from 'node:http';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { BodyBudget, GrowingBody } from '../../../src/local/http/body.ts';
import { ChunkedDecoder } from '../../../src/local/http/chunked.ts';
import type { HttpRequest, Respond } from '../../../src/local/http/request.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../src/local/http/server.ts';
import { exchange, rawConnect } from './raw-client.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const errors: unknown[] = [];

async function serve(
  onRequest: (request: HttpRequest, respond: Respond) => void,
  options: Partial<HttpServerOptions> = {},
): Promise<number> {
  errors.length = 0;
  const server = createHttpServer({ onRequest, onError: (error) => errors.push(error), ...options });
  servers.push(server);
  return server.listen();
}

/** Answers with what it was sent. */
function echo(incoming: HttpRequest, respond: Respond): void {
  respond(
    200,
    ['Content-Type', 'application/json'],
    JSON.stringify({
      method: incoming.method,
      path: incoming.path,
      query: incoming.rawQuery,
      headers: incoming.rawHeaders,
      body: incoming.body.toString('latin1'),
    }),
  );
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

function statuses(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1] ?? '');
}

describe('a whole request', () => {
  test('a whole request reaches the handler undecoded, header names as sent', async () => {
    const port = await serve(echo);
    const answer = await exchange(
      port,
      'POST /a%2Fb/c?x=%20y HTTP/1.1\r\nHost: h\r\nX-MiXed:  two words \t\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello',
    );
    expect(JSON.parse(bodyOf(answer))).toEqual({
      method: 'POST',
      path: '/a%2Fb/c',
      query: 'x=%20y',
      headers: ['Host', 'h', 'X-MiXed', 'two words', 'Connection', 'close', 'Content-Length', '5'],
      body: 'hello',
    });
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\nDate: [^\r]+GMT\r\n/);
    expect(answer).toContain('\r\nConnection: close\r\n');
  });

  test('a whole request may come one byte at a time', async () => {
    const port = await serve(echo);
    const connection = await rawConnect(port);
    const text = 'PUT /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc';
    for (const char of text) {
      connection.send(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(JSON.parse(bodyOf(await connection.closed()))).toMatchObject({ path: '/p', body: 'abc' });
  });

  test('a whole request with the same head as the one before has its own body', async () => {
    const port = await serve(echo);
    const connection = await rawConnect(port);
    const head = 'POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n';
    connection.send(`${head}one${head}two`);
    await connection.until(/"body":"two"/);
    connection.send(`${head}th`);
    connection.send('r');
    const text = await connection.until(/"body":"thr"/);
    expect([...text.matchAll(/"body":"(\w+)"/g)].map((match) => match[1])).toEqual(['one', 'two', 'thr']);
    connection.socket.destroy();
  });

  test('a whole request whose field lines are those of an earlier one has its own first line', async () => {
    const port = await serve(echo);
    const connection = await rawConnect(port);
    const post = (path: string, body: string) =>
      `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;
    connection.send(
      [
        post('/1', 'one'),
        get('/next'),
        post('/2', 'two'),
        get('/next'),
        post('/3', 'four'),
        get('/other?a=b'),
      ].join(''),
    );
    connection.send(`${get('http://else:1/4')}${get('/next')}GET /last HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n`);
    const text = await connection.until(/"path":"\/last"[^}]*}/);
    const seen = [...text.matchAll(/{"method".*?}/g)].map(
      ([json]) => JSON.parse(json) as Record<string, unknown>,
    );
    const host = ['Host', 'h'];
    expect(seen).toEqual([
      { method: 'POST', path: '/1', query: '', headers: [...host, 'Content-Length', '3'], body: 'one' },
      { method: 'GET', path: '/next', query: '', headers: host, body: '' },
      { method: 'POST', path: '/2', query: '', headers: [...host, 'Content-Length', '3'], body: 'two' },
      { method: 'GET', path: '/next', query: '', headers: host, body: '' },
      { method: 'POST', path: '/3', query: '', headers: [...host, 'Content-Length', '4'], body: 'four' },
      { method: 'GET', path: '/other', query: 'a=b', headers: host, body: '' },
      { method: 'GET', path: '/4', query: '', headers: ['Host', 'else:1'], body: '' },
      { method: 'GET', path: '/next', query: '', headers: host, body: '' },
      { method: 'GET', path: '/last', query: '', headers: [...host, 'A', 'b'], body: '' },
    ]);
    connection.socket.destroy();
  });

  test('a whole request behind which another one waits is answered together with it, where the server holds answers', async () => {
    let answerSecond: (() => void) | undefined;
    const port = await serve(
      (incoming, respond) => {
        if (incoming.path === '/1') respond(200, [], 'one');
        else answerSecond = () => respond(200, [], 'two');
      },
      { holdsAnswers: true },
    );
    const connection = await rawConnect(port);
    connection.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n');
    await expect.poll(() => answerSecond !== undefined).toBe(true);
    expect(connection.received()).toBe('');
    answerSecond?.();
    expect(await connection.until(/two$/)).toMatch(/one[\s\S]*two$/);
    connection.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await connection.until(/two[\s\S]*one$/)).toMatch(/two[\s\S]*one$/);
    connection.socket.destroy();
  });

  test('a whole request is answered on the same connection as the one before', async () => {
    const port = await serve(echo);
    const agent = new Agent({ connections: 1, pipelining: 1 });
    let connections = 0;
    agent.on('connect', () => {
      connections += 1;
    });
    const seen: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const answer = await request(`http://127.0.0.1:${port}/${i}`, { dispatcher: agent });
      seen.push(JSON.parse(await answer.body.text()).path.slice(1) * 1);
    }
    expect(seen).toEqual([0, 1, 2]);
    expect(connections).toBe(1);
    await agent.close();
  });

  test('a whole request in the absolute form names its own host', async () => {
    const port = await serve(echo);
    const answer = await exchange(
      port,
      'GET http://other:1/x?y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(JSON.parse(bodyOf(answer))).toMatchObject({
      path: '/x',
      query: 'y',
      headers: ['Host', 'other:1', 'Connection', 'close'],
    });
  });

  test('a whole request of HTTP/1.0 is answered and closed, unless it asks to keep the connection', async () => {
    const port = await serve(echo);
    expect(await exchange(port, 'GET / HTTP/1.0\r\n\r\n')).toContain('Connection: close');
    const connection = await rawConnect(port);
    connection.send('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n');
    expect(await connection.until(/}$/)).toContain('Connection: keep-alive');
    connection.socket.destroy();
  });

  test('a whole request of two megabytes in many pieces arrives whole', async () => {
    const port = await serve((incoming, respond) => respond(200, [], incoming.body));
    const body = Buffer.alloc(2 * 1024 * 1024, 'abcdefg');
    const answer = await request(`http://127.0.0.1:${port}/`, { method: 'PUT', body });
    expect(Buffer.from(await answer.body.arrayBuffer()).equals(body)).toBe(true);
  });
});

describe('requests sent ahead', () => {
  test('requests sent ahead are answered in order although the first takes longest', async () => {
    const held: (() => void)[] = [];
    const order: string[] = [];
    const port = await serve((incoming, respond) => {
      order.push(incoming.path);
      if (incoming.path === '/1') held.push(() => respond(200, [], 'one'));
      else respond(200, [], incoming.path);
    });
    const connection = await rawConnect(port);
    connection.send(
      'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxyGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    await expect.poll(() => held.length).toBe(1);
    expect(order).toEqual(['/1']);
    held[0]?.();
    const answer = await connection.closed();
    expect(order).toEqual(['/1', '/2', '/3']);
    expect(answer.split('\r\n\r\n').map((part) => part.split('HTTP/1.1')[0])).toEqual([
      '',
      'one',
      '/2',
      '/3',
    ]);
  });

  test('a thousand requests that are sent in one write are all answered', async () => {
    const port = await serve((incoming, respond) => respond(200, [], incoming.path));
    const connection = await rawConnect(port);
    const many = Array.from({ length: 5000 }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: h\r\n\r\n`).join('');
    connection.send(`${many}GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect(statuses(await connection.closed())).toHaveLength(5001);
  });
});

describe('bodies', () => {
  test('bodies in chunks are put together, extensions and trailers dropped', async () => {
    const port = await serve(echo);
    const answer = await exchange(
      port,
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(statuses(answer)).toEqual(['200', '200']);
    expect(answer).toContain('"body":"hello!"');
    expect(answer).toContain('"path":"/next"');
  });

  test('bodies in chunks may be cut anywhere', async () => {
    const port = await serve(echo);
    const connection = await rawConnect(port);
    const text =
      'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n2\r\nab\r\n0\r\n\r\n';
    for (const char of text) {
      connection.send(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await connection.closed()).toContain('"body":"0123456789ab"');
  });

  test('bodies announced with Expect are asked for by 100 Continue', async () => {
    const port = await serve(echo);
    const answer = await new Promise<string>((resolve, reject) => {
      const out = nodeRequest({
        port,
        host: '127.0.0.1',
        method: 'PUT',
        headers: { Expect: '100-continue' },
      });
      out.on('continue', () => out.end('after continue'));
      out.on('error', reject);
      out.on('response', (incoming) => {
        let text = '';
        incoming.on('data', (bytes) => {
          text += bytes;
        });
        incoming.on('end', () => resolve(text));
      });
      out.flushHeaders();
    });
    expect(JSON.parse(answer)).toMatchObject({ body: 'after continue' });
  });

  test('bodies too large are refused before they are sent, by path', async () => {
    const budget = new BodyBudget(1000);
    const port = await serve(echo, {
      admit: ({ path }) => ({ bodyBytes: path === '/big' ? 100 : 10, budget }),
    });
    const refused = await exchange(
      port,
      'PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n',
    );
    expect(statuses(refused)).toEqual(['413']);
    expect(refused).toContain('{"message":"The body is larger than 10 bytes"}');
    const chunked = 'PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\n';
    expect(statuses(await exchange(port, chunked))).toEqual(['413']);
    const fits = 'PUT /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 11\r\n\r\n01234567890';
    expect(statuses(await exchange(port, fits))).toEqual(['200']);
  });

  test('bodies of a request whose head is refused are never read, and its connection ends', async () => {
    const handled: string[] = [];
    const port = await serve((incoming) => handled.push(incoming.path), {
      admit: () => ({ status: 403, headers: ['X-Why', 'unsigned'], body: 'no' }),
    });
    const put = 'PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 500000000\r\n\r\n';
    const answer = await exchange(port, put);
    expect(statuses(answer)).toEqual(['403']);
    expect(answer).toContain('X-Why: unsigned');
    expect(answer).toContain('Connection: close');
    const twice = 'GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';
    expect(statuses(await exchange(port, twice))).toEqual(['403', '403']);
    expect(handled).toEqual([]);
  });

  test('bodies share a budget over all connections, which a body holds until it is answered', async () => {
    const budget = new BodyBudget(150_000);
    const waiting: Respond[] = [];
    const port = await serve((_, respond) => waiting.push(respond), {
      admit: () => ({ bodyBytes: 1_000_000, budget }),
    });
    const put = (bytes: number) =>
      `PUT /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`;
    const first = await rawConnect(port);
    first.send(put(100_000));
    await expect.poll(() => waiting.length).toBe(1);
    const second = await exchange(port, put(100_000));
    expect(statuses(second)).toEqual(['503']);
    expect(second).toContain('Too many large requests at once');
    waiting[0]?.(200, []);
    expect(statuses(await first.closed())).toEqual(['200']);
    const third = await rawConnect(port);
    third.send(put(100_000));
    await expect.poll(() => waiting.length).toBe(2);
    third.socket.destroy();
    waiting[1]?.(200, []);
    await expect.poll(() => budget.take(150_000)).toBe(true);
  });

  test('bodies in chunks of one byte take the memory of their bytes, not of the blocks they came in', () => {
    const body = new GrowingBody(1_000_000, new BodyBudget(1_000_000));
    const decoder = new ChunkedDecoder(1_000_000, body);
    const block = Buffer.from('1\r\nx\r\n'.repeat(10_000));
    for (let blocks = 0; blocks < 10; blocks += 1) expect(decoder.push(block).state).toBe('more');
    expect(body.length).toBe(100_000);
    expect(body.heldBytes).toBeLessThanOrEqual(2 * 100_000);
  });
});

describe('answers', () => {
  test('answers to HEAD have the length but no body', async () => {
    const port = await serve((_incoming, respond) => respond(200, ['Content-Length', '1234'], ''));
    const answer = await exchange(port, 'HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(answer).toContain('Content-Length: 1234\r\n');
    expect(bodyOf(answer)).toBe('');
  });

  test('answers with 204 carry neither length nor body', async () => {
    const port = await serve((_incoming, respond) => respond(204, [], 'ignored'));
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(answer).not.toContain('Content-Length');
    expect(bodyOf(answer)).toBe('');
  });

  test('answers keep every byte of text beyond ASCII and of large buffers', async () => {
    const large = Buffer.alloc(100_000, 'é\u0000x');
    const port = await serve((incoming, respond) =>
      respond(200, [], incoming.path === '/text' ? 'é€😀' : large),
    );
    const text = await request(`http://127.0.0.1:${port}/text`);
    expect(await text.body.text()).toBe('é€😀');
    const bytes = await request(`http://127.0.0.1:${port}/bytes`);
    expect(Buffer.from(await bytes.body.arrayBuffer()).equals(large)).toBe(true);
  });

  test('the server writes Content-Length, Connection, Date and Transfer-Encoding itself', async () => {
    const port = await serve((_incoming, respond) =>
      respond(
        200,
        ['content-length', '99', 'Transfer-Encoding', 'chunked', 'Connection', 'x', 'X-A', '1'],
        'ab',
      ),
    );
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(
      answer.split('\r\n').filter((line) => /^(content-length|transfer|connection|x-a)/i.test(line)),
    ).toEqual(['X-A: 1', 'Connection: close', 'Content-Length: 2']);
  });

  test('answers with a line break in a header are refused, and the request can still be answered', async () => {
    let thrown: unknown;
    const port = await serve((_incoming, respond) => {
      try {
        respond(200, ['X-A', 'a\r\nSet-Cookie: b'], '');
      } catch (error) {
        thrown = error;
        respond(500, [], 'no');
      }
    });
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(thrown).toBeInstanceOf(TypeError);
    expect(answer).not.toContain('Set-Cookie');
    expect(statuses(answer)).toEqual(['500']);
  });

  test('answers can be given once only', async () => {
    let second: unknown;
    const port = await serve((_incoming, respond) => {
      respond(200, [], 'a');
      try {
        respond(200, [], 'b');
      } catch (error) {
        second = error;
      }
    });
    const answer = await exchange(port, 'GET / HTTP/1.0\r\n\r\n');
    expect(bodyOf(answer)).toBe('a');
    // The connection of HTTP/1.0 is given up by the first answer, so the second one has nowhere to go.
    expect(second === undefined || second instanceof Error).toBe(true);
    const kept = await rawConnect(port);
    kept.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await kept.until(/a$/);
    expect(second).toEqual(new Error('This request was answered already'));
    kept.socket.destroy();
  });

  test('answers of a handler that throws are 500, and the error is told', async () => {
    const port = await serve(() => {
      throw new Error('boom');
    });
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(statuses(answer)).toEqual(['500']);
    expect(errors).toEqual([new Error('boom')]);
  });
});

describe('a client that leaves', () => {
  test('a client that leaves is reported to whoever asked, once', async () => {
    let told = 0;
    let late: Respond | undefined;
    const port = await serve((incoming, respond) => {
      late = respond;
      incoming.onDisconnect(() => {
        told += 1;
      });
    });
    const connection = await rawConnect(port);
    connection.send('GET /next HTTP/1.1\r\nHost: h\r\n\r\n');
    await expect.poll(() => late !== undefined).toBe(true);
    connection.socket.destroy();
    await expect.poll(() => told).toBe(1);
    expect(() => late?.(200, [], 'too late')).not.toThrow();
  });

  test('a client that closes only its sending side still gets its answer', async () => {
    const port = await serve((_incoming, respond) => {
      setImmediate(() => respond(200, [], 'answer'));
    });
    const connection = await rawConnect(port);
    connection.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    connection.socket.end();
    expect(bodyOf(await connection.closed())).toBe('answer');
  });

  test('a client that closes its sending side after several requests gets all their answers', async () => {
    const port = await serve((incoming, respond) => {
      setImmediate(() => respond(200, [], incoming.path));
    });
    const connection = await rawConnect(port);
    connection.send(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''));
    connection.send('GET /cut');
    connection.socket.end();
    const answer = await connection.closed();
    expect(statuses(answer)).toEqual(['200', '200', '200']);
    expect(answer).toMatch(/\/1.*\/2.*\/3$/s);
  });

  test('a client that leaves in the middle of a request never reaches the handler', async () => {
    let calls = 0;
    const port = await serve(() => {
      calls += 1;
    });
    const connection = await rawConnect(port);
    connection.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc');
    connection.socket.end();
    expect(await connection.closed()).toBe('');
    expect(calls).toBe(0);
  });
});

describe('a request that is malformed or ambiguous is refused and its connection closed', () => {
  const H = 'Host: h\r\n';
  const cases: readonly (readonly [string, string, string])[] = [
    ['no request line', '\r\n\r\nGARBAGE\r\n\r\n', '400'],
    ['a bare line feed', `GET / HTTP/1.1\n${H}\r\n\r\n`, '400'],
    ['a bare line feed in a header', `GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n`, '400'],
    ['a bare carriage return in a header', `GET / HTTP/1.1\r\n${H}X: a\rb\r\n\r\n`, '400'],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${H}X: a\0b\r\n\r\n`, '400'],
    ['a space before the colon', `GET / HTTP/1.1\r\n${H}Content-Length : 1\r\n\r\n`, '400'],
    ['a folded header', `GET / HTTP/1.1\r\n${H}X: a\r\n b\r\n\r\n`, '400'],
    ['no Host', 'GET / HTTP/1.1\r\nX: y\r\n\r\n', '400'],
    ['two Hosts', `GET / HTTP/1.1\r\n${H}Host: i\r\n\r\n`, '400'],
    [
      'Content-Length and Transfer-Encoding',
      `POST / HTTP/1.1\r\n${H}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      '400',
    ],
    [
      'two Content-Lengths',
      `POST / HTTP/1.1\r\n${H}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
      '400',
    ],
    ['a signed Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: +3\r\n\r\nabc`, '400'],
    ['a list of Content-Lengths', `POST / HTTP/1.1\r\n${H}Content-Length: 3, 3\r\n\r\nabc`, '400'],
    [
      'two Transfer-Encodings',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      '400',
    ],
    [
      'another transfer coding',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      '501',
    ],
    ['chunks in HTTP/1.0', `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
    [
      'a chunk size that is no number',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n`,
      '400',
    ],
    [
      'a chunk longer than it says',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`,
      '400',
    ],
    [
      'a chunk ended by a bare line feed',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n${'x'.repeat(2000)}`,
      '400',
    ],
    ['another expectation', `POST / HTTP/1.1\r\n${H}Expect: miracles\r\nContent-Length: 1\r\n\r\na`, '417'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505'],
    ['an asterisk as its target', `OPTIONS * HTTP/1.1\r\n${H}\r\n`, '400'],
    ['a fragment in its target', `GET /a#b HTTP/1.1\r\n${H}\r\n`, '400'],
    ['user information in its target', `GET http://a@b/ HTTP/1.1\r\n${H}\r\n`, '400'],
    ['a head without end', `GET / HTTP/1.1\r\n${H}X: ${'a'.repeat(5000)}`, '431'],
    ['a head too large', `GET / HTTP/1.1\r\n${H}X: ${'a'.repeat(5000)}\r\n\r\n`, '431'],
    ['a request line without end', `GET /${'a'.repeat(5000)}`, '414'],
  ];
  test.each(cases)(
    'a request with %s is refused and its connection closed',
    async (_fault, bytes, status) => {
      let calls = 0;
      const port = await serve(
        () => {
          calls += 1;
        },
        { limits: { headBytes: 4096 } },
      );
      const answer = await exchange(port, bytes);
      expect(statuses(answer)).toEqual([status]);
      expect(answer).toContain('Connection: close');
      expect(calls).toBe(0);
    },
  );
});

describe('whatever is sent', () => {
  /** xorshift32: a fixed sequence that looks random. */
  function randomOf(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    };
  }

  test('well-formed requests cut at random places are answered one by one, with their own bodies', async () => {
    const port = await serve((incoming, respond) => {
      if (incoming.body.length % 2 === 0) respond(200, [], incoming.body);
      else setImmediate(() => respond(200, [], incoming.body));
    });
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = randomOf(seed * 7919);
      const bodies = Array.from({ length: 30 }, () => 'x'.repeat(random(40)));
      const text = bodies
        .map((body) =>
          random(2) === 0
            ? `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`
            : `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`,
        )
        .join('');
      const connection = await rawConnect(port);
      for (let at = 0; at < text.length; ) {
        const size = 1 + random(60);
        connection.send(text.slice(at, at + size));
        at += size;
        if (random(3) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      connection.send('GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
      const answer = await connection.closed();
      const received = answer.split(/HTTP\/1\.1 200 OK\r\n.*?\r\n\r\n/s).slice(1);
      expect(received).toEqual([...bodies, '']);
      connection.socket.destroy();
    }
  });

  test('garbage never breaks the server: it is refused, and the next client served', async () => {
    const port = await serve((_incoming, respond) => respond(200, [], 'ok'), {
      limits: { headBytes: 2048, bodyBytes: 1000, requestMs: 100, idleMs: 100 },
    });
    const template = 'POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc';
    const sendGarbage = async (seed: number): Promise<void> => {
      const random = randomOf(seed * 104_729);
      const bytes = Buffer.from(template, 'latin1');
      for (let change = random(6); change >= 0; change -= 1) bytes[random(bytes.length)] = random(256);
      const connection = await rawConnect(port);
      connection.send(bytes);
      // Every connection comes to an end of its own: answered and idle, refused, or too slow.
      await connection.closed();
      connection.socket.destroy();
    };
    // Ten at once: most of them wait for the server's time limits.
    for (let seed = 1; seed <= 150; seed += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => sendGarbage(seed + index)));
    }
    expect(errors).toEqual([]);
    expect(await exchange(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/ok$/);
  }, 60_000);
});

describe('time', () => {
  test('a request that does not arrive in time is refused with 408', async () => {
    const port = await serve(echo, { limits: { requestMs: 80, idleMs: 10_000 } });
    const connection = await rawConnect(port);
    connection.send('GET / HTTP/1.1\r\nHo');
    expect(statuses(await connection.closed())).toEqual(['408']);
  });

  test('an idle connection is closed after a limited time, without an answer', async () => {
    const port = await serve(echo, { limits: { idleMs: 80 } });
    const connection = await rawConnect(port);
    expect(await connection.closed()).toBe('');
  });

  test('the time that a handler takes for its answer is not limited by the server', async () => {
    const port = await serve(
      (_incoming, respond) => {
        setTimeout(() => respond(200, [], 'late'), 400);
      },
      { limits: { requestMs: 80, idleMs: 80 } },
    );
    const connection = await rawConnect(port);
    connection.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(bodyOf(await connection.until(/late$/))).toBe('late');
    connection.socket.destroy();
  });
});

describe('closing the server', () => {
  test('closing the server ends idle connections, lets an answer under way finish in its grace, and frees the port', async () => {
    let finish: (() => void) | undefined;
    const server = createHttpServer({
      onRequest: (_incoming, respond) => {
        finish = () => respond(200, [], 'finished');
      },
      onError: () => undefined,
    });
    const port = await server.listen();
    const idle = await rawConnect(port);
    const busy = await rawConnect(port);
    busy.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await expect.poll(() => finish !== undefined).toBe(true);
    const closed = server.close(5000);
    expect(await idle.closed()).toBe('');
    finish?.();
    expect(await busy.closed()).toMatch(/Connection: close.*finished$/s);
    busy.socket.destroy();
    idle.socket.destroy();
    await closed;
    await expect(rawConnect(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('closing the server cuts an answer that outlasts its grace', async () => {
    const port = await serve(() => undefined);
    const server = servers.pop();
    const busy = await rawConnect(port);
    busy.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server?.close(10);
    expect(await busy.closed()).toBe('');
  });

  test('closing the server of a port that is taken rejects with EADDRINUSE', async () => {
    const port = await serve(echo);
    const second = createHttpServer({ onRequest: echo, onError: () => undefined });
    await expect(second.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
