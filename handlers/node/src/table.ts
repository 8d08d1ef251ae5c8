import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type ScanCommandOutput,
  type Select,
} from '@aws-sdk/client-dynamodb';

/** A sheep as stored in the table. Numbers are decimal text, which is exact. */
export interface Sheep {
  readonly tattoo: string;
  /** In micrograms. */
  readonly weight: string;
}

/** How many sheep one segment of a parallel scan should read: about five pages of 1 MB. */
const SHEEP_PER_SEGMENT = 100_000;

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html (TotalSegments) */
const MAX_SEGMENTS = 1_000_000;

// Created once per environment, so that its connections stay open between requests.
const client = new DynamoDBClient();
const TableName = process.env.BACKEND_TABLE_NAME;

/** Adds a sheep unless its tattoo exists. Returns whether it was added. */
export async function addSheep(sheep: Sheep): Promise<boolean> {
  return unlessConditionFails(
    client.send(
      new PutItemCommand({
        TableName,
        Item: { tattoo: { N: sheep.tattoo }, weight: { N: sheep.weight } },
        ConditionExpression: 'attribute_not_exists(tattoo)',
      }),
    ),
  );
}

/** Removes a sheep. Returns whether it existed. */
export async function removeSheep(tattoo: string): Promise<boolean> {
  return unlessConditionFails(
    client.send(
      new DeleteItemCommand({
        TableName,
        Key: { tattoo: { N: tattoo } },
        ConditionExpression: 'attribute_exists(tattoo)',
        ReturnValues: 'ALL_OLD',
      }),
    ),
  );
}

/** Counts the sheep by a scan of the whole table. */
export async function countSheep(): Promise<number> {
  let count = 0;
  await scan('COUNT', (page) => {
    count += page.Count ?? 0;
  });
  return count;
}

/** Returns all sheep, in no particular order, by a scan of the whole table. */
export async function allSheep(): Promise<readonly Sheep[]> {
  const sheep: Sheep[] = [];
  await scan('ALL_ATTRIBUTES', (page) => {
    for (const item of page.Items ?? []) {
      sheep.push({ tattoo: digits(item, 'tattoo'), weight: digits(item, 'weight') });
    }
  });
  return sheep;
}

/** Scans all pages of all segments. The segments are scanned in parallel. */
async function scan(select: Select, take: (page: ScanCommandOutput) => void): Promise<void> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const segments = segmentCount(Table?.ItemCount ?? 0);
  await Promise.all(
    Array.from({ length: segments }, async (_, segment) => {
      let startKey: Record<string, AttributeValue> | undefined;
      do {
        const page: ScanCommandOutput = await client.send(
          new ScanCommand({
            TableName,
            Select: select,
            Segment: segment,
            TotalSegments: segments,
            ExclusiveStartKey: startKey,
          }),
        );
        take(page);
        startKey = page.LastEvaluatedKey;
      } while (startKey !== undefined);
    }),
  );
}

/** The number of segments: one, and another for every 100,000 items. */
export function segmentCount(itemCount: number): number {
  return Math.min(1 + Math.floor(itemCount / SHEEP_PER_SEGMENT), MAX_SEGMENTS);
}

function digits(item: Record<string, AttributeValue>, name: string): string {
  const text = item[name]?.N;
  if (text === undefined) throw new TypeError(`an item has no number "${name}": ${JSON.stringify(item)}`);
  return text;
}

async function unlessConditionFails(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
