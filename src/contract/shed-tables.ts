import type { AttributeValue, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { AwsClients } from '../aws/clients.ts';
import { translateAwsError } from '../aws/errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { dynamoTable } from './dynamo-table.ts';
import type { SheepTable } from './sheep-table.ts';

/** Direct access to the sheds' tables, without the APIs. Every method @throws ShedbenchError (exit 3) */
export interface ShedTables {
  /** Counts the sheep by a strongly consistent scan. DescribeTable's count is up to six hours old on AWS. */
  count(tableName: string): Promise<number>;
  /** Deletes every sheep and returns how many there were. */
  clear(tableName: string): Promise<number>;
  /** Opens a table for the contract's rules and the probe. */
  open(tableName: string): Promise<SheepTable>;
}

/** Opens the tables of a target. The first request to stop lets their work finish; the second one aborts it. */
export function createShedTables(
  clients: AwsClients,
  { sleep, interrupt }: Pick<CommandDeps, 'sleep' | 'interrupt'>,
): ShedTables {
  const signal = interrupt.second;
  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw translateAwsError(error, clients.target);
    }
  };
  const open = async (tableName: string): Promise<SheepTable> => {
    const table = dynamoTable(tableName, { client: await clients.dynamodb(), sleep, signal });
    return {
      name: table.name,
      put: (sheep) => translated(() => table.put(sheep)),
      read: (tattoo) => translated(() => table.read(tattoo)),
      remove: (tattoos) => translated(() => table.remove(tattoos)),
      scan: (consistency) => translated(() => table.scan(consistency)),
      clear: () => translated(() => table.clear()),
    };
  };
  return {
    open,
    clear: async (tableName) => (await open(tableName)).clear(),
    count: (tableName) =>
      translated(async () => {
        const { ScanCommand } = await import('../aws/sdk/dynamodb.ts');
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
            { abortSignal: signal },
          );
          total += answer.Count ?? 0;
          next = answer.LastEvaluatedKey;
        } while (next !== undefined);
        return total;
      }),
  };
}
