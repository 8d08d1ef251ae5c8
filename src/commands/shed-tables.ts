import type {
  AttributeValue,
  DynamoDBClient,
  ScanCommandOutput,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { AwsClients } from '../aws/clients.ts';
import { translateAwsError } from '../aws/errors.ts';
import type { CommandDeps } from './deps.ts';

/** The sheds' tables, as far as the commands look into them. */
export interface ShedTables {
  /** Sheep in the table, by a strongly consistent scan: DescribeTable's count is hours old on AWS. */
  count(tableName: string): Promise<number>;
  /** Deletes every sheep; resolves to how many there were. */
  clear(tableName: string): Promise<number>;
}

/** What one BatchWriteItem takes. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const BATCH_SIZE = 25;
/** Batches under way at once: enough to hide the way to the region, few enough for an on-demand table that is new. */
const BATCHES_AT_ONCE = 8;
/** Pauses before what a busy table gave back is sent again, ms, doubling up to the last. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** Counts over all pages of a scan that returns no items. @throws ShedbenchError exit 3 */
export function createShedTables(
  clients: AwsClients,
  { sleep, interrupt }: Pick<CommandDeps, 'sleep' | 'interrupt'>,
): ShedTables {
  const signal = interrupt.second;
  const abort = { abortSignal: signal };
  return {
    async count(tableName) {
      try {
        const { ScanCommand } = await import('@aws-sdk/client-dynamodb');
        const client = await clients.dynamodb();
        let total = 0;
        let next: Record<string, AttributeValue> | undefined;
        do {
          const answer: ScanCommandOutput = await client.send(
            new ScanCommand({
              TableName: tableName,
              Select: 'COUNT',
              ConsistentRead: true,
              ...(next === undefined ? {} : { ExclusiveStartKey: next }),
            }),
            abort,
          );
          total += answer.Count ?? 0;
          next = answer.LastEvaluatedKey;
        } while (next !== undefined);
        return total;
      } catch (error) {
        throw translateAwsError(error, clients.target);
      }
    },
    async clear(tableName) {
      try {
        const { ScanCommand } = await import('@aws-sdk/client-dynamodb');
        const { default: pLimit } = await import('p-limit');
        const client = await clients.dynamodb();
        const limit = pLimit(BATCHES_AT_ONCE);
        let total = 0;
        let next: Record<string, AttributeValue> | undefined;
        do {
          const answer: ScanCommandOutput = await client.send(
            new ScanCommand({
              TableName: tableName,
              Select: 'SPECIFIC_ATTRIBUTES',
              ProjectionExpression: 'tattoo',
              ConsistentRead: true,
              ...(next === undefined ? {} : { ExclusiveStartKey: next }),
            }),
            abort,
          );
          const keys = answer.Items ?? [];
          const batches = Array.from({ length: Math.ceil(keys.length / BATCH_SIZE) }, (_, index) =>
            keys.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
          );
          await Promise.all(
            batches.map((batch) => limit(() => deleteBatch(client, tableName, batch, sleep, signal))),
          );
          total += keys.length;
          next = answer.LastEvaluatedKey;
        } while (next !== undefined);
        return total;
      } catch (error) {
        throw translateAwsError(error, clients.target);
      }
    },
  };
}

/** Deletes up to 25 sheep; what the table gives back unprocessed is sent again after a pause. */
async function deleteBatch(
  client: DynamoDBClient,
  tableName: string,
  keys: readonly Record<string, AttributeValue>[],
  sleep: CommandDeps['sleep'],
  signal: AbortSignal,
): Promise<void> {
  const { BatchWriteItemCommand } = await import('@aws-sdk/client-dynamodb');
  let left: WriteRequest[] = keys.map((Key) => ({ DeleteRequest: { Key } }));
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: left } }), {
      abortSignal: signal,
    });
    left = answer.UnprocessedItems?.[tableName] ?? [];
    if (left.length === 0) return;
    await sleep(pauseMs, signal);
  }
}
