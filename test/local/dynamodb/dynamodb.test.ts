import { crc32 } from 'node:zlib';
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  ScanCommand,
  type ScanCommandInput,
  TagResourceCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDynamoDb, type DynamoDbParts } from '../../../src/local/services/dynamodb/service.ts';
import { ACCOUNT_ID, type OpenDoor, openDoor } from '../open-door.ts';

const KEYS = { accessKeyId: 'AKIADATABASE00000000', secretAccessKey: 'database' };
const registered: number[] = [];
const forgotten: number[] = [];
const children = {
  register: (pid: number) => {
    registered.push(pid);
  },
  forget: (pid: number) => {
    forgotten.push(pid);
  },
};
const log: string[] = [];
let database: DynamoDbParts;
let door: OpenDoor;
let client: DynamoDBClient;
let table = '';
let tables = 0;

async function start(onLoss: (why: string) => void = () => undefined): Promise<DynamoDbParts> {
  return createDynamoDb(
    {
      accountId: ACCOUNT_ID,
      region: 'us-east-1',
      dataDir: '/nonexistent',
      now: Date.now,
      log: (line) => log.push(line),
      children,
    },
    KEYS,
    onLoss,
  );
}

beforeAll(async () => {
  database = await start();
  door = await openDoor({ services: () => database.services });
  client = new DynamoDBClient({
    endpoint: database.control.endpoint,
    region: 'us-east-1',
    credentials: database.control.credentialsOf(1),
    maxAttempts: 1,
  });
});
beforeEach(async () => {
  tables += 1;
  table = `shed-${tables}`;
  await client.send(
    new CreateTableCommand({
      TableName: table,
      AttributeDefinitions: [{ AttributeName: 'tattoo', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'tattoo', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await untilActive(table);
});
afterAll(async () => {
  client.destroy();
  await door.close();
  await database.close?.();
});

/** A table takes a moment to become ACTIVE, as on AWS; until then its operations do not find it. */
async function untilActive(name: string): Promise<void> {
  let status: string | undefined;
  do {
    status = (await client.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus;
  } while (status !== 'ACTIVE');
}

function putSheep(tattoo: string, weight = '80000000000') {
  return client.send(
    new PutItemCommand({
      TableName: table,
      Item: { tattoo: { N: tattoo }, weight: { N: weight } },
      ConditionExpression: 'attribute_not_exists(tattoo)',
    }),
  );
}

/** As many sheep as asked, written past the SDK's limits one batch after the other. */
async function fill(count: number, padding = ''): Promise<void> {
  for (let first = 0; first < count; first += 25) {
    const requests = Array.from({ length: Math.min(25, count - first) }, (_, i) => ({
      PutRequest: { Item: { tattoo: { N: String(first + i + 1) }, padding: { S: padding || 'x' } } },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
}

async function scanAll(input: Partial<ScanCommandInput>): Promise<{ pages: number[]; tattoos: string[] }> {
  const pages: number[] = [];
  const tattoos: string[] = [];
  let key: ScanCommandInput['ExclusiveStartKey'];
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table,
        ...input,
        ...(key === undefined ? {} : { ExclusiveStartKey: key }),
      }),
    );
    pages.push(page.Count ?? -1);
    tattoos.push(...(page.Items ?? []).map((item) => item.tattoo?.N ?? ''));
    key = page.LastEvaluatedKey;
  } while (key !== undefined);
  return { pages, tattoos };
}

describe('the shed’s own calls', () => {
  test('a tattoo of 64 bits is written exactly, and once', async () => {
    await putSheep('18446744073709551615', '159999999999');
    await expect(putSheep('18446744073709551615')).rejects.toThrow(ConditionalCheckFailedException);
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { tattoo: { N: '18446744073709551615' } } }),
    );
    expect(Item).toEqual({ tattoo: { N: '18446744073709551615' }, weight: { N: '159999999999' } });
  });

  test('of many writers of one tattoo exactly one wins', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => putSheep('7')));
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  test('a table is ACTIVE at once and describes itself', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    expect(Table).toMatchObject({
      TableName: table,
      TableStatus: 'ACTIVE',
      TableArn: `arn:aws:dynamodb:us-east-1:${ACCOUNT_ID}:table/${table}`,
      ItemCount: 0,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: [{ AttributeName: 'tattoo', KeyType: 'HASH' }],
    });
  });

  test('COUNT counts without items', async () => {
    await fill(30);
    const answer = await client.send(new ScanCommand({ TableName: table, Select: 'COUNT' }));
    expect(answer).toMatchObject({ Count: 30, ScannedCount: 30 });
    expect(answer.Items).toBeUndefined();
    expect(answer.LastEvaluatedKey).toBeUndefined();
  });

  test('a scan returns every item, exactly as it was written', async () => {
    await putSheep('1', '80000000001');
    await putSheep('2', '80000000002');
    const { Items } = await client.send(new ScanCommand({ TableName: table, Select: 'ALL_ATTRIBUTES' }));
    expect(Items?.sort((a, b) => Number(a.tattoo?.N) - Number(b.tattoo?.N))).toEqual([
      { tattoo: { N: '1' }, weight: { N: '80000000001' } },
      { tattoo: { N: '2' }, weight: { N: '80000000002' } },
    ]);
  });

  test('a deleted sheep comes back as it was, a second time it fails', async () => {
    await putSheep('5', '80000000007');
    const remove = () =>
      client.send(
        new DeleteItemCommand({
          TableName: table,
          Key: { tattoo: { N: '5' } },
          ConditionExpression: 'attribute_exists(tattoo)',
          ReturnValues: 'ALL_OLD',
        }),
      );
    expect((await remove()).Attributes).toEqual({ tattoo: { N: '5' }, weight: { N: '80000000007' } });
    await expect(remove()).rejects.toThrow(ConditionalCheckFailedException);
  });
});

describe('scans', () => {
  test('scans come in pages of a megabyte that join without a gap', async () => {
    await fill(300, 'p'.repeat(10_000));
    const { pages, tattoos } = await scanAll({});
    // 10,000 bytes of padding and some more per item: the 105th passes 1,048,576.
    expect(pages).toEqual([105, 105, 90]);
    expect(new Set(tattoos).size).toBe(300);
    expect((await scanAll({ Select: 'COUNT' })).pages).toEqual([105, 105, 90]);
  });

  test('scans in segments see every item once, whatever their number', async () => {
    await fill(200);
    for (const total of [1, 2, 3, 7]) {
      const seen: string[] = [];
      for (let segment = 0; segment < total; segment += 1) {
        seen.push(...(await scanAll({ TotalSegments: total, Segment: segment })).tattoos);
      }
      expect(seen).toHaveLength(200);
      expect(new Set(seen).size).toBe(200);
    }
  });

  test('scans with a Limit come in pages of it, in segments too', async () => {
    await fill(10);
    expect((await scanAll({ Limit: 4 })).pages).toEqual([4, 4, 2]);
    expect((await scanAll({ Limit: 5 })).pages).toEqual([5, 5, 0]);
    const { tattoos } = await scanAll({ Limit: 1, TotalSegments: 2, Segment: 0 });
    const rest = await scanAll({ Limit: 3, TotalSegments: 2, Segment: 1 });
    expect(new Set([...tattoos, ...rest.tattoos]).size).toBe(10);
  });

  test('scans with filters and projections are dynalite’s own', async () => {
    await putSheep('1', '80000000001');
    await putSheep('2', '80000000002');
    const { Items, Count, ScannedCount } = await client.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: 'weight > :w',
        ExpressionAttributeValues: { ':w': { N: '80000000001' } },
        ProjectionExpression: 'tattoo',
      }),
    );
    expect({ Items, Count, ScannedCount }).toEqual({
      Items: [{ tattoo: { N: '2' } }],
      Count: 1,
      ScannedCount: 2,
    });
  });

  test('scans with a start key that is none are refused', async () => {
    await expect(
      client.send(new ScanCommand({ TableName: table, ExclusiveStartKey: { weight: { N: '1' } } })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      client.send(
        new ScanCommand({ TableName: table, ExclusiveStartKey: { tattoo: { N: '1' }, weight: { N: '1' } } }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('scans are equal to what dynalite’s own scan returns, page by page', async () => {
    await fill(60);
    for (const input of [
      {},
      { Limit: 7 },
      { TotalSegments: 3, Segment: 1 },
    ] satisfies Partial<ScanCommandInput>[]) {
      const own = await scanAll(input);
      // A filter that lets all pass is what makes dynalite answer itself.
      const theirs = await scanAll({ ...input, FilterExpression: 'attribute_exists(tattoo)' });
      expect(own).toEqual(theirs);
    }
  });
});

describe('other operations that dynalite knows', () => {
  test('the other operations of dynalite work: updates with placeholders, index queries, tags, lists and deletes', async () => {
    const name = `${table}-index`;
    await client.send(
      new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: ['a', 'b', 'c'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'a', KeyType: 'HASH' },
          { AttributeName: 'b', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-c',
            KeySchema: [{ AttributeName: 'c', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await untilActive(name);
    for (const b of ['1', '2', '3']) {
      await client.send(
        new UpdateItemCommand({
          TableName: name,
          Key: { a: { S: 'x' }, b: { S: b } },
          UpdateExpression: 'SET #c = :c',
          ExpressionAttributeNames: { '#c': 'c' },
          ExpressionAttributeValues: { ':c': { S: b === '2' ? 'even' : 'odd' } },
        }),
      );
    }
    const query = await client.send(
      new QueryCommand({
        TableName: name,
        IndexName: 'by-c',
        KeyConditionExpression: 'c = :c',
        ExpressionAttributeValues: { ':c': { S: 'odd' } },
      }),
    );
    expect(query.Items?.map((item) => item.b?.S).sort()).toEqual(['1', '3']);
    const back = await client.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: 'a = :a AND b > :b',
        ExpressionAttributeValues: { ':a': { S: 'x' }, ':b': { S: '1' } },
        ScanIndexForward: false,
      }),
    );
    expect(back.Items?.map((item) => item.b?.S)).toEqual(['3', '2']);
    await client.send(
      new TagResourceCommand({
        ResourceArn: `arn:aws:dynamodb:us-east-1:${ACCOUNT_ID}:table/${name}`,
        Tags: [{ Key: 'k', Value: 'v' }],
      }),
    );
    expect((await client.send(new ListTablesCommand({}))).TableNames).toContain(name);
    await client.send(new DeleteTableCommand({ TableName: name }));
    // The table has the status DELETING for a moment before it is gone.
    const failure = () =>
      client.send(new DescribeTableCommand({ TableName: name })).then(
        () => undefined,
        (error: unknown) => error,
      );
    await expect.poll(failure).toBeInstanceOf(ResourceNotFoundException);
    await expect(client.send(new ScanCommand({ TableName: name }))).rejects.toThrow(
      ResourceNotFoundException,
    );
  });

  test('equal conditions with other placeholders are not taken for one another', async () => {
    const put = (value: string, expected: string) =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: { tattoo: { N: '1' }, colour: { S: value } },
          ConditionExpression: 'attribute_not_exists(tattoo) OR #c = :c',
          ExpressionAttributeNames: { '#c': 'colour' },
          ExpressionAttributeValues: { ':c': { S: expected } },
        }),
      );
    await put('black', 'any');
    await put('white', 'black');
    await expect(put('grey', 'black')).rejects.toThrow(ConditionalCheckFailedException);
  });

  test('an operation that the local DynamoDB does not have is UnknownOperationException, not a hang', async () => {
    await expect(
      client.send(new DescribeContinuousBackupsCommand({ TableName: table })),
    ).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });

  test('bad input is a ValidationException or SerializationException', async () => {
    await expect(
      client.send(new PutItemCommand({ TableName: table, Item: { tattoo: { S: 'x' } } })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    const answer = await request(database.control.endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${KEYS.accessKeyId}/x`,
        'x-amz-target': 'DynamoDB_20120810.ListTables',
      },
      body: '[1',
    });
    expect(answer.statusCode).toBe(400);
    expect(await answer.body.json()).toMatchObject({
      __type: 'com.amazon.coral.service#SerializationException',
    });
  });
});

describe('who is let in', () => {
  const authorization = `AWS4-HMAC-SHA256 Credential=${KEYS.accessKeyId}/20260101/us-east-1/dynamodb/aws4_request`;
  test.each([
    ['nobody’s request', {}, 'MissingAuthenticationTokenException'],
    [
      'another key',
      { authorization: authorization.replace('AKIADATABASE', 'AKIAGUESSING') },
      'UnrecognizedClientException',
    ],
    [
      'a key that only begins alike',
      { authorization: authorization.replace('0000/', '/') },
      'UnrecognizedClientException',
    ],
    ['a page in a browser', { authorization, origin: 'http://evil.example' }, 'AccessDeniedException'],
    ['a foreign Host', { authorization, host: 'evil.example' }, 'AccessDeniedException'],
  ])('the local DynamoDB refuses %s', async (_title, headers, type) => {
    const answer = await request(database.control.endpoint, {
      method: 'POST',
      headers: { ...headers, 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      body: '{}',
    });
    expect(answer.statusCode).toBe(403);
    expect(await answer.body.json()).toMatchObject({ __type: `com.amazon.coral.service#${type}` });
  });

  test.each([
    ['an answer', '{}', 200],
    ['an error', '{"Limit":"x"}', 400],
  ])('%s carries the CRC-32 of its body, which some SDKs check', async (_title, body, status) => {
    const target = 'DynamoDB_20120810.ListTables';
    const direct = await request(database.control.endpoint, {
      method: 'POST',
      headers: { authorization, 'x-amz-target': target },
      body,
    });
    const bytes = Buffer.from(await direct.body.arrayBuffer());
    expect([direct.statusCode, direct.headers['x-amz-crc32']]).toEqual([status, String(crc32(bytes))]);
    const passed = await database.services[0]?.handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': target },
      body: Buffer.from(body),
      requestId: 'r-1',
    });
    expect(passed?.headers['x-amz-crc32']).toBe(String(crc32(bytes)));
  });

  test('the door passes signed requests on', async () => {
    const through = new DynamoDBClient(door.clientConfig);
    await putSheep('9');
    const { Count } = await through.send(new ScanCommand({ TableName: table, Select: 'COUNT' }));
    expect(Count).toBe(1);
    await expect(through.send(new DescribeTableCommand({ TableName: 'none' }))).rejects.toThrow(
      ResourceNotFoundException,
    );
    through.destroy();
  });

  test('the cloud itself calls it, and gets its errors', async () => {
    expect(await database.control.call('DescribeTable', { TableName: table })).toMatchObject({
      Table: { TableName: table },
    });
    await expect(database.control.call('DescribeTable', { TableName: 'none' })).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'ResourceNotFoundException',
      status: 400,
    });
  });
});

describe('its process', () => {
  test('the database process is registered with the watchdog, and its end is reported at once', async () => {
    const losses: string[] = [];
    const doomed = await start((why) => losses.push(why));
    expect(registered).toContain(doomed.pid);
    const through = await openDoor({ services: () => doomed.services });
    process.kill(doomed.pid, 'SIGKILL');
    await expect.poll(() => losses).toEqual(['its database process ended (SIGKILL)']);
    expect(forgotten).toContain(doomed.pid);
    await expect(doomed.control.call('ListTables', {})).rejects.toMatchObject({
      code: 'InternalServerError',
      status: 500,
    });
    const dynamodb = new DynamoDBClient(through.clientConfig);
    await expect(dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'InternalServerError',
      $metadata: { httpStatusCode: 500 },
    });
    dynamodb.destroy();
    await through.close();
    await doomed.close?.();
  });

  test('the database process ends with close', async () => {
    const parts = await start();
    await parts.close?.();
    expect(() => process.kill(parts.pid, 0)).toThrow('ESRCH');
  });
});
