import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { SheepScan, SheepTable, SheepToSeed, StoredSheep } from '../../src/contract/sheep-table.ts';

interface HousedSheep {
  readonly weight: string;
  readonly ballastBytes: number;
  readonly extra?: string;
}

export interface FakeAnswer {
  readonly status: number;
  /** JSON text; '' for none. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page of a scan in DynamoDB. */
const PAGE_BYTES = 1_048_576;
const MAX_TATTOO = 2n ** 64n - 1n;

/**
 * A shed that keeps the contract, in memory, with the API Gateway before it. Every part is a method of its own, so that
 * a mutant overrides just the one that it gets wrong.
 */
export class FakeShed {
  readonly sheep = new Map<string, HousedSheep>();
  readonly requests: string[] = [];
  #server: Server | undefined;

  /** The base URL of the API with its stage. */
  async listen(): Promise<string> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    return `http://127.0.0.1:${address.port}/v1`;
  }

  dropConnections(): void {
    this.#server?.closeAllConnections();
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server?.listening !== true) return;
    this.dropConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** The table, as rules see it. */
  table(): SheepTable {
    return {
      name: 'fake-table',
      put: async (sheep: readonly SheepToSeed[]) => {
        for (const one of sheep) {
          this.sheep.set(one.tattoo, { weight: one.weight, ballastBytes: one.ballastBytes ?? 0 });
        }
      },
      read: async (tattoo) => {
        const housed = this.sheep.get(tattoo);
        return housed === undefined ? undefined : stored(tattoo, housed);
      },
      remove: async (tattoos) => {
        for (const tattoo of tattoos) this.sheep.delete(tattoo);
      },
      scan: async (): Promise<SheepScan> => {
        const pages = this.scanPages();
        return {
          sheep: pages.flat().map(([tattoo, housed]) => stored(tattoo, housed)),
          pages: pages.length,
        };
      },
      clear: async () => {
        const { size } = this.sheep;
        this.sheep.clear();
        return size;
      },
    };
  }

  scanPages(): [string, HousedSheep][][] {
    const pages: [string, HousedSheep][][] = [[]];
    let bytes = 0;
    for (const entry of this.sheep) {
      const size = 30 + entry[1].ballastBytes;
      if (bytes + size > PAGE_BYTES) {
        pages.push([]);
        bytes = 0;
      }
      bytes += size;
      pages.at(-1)?.push(entry);
    }
    return pages;
  }

  async answer(method: string, path: string, query: URLSearchParams): Promise<FakeAnswer> {
    if (method === 'OPTIONS') return this.preflight(path);
    if (method === 'GET' && path === '/cat') return this.cat(query);
    if (method === 'GET' && path === '/dog') return this.dog();
    if (method === 'DELETE' && path === '/wolf') return this.wolf();
    if (method === 'POST') {
      const tattoo = this.sheepPath().exec(path)?.[1];
      if (tattoo !== undefined) return this.postSheep(decodeURIComponent(tattoo));
    }
    return this.unknown();
  }

  sheepPath(): RegExp {
    return /^\/sheeps?\/([^/]+)$/;
  }

  preflight(path: string): FakeAnswer {
    const method = this.methodOf(path);
    if (method === undefined) return this.unknown();
    return { status: 200, body: '', headers: { 'access-control-allow-methods': `${method},OPTIONS` } };
  }

  methodOf(path: string): string | undefined {
    if (path === '/cat' || path === '/dog') return 'GET';
    if (path === '/wolf') return 'DELETE';
    return this.sheepPath().test(path) ? 'POST' : undefined;
  }

  unknown(): FakeAnswer {
    return json(403, { message: 'Missing Authentication Token' });
  }

  cat(query: URLSearchParams): FakeAnswer {
    const missing = ['m', 'n'].filter((name) => (query.get(name) ?? '') === '');
    if (missing.length > 0) {
      return json(400, { message: `Missing required request parameters: [${missing.join(', ')}]` });
    }
    const m = this.parseNumber(query.get('m') ?? '', this.maxM());
    const n = this.parseNumber(query.get('n') ?? '', this.maxN());
    if (m === undefined || n === undefined) return json(400, { message: 'm and n must be whole numbers' });
    return json(200, { result: this.ackermann(m, n) });
  }

  maxM(): number {
    return 4;
  }

  maxN(): number {
    return 50_000;
  }

  parseNumber(text: string, max: number): number | undefined {
    if (!/^[0-9]{1,20}$/.test(text)) return undefined;
    const value = Number(text);
    return value <= max ? value : undefined;
  }

  ackermann(m: number, n: number): number {
    return once(results, `${m},${n}`, () => evaluate(m, n));
  }

  async postSheep(text: string): Promise<FakeAnswer> {
    const tattoo = this.parseTattoo(text);
    if (tattoo === undefined) return this.badTattoo();
    const weight = this.drawWeight();
    if (!(await this.house(tattoo, weight))) return this.duplicate(tattoo);
    return { status: 201, body: this.sheepBody(tattoo, weight) };
  }

  badTattoo(): FakeAnswer {
    return json(400, { message: 'Invalid tattoo' });
  }

  duplicate(tattoo: string): FakeAnswer {
    return json(400, { message: `Sheep already in the shed: ${tattoo}` });
  }

  sheepBody(tattoo: string, weight: string): string {
    return `{"tattoo":${tattoo},"weight":${weight}}`;
  }

  parseTattoo(text: string): string | undefined {
    if (!/^[0-9]{1,20}$/.test(text)) return undefined;
    const value = BigInt(text);
    return value <= MAX_TATTOO ? value.toString() : undefined;
  }

  drawWeight(): string {
    return String(80_000_000_000 + Math.floor(Math.random() * 80_000_000_001));
  }

  /** Puts a sheep unless there is one of its tattoo. */
  async house(tattoo: string, weight: string): Promise<boolean> {
    if (this.sheep.has(tattoo)) return false;
    this.sheep.set(tattoo, { weight, ballastBytes: 0 });
    return true;
  }

  dog(): FakeAnswer {
    return json(200, { count: this.scanPages().flat().length });
  }

  async wolf(): Promise<FakeAnswer> {
    const candidates = this.scanPages()
      .flat()
      .map(([tattoo, { weight }]) => ({ tattoo, weight: BigInt(weight) }))
      .filter(({ weight }) => this.isPrime(Number(weight)));
    const meal = this.choose(candidates);
    if (meal === undefined) return json(404, { message: 'No fitting sheep' });
    return (await this.eat(meal.tattoo)) ? this.eaten() : this.conflict(meal.tattoo);
  }

  choose<T extends { readonly weight: bigint }>(candidates: readonly T[]): T | undefined {
    return candidates.reduce<T | undefined>(
      (best, one) => (best === undefined || one.weight > best.weight ? one : best),
      undefined,
    );
  }

  async eat(tattoo: string): Promise<boolean> {
    return this.sheep.delete(tattoo);
  }

  eaten(): FakeAnswer {
    return { status: 204, body: '' };
  }

  conflict(tattoo: string): FakeAnswer {
    return json(409, { message: `Sheep is not in the shed: ${tattoo}` });
  }

  isPrime(value: number): boolean {
    return once(primes, value, () => hasNoDivisorBelow(value, Number.POSITIVE_INFINITY));
  }

  /** The headers of an answer, beside those that HTTP itself needs. */
  headers(answer: FakeAnswer): Record<string, string> {
    return {
      'access-control-allow-origin': '*',
      ...(answer.body === '' ? {} : { 'content-type': 'application/json' }),
      ...answer.headers,
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const url = request.url ?? '';
    this.requests.push(`${method} ${url}`);
    const [path = '', query = ''] = url.split('?');
    const answer = await this.answer(method, path.replace(/^\/v1/, ''), new URLSearchParams(query));
    response.writeHead(answer.status, this.headers(answer)).end(answer.body);
  }
}

export function json(status: number, value: unknown): FakeAnswer {
  return { status, body: JSON.stringify(value) };
}

function stored(tattoo: string, housed: HousedSheep): StoredSheep {
  return {
    tattoo,
    weight: housed.weight,
    attributeTypes: {
      tattoo: 'N',
      weight: 'N',
      ...(housed.extra === undefined ? {} : { [housed.extra]: 'S' }),
    },
  };
}

/** Whether no number from 2 to below the bound divides the value. */
export function hasNoDivisorBelow(value: number, bound: number): boolean {
  for (let divisor = 2; divisor < bound && divisor * divisor <= value; divisor += 1) {
    if (value % divisor === 0) return false;
  }
  return value > 1;
}

function evaluate(m: number, n: number): number {
  const stack = [m];
  let result = n;
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top === 0) result += 1;
    else if (result === 0) {
      stack.push(top - 1);
      result = 1;
    } else {
      stack.push(top - 1, top);
      result -= 1;
    }
  }
  return result;
}

// The same few numbers come up in every shed of the tests.
const primes = new Map<number, boolean>();
const results = new Map<string, number>();

function once<K, V>(known: Map<K, V>, key: K, work: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = work();
  known.set(key, value);
  return value;
}
