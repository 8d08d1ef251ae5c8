import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as it came over the wire. */
export interface RecordedCall {
  readonly operation: string;
  readonly request: Readonly<Record<string, unknown>>;
}

interface Item {
  readonly tattoo: { readonly N: string };
  readonly weight: { readonly N: string };
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/**
 * Just enough of DynamoDB for the shed, with what a real one hides: the calls, an `ItemCount` and a page size of the
 * test's choosing, refusals on demand, and a barrier that scans pass only together.
 */
export class FakeDynamoDb {
  readonly calls: RecordedCall[] = [];
  /** The User-Agent of the latest call. */
  userAgent = '';
  readonly #items = new Map<string, Item>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  itemCount = 0;
  pageSize = 1000;
  /** Set: every call of this operation is refused. */
  refuse: { readonly operation: string; readonly refusal: Refusal } | undefined;
  /** Called for every call before it is carried out; a promise holds it back. */
  before: (call: RecordedCall) => void | Promise<void> = () => {};

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  reset(weights: Readonly<Record<string, string>> = {}): void {
    this.calls.length = 0;
    this.itemCount = 0;
    this.pageSize = 1000;
    this.refuse = undefined;
    this.before = () => {};
    this.#items.clear();
    for (const [tattoo, weight] of Object.entries(weights)) {
      this.#items.set(tattoo, { tattoo: { N: tattoo }, weight: { N: weight } });
    }
  }

  delete(tattoo: string): void {
    this.#items.delete(tattoo);
  }

  tattoos(): readonly string[] {
    return [...this.#items.keys()];
  }

  weightOf(tattoo: string): string | undefined {
    return this.#items.get(tattoo)?.weight.N;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const target = String(message.headers['x-amz-target']);
    const operation = target.slice(target.indexOf('.') + 1);
    const request = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const call = { operation, request };
    this.calls.push(call);
    this.userAgent = String(message.headers['user-agent']);
    await this.before(call);
    const answer =
      this.refuse?.operation === operation ? this.refuse.refusal : this.#carryOut(operation, request);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if ('status' in answer) {
      response.statusCode = answer.status;
      response.end(JSON.stringify({ __type: answer.type, message: answer.message }));
    } else {
      response.end(JSON.stringify(answer));
    }
  }

  #carryOut(
    operation: string,
    request: Record<string, unknown>,
  ): Refusal | { [name: string]: unknown; status?: never } {
    switch (operation) {
      case 'DescribeTable':
        return { Table: { TableName: request.TableName, ItemCount: this.itemCount, TableStatus: 'ACTIVE' } };
      case 'PutItem': {
        const item = request.Item as Item;
        if (this.#items.has(item.tattoo.N)) return CONDITION_FAILED;
        this.#items.set(item.tattoo.N, item);
        return {};
      }
      case 'DeleteItem': {
        const key = (request.Key as Pick<Item, 'tattoo'>).tattoo.N;
        const item = this.#items.get(key);
        if (item === undefined) return CONDITION_FAILED;
        this.#items.delete(key);
        return { Attributes: item };
      }
      case 'Scan': {
        const total = (request.TotalSegments as number | undefined) ?? 1;
        const segment = (request.Segment as number | undefined) ?? 0;
        const mine = [...this.#items.values()].filter((_, index) => index % total === segment);
        const startKey = (request.ExclusiveStartKey as Pick<Item, 'tattoo'> | undefined)?.tattoo.N;
        const start = startKey === undefined ? 0 : mine.findIndex((item) => item.tattoo.N === startKey) + 1;
        const page = mine.slice(start, start + this.pageSize);
        const last = page.at(-1);
        const more = start + page.length < mine.length && last !== undefined;
        return {
          Count: page.length,
          ScannedCount: page.length,
          ...(request.Select === 'COUNT' ? {} : { Items: page }),
          ...(more ? { LastEvaluatedKey: { tattoo: last.tattoo } } : {}),
        };
      }
      default:
        return {
          status: 400,
          type: 'com.amazon.coral.service#UnknownOperationException',
          message: operation,
        };
    }
  }
}

const CONDITION_FAILED: Refusal = {
  status: 400,
  type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
  message: 'The conditional request failed',
};

export const ACCESS_DENIED: Refusal = {
  status: 400,
  type: 'com.amazon.coral.service#AccessDeniedException',
  message: 'User is not authorized: the cause for the log',
};
