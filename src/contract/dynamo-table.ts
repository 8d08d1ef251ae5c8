import {
  type AttributeValue,
  BatchWriteItemCommand,
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  type ScanCommandOutput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { awsError } from '../errors.ts';
import { counted } from '../model/number-text.ts';
import type { SheepScan, SheepTable, SheepToSeed, StoredSheep } from './sheep-table.ts';

/**
 * Items in one BatchWriteItem request.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
const MAX_BATCH = 25;
/** How many batches are sent at the same time. */
const PARALLEL_BATCHES = 8;
/** How often items that DynamoDB left unprocessed are sent again. The pauses double and add up to 17 s. */
const MAX_ROUNDS = 10;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 4_000;

export interface DynamoTableDeps {
  readonly client: DynamoDBClient;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Opens a shed's table in DynamoDB, or in a server that speaks its protocol. Errors of the SDK client are thrown
 * unchanged.
 * @throws ShedbenchError `dynamodb-unprocessed` (exit 3) if items stay unprocessed after all rounds
 */
export function dynamoTable(name: string, deps: DynamoTableDeps): SheepTable {
  return new DynamoTable(name, deps);
}

class DynamoTable implements SheepTable {
  readonly name: string;
  readonly #client: DynamoDBClient;
  readonly #sleep: DynamoTableDeps['sleep'];
  readonly #signal: AbortSignal | undefined;
  readonly #options: { readonly abortSignal?: AbortSignal };

  constructor(name: string, { client, sleep, signal }: DynamoTableDeps) {
    this.name = name;
    this.#client = client;
    this.#sleep = sleep;
    this.#signal = signal;
    this.#options = signal === undefined ? {} : { abortSignal: signal };
  }

  put(sheep: readonly SheepToSeed[]): Promise<void> {
    return this.#write(sheep.map((one) => ({ PutRequest: { Item: item(one) } })));
  }

  async read(tattoo: string): Promise<StoredSheep | undefined> {
    const answer = await this.#client.send(
      new GetItemCommand({ TableName: this.name, Key: { tattoo: { N: tattoo } }, ConsistentRead: true }),
      this.#options,
    );
    return answer.Item === undefined ? undefined : storedSheep(answer.Item);
  }

  remove(tattoos: readonly string[]): Promise<void> {
    return this.#write(tattoos.map((tattoo) => ({ DeleteRequest: { Key: { tattoo: { N: tattoo } } } })));
  }

  async scan(consistency: 'consistent' | 'eventual'): Promise<SheepScan> {
    const sheep: StoredSheep[] = [];
    let pages = 0;
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer: ScanCommandOutput = await this.#client.send(
        new ScanCommand({
          TableName: this.name,
          ConsistentRead: consistency === 'consistent',
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
        this.#options,
      );
      sheep.push(...(answer.Items ?? []).map(storedSheep));
      pages += 1;
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
    return { sheep, pages };
  }

  async clear(): Promise<number> {
    const { sheep } = await this.scan('consistent');
    await this.remove(sheep.map(({ tattoo }) => tattoo));
    return sheep.length;
  }

  /** Sends all writes in batches, several batches at the same time. */
  async #write(requests: readonly WriteRequest[]): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < requests.length) {
        const batch = requests.slice(next, next + MAX_BATCH);
        next += MAX_BATCH;
        await this.#writeBatch(batch);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_BATCHES }, worker));
  }

  /** Sends one batch, and again the items that DynamoDB left unprocessed. */
  async #writeBatch(batch: readonly WriteRequest[]): Promise<void> {
    let left: WriteRequest[] = [...batch];
    for (let round = 0; left.length > 0; round += 1) {
      if (round === MAX_ROUNDS) {
        throw awsError(
          'dynamodb-unprocessed',
          `DynamoDB left ${counted(left.length, 'write')} to ${this.name} unprocessed after ${MAX_ROUNDS} tries`,
          'The table is throttled: try again in a few minutes',
        );
      }
      if (round > 0) {
        await this.#sleep(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (round - 1)), this.#signal);
      }
      const answer: BatchWriteItemCommandOutput = await this.#client.send(
        new BatchWriteItemCommand({ RequestItems: { [this.name]: left } }),
        this.#options,
      );
      left = answer.UnprocessedItems?.[this.name] ?? [];
    }
  }
}

function item(sheep: SheepToSeed): Record<string, AttributeValue> {
  return {
    tattoo: { N: sheep.tattoo },
    weight: { N: sheep.weight },
    ...(sheep.ballastBytes === undefined ? {} : { ballast: { S: 'x'.repeat(sheep.ballastBytes) } }),
  };
}

function storedSheep(attributes: Record<string, AttributeValue>): StoredSheep {
  return {
    tattoo: attributes.tattoo?.N ?? '',
    weight: attributes.weight?.N,
    attributeTypes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, Object.keys(value)[0] ?? '']),
    ),
  };
}
