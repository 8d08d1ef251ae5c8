import type { DynamoDBClient, WriteRequest } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { dynamoTable } from '../../src/contract/dynamo-table.ts';

interface Sent {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

/** A client that answers by a function of the test's, and remembers what it was sent. */
function fakeClient(answer: (sent: Sent, index: number) => unknown): {
  client: DynamoDBClient;
  sent: Sent[];
} {
  const sent: Sent[] = [];
  const client = {
    send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
      const call = { name: command.constructor.name.replace(/Command$/, ''), input: command.input };
      sent.push(call);
      return answer(call, sent.length - 1);
    },
  };
  return { client: client as unknown as DynamoDBClient, sent };
}

function tableOn(answer: (sent: Sent, index: number) => unknown) {
  const { client, sent } = fakeClient(answer);
  const pausesMs: number[] = [];
  const table = dynamoTable('shed', {
    client,
    sleep: async (ms) => {
      pausesMs.push(ms);
    },
  });
  return { table, sent, pausesMs };
}

function writesOf(sent: Sent): WriteRequest[] {
  return (sent.input.RequestItems as Record<string, WriteRequest[]>).shed ?? [];
}

const sheep = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ tattoo: String(index), weight: '80000000000' }));

describe('writing to a table', () => {
  test('a table write goes in batches of 25, every sheep once', async () => {
    const { table, sent } = tableOn(() => ({}));
    await table.put(sheep(60));
    expect(sent.map(writesOf).map((batch) => batch.length)).toEqual([25, 25, 10]);
    const tattoos = sent.flatMap(writesOf).map((write) => write.PutRequest?.Item?.tattoo?.N);
    expect(new Set(tattoos).size).toBe(60);
    expect(writesOf(sent[0] as Sent)[0]).toEqual({
      PutRequest: { Item: { tattoo: { N: '0' }, weight: { N: '80000000000' } } },
    });
  });

  test('a table write adds ballast where it is asked for', async () => {
    const { table, sent } = tableOn(() => ({}));
    await table.put([{ tattoo: '1', weight: '2', ballastBytes: 3 }]);
    expect(sent.flatMap(writesOf)).toEqual([
      { PutRequest: { Item: { tattoo: { N: '1' }, weight: { N: '2' }, ballast: { S: 'xxx' } } } },
    ]);
  });

  test('a table write sends no request for nothing', async () => {
    const { table, sent } = tableOn(() => ({}));
    await table.put([]);
    await table.remove([]);
    expect(sent).toEqual([]);
  });

  test('a table write writes again what was left unprocessed, and only that, with growing pauses', async () => {
    const { table, sent, pausesMs } = tableOn((call, index) =>
      index < 2
        ? { UnprocessedItems: { shed: writesOf(call).slice(0, 2 - index) } }
        : { UnprocessedItems: {} },
    );
    await table.remove(['1', '2', '3']);
    expect(
      sent.map(writesOf).map((batch) => batch.map((write) => write.DeleteRequest?.Key?.tattoo?.N)),
    ).toEqual([['1', '2', '3'], ['1', '2'], ['1']]);
    expect(pausesMs).toEqual([50, 100]);
  });

  test('a table write gives up on a table that stays throttled, and says how much is left', async () => {
    const { table, pausesMs } = tableOn((call) => ({ UnprocessedItems: { shed: writesOf(call) } }));
    await expect(table.put(sheep(3))).rejects.toMatchObject({
      code: 'dynamodb-unprocessed',
      exitCode: 3,
      message: 'DynamoDB left 3 writes to shed unprocessed after 10 tries',
    });
    expect(pausesMs).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 4_000, 4_000]);
  });
});

describe('reading a table', () => {
  const pages = (call: Sent) =>
    call.input.ExclusiveStartKey === undefined
      ? {
          Items: [{ tattoo: { N: '18446744073709551615' }, weight: { N: '80000000000' } }],
          LastEvaluatedKey: { tattoo: { N: '18446744073709551615' } },
        }
      : { Items: [{ tattoo: { N: '2' }, weight: { S: 'heavy' }, wool: { BOOL: true } }] };

  test('a table read scans page by page, exact in every digit, with the types of all attributes', async () => {
    const { table, sent } = tableOn(pages);
    expect(await table.scan('consistent')).toEqual({
      pages: 2,
      sheep: [
        {
          tattoo: '18446744073709551615',
          weight: '80000000000',
          attributeTypes: { tattoo: 'N', weight: 'N' },
        },
        { tattoo: '2', weight: undefined, attributeTypes: { tattoo: 'N', weight: 'S', wool: 'BOOL' } },
      ],
    });
    expect(sent.map(({ input }) => input)).toEqual([
      { TableName: 'shed', ConsistentRead: true },
      {
        TableName: 'shed',
        ConsistentRead: true,
        ExclusiveStartKey: { tattoo: { N: '18446744073709551615' } },
      },
    ]);
  });

  test('a table read scans as the functions do when asked to', async () => {
    const { table, sent } = tableOn(() => ({}));
    expect(await table.scan('eventual')).toEqual({ pages: 1, sheep: [] });
    expect(sent[0]?.input).toEqual({ TableName: 'shed', ConsistentRead: false });
  });

  test('a table read reads one sheep by a consistent read', async () => {
    const { table, sent } = tableOn((_call, index) =>
      index === 0 ? { Item: { tattoo: { N: '7' }, weight: { N: '1' } } } : {},
    );
    expect(await table.read('7')).toEqual({
      tattoo: '7',
      weight: '1',
      attributeTypes: { tattoo: 'N', weight: 'N' },
    });
    expect(await table.read('8')).toBeUndefined();
    expect(sent[0]?.input).toEqual({ TableName: 'shed', Key: { tattoo: { N: '7' } }, ConsistentRead: true });
  });

  test('clearing removes what a consistent scan finds, and counts it', async () => {
    const { table, sent } = tableOn((call) => (call.name === 'Scan' ? pages(call) : {}));
    expect(await table.clear()).toBe(2);
    expect(sent.map(({ name }) => name)).toEqual(['Scan', 'Scan', 'BatchWriteItem']);
    expect(sent.at(-1)?.input).toEqual({
      RequestItems: {
        shed: [
          { DeleteRequest: { Key: { tattoo: { N: '18446744073709551615' } } } },
          { DeleteRequest: { Key: { tattoo: { N: '2' } } } },
        ],
      },
    });
  });
});
