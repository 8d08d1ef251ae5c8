import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Route } from '../../src/model/route.ts';
import { ACCESS_DENIED, FakeDynamoDb, type RecordedCall } from './support/fake-dynamodb.ts';
import type { ProxyAnswer, ProxyEvent } from './support/sandbox.ts';
import { RunningRuntime, testedRuntimes } from './support/shed-runtimes.ts';

const TABLE = 'the-table';
const ORIGIN = 'https://shed.example';
const TWO_TO_64 = '18446744073709551616';
const MAX_TATTOO = '18446744073709551615';

const database = new FakeDynamoDb();
let endpoint: string;

beforeAll(async () => {
  endpoint = await database.start();
});
afterAll(() => database.stop());
beforeEach(() => database.reset());

const JSON_HEADERS = { 'Access-Control-Allow-Origin': ORIGIN, 'Content-Type': 'application/json' };
const json = (statusCode: number, body: unknown): ProxyAnswer => ({
  statusCode,
  headers: JSON_HEADERS,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const describeTable: RecordedCall = { operation: 'DescribeTable', request: { TableName: TABLE } };
const scan = (select: string, more: object = {}): RecordedCall => ({
  operation: 'Scan',
  request: { TableName: TABLE, Select: select, Segment: 0, TotalSegments: 1, ...more },
});
const deleteItem = (tattoo: string): RecordedCall => ({
  operation: 'DeleteItem',
  request: {
    TableName: TABLE,
    Key: { tattoo: { N: tattoo } },
    ConditionExpression: 'attribute_exists(tattoo)',
    ReturnValues: 'ALL_OLD',
  },
});

// One expectation for all: a runtime that did more, less or other than the rest fails here by name.
describe.each(await testedRuntimes())('$label', (runtime) => {
  const functions = new RunningRuntime();
  const ask = (route: Route, event: ProxyEvent = {}): Promise<ProxyAnswer> =>
    functions.of(route).invoke(event);
  const logs = (): string =>
    ['cat', 'sheep', 'dog', 'wolf'].map((route) => functions.of(route as Route).log).join('');

  test.runIf(runtime.skip !== undefined)(`the runtime is left out: ${runtime.skip}`, (context) =>
    context.skip(runtime.skip),
  );

  describe.skipIf(runtime.skip !== undefined)('does what every runtime does', () => {
    beforeAll(async () => {
      await functions.start(runtime, {
        BACKEND_TABLE_NAME: TABLE,
        ALLOW_ORIGIN: ORIGIN,
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        AWS_REGION: 'eu-west-3',
        AWS_DEFAULT_REGION: 'eu-west-3',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'token',
      });
    }, 120_000);
    afterAll(() => functions.stop());

    test('a sheep is one conditional write, with all 64 bits of its tattoo', async () => {
      const answer = await ask('sheep', { pathParameters: { tattoo: MAX_TATTOO } });
      const weight = database.weightOf(MAX_TATTOO) ?? '';
      expect(answer).toEqual(json(201, `{"tattoo":${MAX_TATTOO},"weight":${weight}}`));
      expect(weight).toMatch(/^(8|9|1[0-5])\d{10}$|^160000000000$/);
      expect(database.calls).toEqual([
        {
          operation: 'PutItem',
          request: {
            TableName: TABLE,
            Item: { tattoo: { N: MAX_TATTOO }, weight: { N: weight } },
            ConditionExpression: 'attribute_not_exists(tattoo)',
          },
        },
      ]);
    });

    test('the SDK that calls is the one that the manifest names, in that version', async () => {
      await ask('sheep', { pathParameters: { tattoo: '1' } });
      const [name = '', version = ''] = runtime.manifest.sdk?.split(' ') ?? [];
      // `api/dynamodb#3.1164.0` or, of Rust, `api/dynamodb/1.136.0`.
      const expected = name === 'boto3' ? /^Boto3\/\d+\.\d+\.\d+$/ : /^api\/dynamodb[/#]/;
      const found = database.userAgent.split(' ').find((part) => expected.test(part));
      expect(found, database.userAgent).toMatch(name === 'boto3' ? expected : new RegExp(`[/#]${version}$`));
    });

    test('a duplicate is found by the same one write, leading zeros or not', async () => {
      database.reset({ 7: '80000000000' });
      const answer = await ask('sheep', { pathParameters: { tattoo: '00000000000000000007' } });
      expect(answer).toEqual(json(400, { message: 'Sheep already in the shed: 7' }));
      expect(database.calls.map((call) => call.operation)).toEqual(['PutItem']);
      expect(database.weightOf('7')).toBe('80000000000');
    });

    test.each([
      '',
      '+5',
      '-1',
      ' 5',
      '5 ',
      '5\n',
      '5.0',
      '1e3',
      'x',
      '٣',
      '５',
      '²',
      TWO_TO_64,
      '000000000000000000001',
    ])('the tattoo %j is refused without a call', async (tattoo) => {
      const answer = await ask('sheep', { pathParameters: { tattoo } });
      const message = `tattoo must be a whole number from 0 to ${MAX_TATTOO}`;
      expect(answer).toEqual(json(400, { message }));
      expect(database.calls).toEqual([]);
    });

    test('weights are spread over the whole range', async () => {
      for (let tattoo = 0; tattoo < 60; tattoo += 1) {
        await ask('sheep', { pathParameters: { tattoo: String(tattoo) } });
      }
      const weights = database.tattoos().map((tattoo) => Number(database.weightOf(tattoo)));
      expect(new Set(weights).size).toBe(60);
      // Each end of the range misses a quarter of it in one of 30 million runs.
      expect(Math.min(...weights)).toBeLessThan(100_000_000_000);
      expect(Math.max(...weights)).toBeGreaterThan(140_000_000_000);
    });

    test('the dog asks for the size and then counts page by page', async () => {
      database.reset(shedOf(5));
      database.pageSize = 2;
      expect(await ask('dog')).toEqual(json(200, { count: 5 }));
      expect(database.calls).toEqual([
        describeTable,
        scan('COUNT'),
        scan('COUNT', { ExclusiveStartKey: { tattoo: { N: '2' } } }),
        scan('COUNT', { ExclusiveStartKey: { tattoo: { N: '4' } } }),
      ]);
    });

    test('the wolf reads page by page, then takes the heaviest of a prime weight', async () => {
      database.reset({
        1: '80000000021',
        2: '160000000000',
        3: '159999999983',
        4: '159999999984',
        5: '80000000000',
      });
      database.pageSize = 2;
      const answer = await ask('wolf');
      expect(answer).toEqual({
        statusCode: 204,
        headers: { 'Access-Control-Allow-Origin': ORIGIN },
        body: '',
      });
      expect(database.calls).toEqual([
        describeTable,
        scan('ALL_ATTRIBUTES'),
        scan('ALL_ATTRIBUTES', { ExclusiveStartKey: { tattoo: { N: '2' } } }),
        scan('ALL_ATTRIBUTES', { ExclusiveStartKey: { tattoo: { N: '4' } } }),
        deleteItem('3'),
      ]);
      expect(database.tattoos()).toEqual(['1', '2', '4', '5']);
    });

    test('the wolf deletes a tattoo of 64 bits exactly', async () => {
      database.reset({ [MAX_TATTOO]: '80000000021', '18446744073709551614': '80000000000' });
      expect((await ask('wolf')).statusCode).toBe(204);
      expect(database.calls.at(-1)).toEqual(deleteItem(MAX_TATTOO));
    });

    test('a wolf without a fitting sheep deletes nothing', async () => {
      // The square of the largest prime in the sieve: only the last division finds it.
      for (const shed of [{}, { 1: '80000000000', 2: '160000000000' }, { 1: String(399_989 ** 2) }]) {
        database.reset(shed as Record<string, string>);
        expect(await ask('wolf')).toEqual(json(404, { message: 'No fitting sheep' }));
        expect(database.calls).toEqual([describeTable, scan('ALL_ATTRIBUTES')]);
      }
    });

    test('a wolf whose sheep another call has deleted answers 409', async () => {
      database.reset({ 9: '80000000021' });
      database.before = ({ operation }) => {
        if (operation === 'DeleteItem') database.delete('9');
      };
      expect(await ask('wolf')).toEqual(json(409, { message: 'Sheep is not in the shed: 9' }));
      expect(database.calls).toEqual([describeTable, scan('ALL_ATTRIBUTES'), deleteItem('9')]);
    });

    test.each([
      ['dog', 'COUNT'],
      ['wolf', 'ALL_ATTRIBUTES'],
    ] as const)('the %s scans a large table in segments, all at once', async (route, select) => {
      database.reset({ ...shedOf(10), 99: '80000000021' });
      database.itemCount = 250_000;
      // A scan is answered only once all three have been asked: one after the other would wait here for ever.
      let release: () => void = () => {};
      const together = new Promise<void>((resolve) => {
        release = resolve;
      });
      let asked = 0;
      database.before = ({ operation }) => {
        if (operation !== 'Scan') return;
        asked += 1;
        if (asked === 3) release();
        return together;
      };
      const answer = await ask(route);
      expect(answer.statusCode).toBe(route === 'dog' ? 200 : 204);
      if (route === 'dog') expect(answer).toEqual(json(200, { count: 11 }));
      const scans = database.calls.filter(({ operation }) => operation === 'Scan');
      const bySegment = scans.toSorted((a, b) => Number(a.request.Segment) - Number(b.request.Segment));
      expect(bySegment).toEqual([0, 1, 2].map((Segment) => scan(select, { Segment, TotalSegments: 3 })));
      expect(database.calls[0]).toEqual(describeTable);
      expect(database.calls.slice(4)).toEqual(route === 'dog' ? [] : [deleteItem('99')]);
    });

    test('the cat evaluates without a call', async () => {
      const values = [
        [0, 0, 1],
        [0, 50_000, 50_001],
        [1, 50_000, 50_002],
        [2, 3, 9],
        [3, 8, 2045],
        [4, 0, 13],
      ] as const;
      for (const [m, n, result] of values) {
        const answer = await ask('cat', { queryStringParameters: { m: String(m), n: String(n) } });
        expect(answer).toEqual(json(200, { result }));
      }
      expect(database.calls).toEqual([]);
    });

    test.each([
      [{ n: '0' }, 'm'],
      [{ m: '0' }, 'n'],
      [{ m: '5', n: '0' }, 'm'],
      [{ m: '0', n: '50001' }, 'n'],
      [{ m: '-1', n: '0' }, 'm'],
      [{ m: '+1', n: '0' }, 'm'],
      [{ m: '1.0', n: '0' }, 'm'],
      [{ m: '１', n: '0' }, 'm'],
      [{ m: '', n: '0' }, 'm'],
      [{ m: '0', n: TWO_TO_64 }, 'n'],
    ])('the cat refuses %j', async (query, bad) => {
      const answer = await ask('cat', { queryStringParameters: query as Record<string, string> });
      const message = `${bad} must be a whole number from 0 to ${bad === 'm' ? 4 : 50000}`;
      expect(answer).toEqual(json(400, { message }));
    });

    test('no call leaves a line in the log', () => {
      expect(logs()).toBe('');
    });

    test.each([
      ['sheep', 'PutItem'],
      ['dog', 'Scan'],
      ['wolf', 'DescribeTable'],
      ['wolf', 'DeleteItem'],
    ] as const)(
      'a %s whose %s is refused answers 500 and tells the cause to the log only',
      async (route, operation) => {
        database.reset({ 1: '80000000021' });
        database.refuse = { operation, refusal: ACCESS_DENIED };
        const before = functions.of(route).log.length;
        const answer = await ask(route, { pathParameters: { tattoo: '2' } });
        expect(answer).toEqual(json(500, { message: 'Server error' }));
        await expect.poll(() => functions.of(route).log.slice(before)).toContain(ACCESS_DENIED.message);
        expect(database.calls.filter((call) => call.operation === operation)).toHaveLength(1);
      },
    );
  });
});

function shedOf(sheep: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: sheep }, (_, index) => [String(index + 1), '80000000000']));
}
