import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ShedbenchError } from '../../src/errors.ts';
import { readBody, readPayload } from '../../src/load/read-body.ts';
import { readRequestsFile } from '../../src/load/requests-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-requests-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const schema = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(new URL('../../docs/requests-schema.json', import.meta.url), 'utf8')) as object,
);

const GOOD = `requests:
  - name: list
    path: /orders?page={n}
    weight: 9
  - name: create
    method: POST
    path: /orders/{uuid}
    headers:
      X-Tenant: blue
    body: order.json
    expect: [201, 202]
  - name: object
    path: /objects
    body:
      sku: 1
    expect: 204
`;

/** The content of `GOOD`, for the JSON Schema. */
const GOOD_CONTENT = {
  requests: [
    { name: 'list', path: '/orders?page={n}', weight: 9 },
    {
      name: 'create',
      method: 'POST',
      path: '/orders/{uuid}',
      headers: { 'X-Tenant': 'blue' },
      body: 'order.json',
      expect: [201, 202],
    },
    { name: 'object', path: '/objects', body: { sku: 1 }, expect: 204 },
  ],
};

const read = (text: string) => {
  writeFileSync(join(folder, 'mix.yaml'), text);
  return readRequestsFile('mix.yaml', folder);
};

async function refusal(text: string): Promise<ShedbenchError> {
  return await read(text).then(
    () => {
      throw new Error('was not refused');
    },
    (error: unknown) => error as ShedbenchError,
  );
}

describe('a file of requests', () => {
  test('a file of requests becomes a mix under its own name, with bodies from files, texts and objects', async () => {
    writeFileSync(join(folder, 'order.json'), '{"sku":7}');
    const { name, requests } = await read(GOOD);
    expect(name).toBe('mix');
    expect(
      requests.map(({ planned }) => [planned.name, planned.method, planned.weight, planned.expectedStatuses]),
    ).toEqual([
      ['list', 'GET', 9, [200, 201, 202, 203, 204, 205, 206]],
      ['create', 'POST', 1, [201, 202]],
      ['object', 'POST', 1, [204]],
    ]);
    expect(requests.map(({ content }) => Buffer.from(content.body ?? '').toString())).toEqual([
      '',
      '{"sku":7}',
      '{"sku":1}',
    ]);
    expect(requests[1]?.content.headers).toEqual([['X-Tenant', 'blue']]);
  });

  test.each([
    [
      'a key with a typo',
      GOOD.replace('weight: 9', 'wieght: 9'),
      'mix.yaml:4: requests[0].wieght is not known: it is one of name, method, path, headers, body, expect, weight',
    ],
    [
      'an unknown key of the file',
      `${GOOD}rate: 5\n`,
      'mix.yaml:17: rate is not known: it is one of name, requests',
    ],
    [
      'a weight that is no number',
      GOOD.replace('weight: 9', 'weight: much'),
      'mix.yaml:4: requests[0].weight is "much", not number',
    ],
    [
      'a missing path',
      GOOD.replace('    path: /orders?page={n}\n', ''),
      'mix.yaml:2: requests[0].path is missing',
    ],
    [
      'a method that there is not',
      GOOD.replace('POST', 'PSOT'),
      'mix.yaml:6: requests[1].method is "PSOT", not ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS")',
    ],
    [
      'a status that is none',
      GOOD.replace('[201, 202]', '[201, 2o2]'),
      'mix.yaml:11: requests[1].expect[1] is "2o2", not number',
    ],
    [
      'a list of headers',
      GOOD.replace('      X-Tenant: blue', '      - blue'),
      'mix.yaml:8: requests[1].headers is Array, not Object',
    ],
    ['no requests', 'name: empty\n', 'mix.yaml:1: requests is missing'],
    ['an empty file', '', 'mix.yaml:1: the file is null, not Object'],
    [
      'the same name twice',
      GOOD.replace('name: create', 'name: list'),
      "mix.yaml:5: requests[1].name is 'list' once more: names differ",
    ],
    [
      'a path with an unknown placeholder',
      GOOD.replace('{uuid}', '{id}'),
      "mix.yaml:5: requests[1]: The path '/orders/{id}' contains {id}, which is not a placeholder.",
    ],
    [
      'a body that names no file',
      GOOD,
      'mix.yaml:5: requests[1]: body names order.json, and there is no such file.',
    ],
    [
      'a field that the load sets itself',
      GOOD.replace('X-Tenant', 'Content-Length'),
      "mix.yaml:5: requests[1]: -H/--header can't set Content-Length: the load sets it itself.",
    ],
  ])('a file of requests with %s is refused with file, line and path', async (_, text, message) => {
    if (text !== GOOD) writeFileSync(join(folder, 'order.json'), '{}');
    const error = await refusal(text);
    expect(error).toMatchObject({ code: 'bad-requests', exitCode: 2 });
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(/\S/);
  });

  test('a file of requests that is not YAML is refused with line, column and a hint', async () => {
    const { code, message, hint } = await refusal('requests:\n  - name: "list\n    path: /\n');
    expect(code).toBe('bad-requests');
    expect(message).toMatch(/^mix\.yaml:\d+:\d+: /);
    expect(hint).toMatch(/your-own/);
  });

  const withBody = (body: string): string => `requests:\n  - name: a\n    path: /\n    body: ${body}\n`;
  /** Ten values, and then levels of ten aliases of the level before. */
  const bomb = (levels: number): string =>
    withBody(
      `\n      - &l0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from(
        { length: levels },
        (_, at) => `      - &l${at + 1} [${Array.from({ length: 10 }, () => `*l${at}`).join(', ')}]\n`,
      ).join('')}`,
    );

  test.each([
    [
      'two documents',
      `# mine\n---\n${GOOD}---\n${GOOD}`,
      'mix.yaml:19:1: a second YAML document begins here, and a file of requests has only one',
      /Remove the second document/,
    ],
    [
      'a second document without a marker',
      'a: 1\n...\nb: 2\n',
      'mix.yaml:3:1: a second YAML document begins here, and a file of requests has only one',
      /Remove the second document/,
    ],
    [
      'a list as a key',
      withBody('{[a]: x}'),
      'mix.yaml:4:12: a key must be text, not a list or an object',
      /quotes/,
    ],
    [
      'the alias of a list as a key',
      withBody('\n      a: &x [1]\n      *x : 2'),
      'mix.yaml:6:8: a key must be text, not a list or an object',
      /quotes/,
    ],
    [
      'a key that occurs twice',
      withBody('{a: 1, a: 2}'),
      'mix.yaml:4:18: this key occurs twice in one object',
      /your-own/,
    ],
    [
      'an alias without its anchor',
      withBody('[*x]'),
      'mix.yaml:4:13: no anchor &x stands before the alias *x',
      /quotes/,
    ],
    ['an unknown tag', withBody('!foo x'), "mix.yaml:4:11: this value can't have the tag <!foo>", /quotes/],
    [
      'a tag of another type',
      withBody('{a: !!int x}'),
      "mix.yaml:4:15: this value can't have the tag <int>",
      /Remove the tag/,
    ],
    [
      'too deep a body',
      withBody(`${'['.repeat(600)}${']'.repeat(600)}`),
      'mix.yaml:4:508: lists and objects nest deeper than 500 levels',
      /a file of its own/,
    ],
    [
      'aliases that nest too deep a body',
      withBody(
        `\n${Array.from(
          { length: 10 },
          (_, at) =>
            `      - &l${at} ${'['.repeat(100)}${at === 0 ? 'x' : `*l${at - 1}`}${']'.repeat(100)}\n`,
        ).join('')}`,
      ),
      'mix.yaml:4: requests[0].body: lists and objects nest deeper than 500 levels',
      /a file of its own/,
    ],
    [
      'aliases that stand for gigabytes',
      bomb(8),
      "mix.yaml:4: requests[0].body: with this value, the file's aliases stand for more than 10,000,000 characters",
      /a file of its own/,
    ],
    [
      'aliases of a long text',
      `a: &x ${'x'.repeat(1_000_000)}\n${withBody(`[${'*x, '.repeat(20)}]`)}`,
      "mix.yaml:5: requests[0].body: with this value, the file's aliases stand for more than 10,000,000 characters",
      /a file of its own/,
    ],
    [
      'an alias within its own value',
      withBody('&x\n      a: 1\n      b: [*x]'),
      'mix.yaml:6: requests[0].body.b[0]: this alias stands for a value that contains it',
      /without the alias/,
    ],
  ])('a file of requests with %s is refused in plain words, with a hint', async (_, text, message, hint) => {
    const error = await refusal(text);
    expect(error).toMatchObject({ code: 'bad-requests', exitCode: 2, message });
    expect(error.hint).toMatch(hint);
  });

  test('requests may repeat headers and bodies by aliases as often as there may be requests', async () => {
    const first = '  - name: r0\n    path: /\n    headers: &h {X-Tenant: blue}\n    body: &b {sku: [1, 2]}\n';
    const others = Array.from(
      { length: 99 },
      (_, at) => `  - name: r${at + 1}\n    path: /\n    headers: *h\n    body: *b\n`,
    );
    const { requests } = await read(`requests:\n${first}${others.join('')}`);
    expect(requests).toHaveLength(100);
    for (const { content } of requests) {
      expect(content.headers).toEqual([['X-Tenant', 'blue']]);
      expect(Buffer.from(content.body ?? '').toString()).toBe('{"sku":[1,2]}');
    }
  });

  test('a body that is a list is sent as a list, with what its aliases stand for', async () => {
    const { requests } = await read(withBody('[&x [1, {a: b}], *x, *x]'));
    expect(Buffer.from(requests[0]?.content.body ?? '').toString()).toBe(
      '[[1,{"a":"b"}],[1,{"a":"b"}],[1,{"a":"b"}]]',
    );
  });

  test('a file of requests that is not there is refused by its name', async () => {
    await expect(readRequestsFile('none.yaml', folder)).rejects.toMatchObject({
      code: 'no-such-file',
      exitCode: 2,
    });
  });

  test('the content of a good file fits the JSON Schema', () => {
    expect(schema(GOOD_CONTENT)).toBe(true);
  });

  test.each([
    ['wieght: 9', { wieght: 9 }, false],
    ['weight: 9', { weight: 9 }, true],
    ['weight: 0', { weight: 0 }, false],
    ['expect: 700', { expect: 700 }, false],
    ['method: HEAD', { method: 'HEAD' }, false],
  ])(
    'a file of requests with %j is accepted or refused by its JSON Schema as by the load',
    async (line, content, isGood) => {
      expect(schema({ requests: [{ name: 'a', path: '/', ...content }] })).toBe(isGood);
      await expect(
        read(`requests:\n  - name: a\n    path: /\n    ${line}\n`).then(
          () => true,
          () => false,
        ),
      ).resolves.toBe(isGood);
    },
  );
});

describe('a body', () => {
  test('a body is the file of that name, else the text itself', async () => {
    writeFileSync(join(folder, 'a.json'), '[1]');
    expect((await readBody('--body', 'a.json', folder)).toString()).toBe('[1]');
    expect((await readBody('--body', '{"a":1}', folder)).toString()).toBe('{"a":1}');
    expect((await readBody('--body', 'hello', folder)).toString()).toBe('hello');
  });

  test('a body that looks like a file name but is not a file is refused', async () => {
    await expect(readBody('--body', 'b.json', folder)).rejects.toMatchObject({
      code: 'no-such-file',
      exitCode: 2,
    });
    await expect(readBody('--body', 'sub/b.json', folder)).rejects.toMatchObject({ code: 'no-such-file' });
  });
});

test('a payload that is not JSON is refused before anything is sent', async () => {
  expect((await readPayload('--payload', '{"a":1}', folder)).toString()).toBe('{"a":1}');
  await expect(readPayload('--payload', '{a:1}', folder)).rejects.toMatchObject({
    code: 'payload-not-json',
    exitCode: 2,
  });
  await expect(readPayload('--payload', 'hello', folder)).rejects.toMatchObject({ code: 'payload-not-json' });
});
