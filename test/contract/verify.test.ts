import { afterEach, describe, expect, test } from 'vitest';
import { API_RULES } from '../../src/contract/api-rules.ts';
import type { RuleContext } from '../../src/contract/rule.ts';
import { RULES, verifyContract } from '../../src/contract/verify.ts';
import { ShedbenchError } from '../../src/errors.ts';
import type { ContractResult } from '../../src/model/contract.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { type FakeAnswer, FakeShed, hasNoDivisorBelow, json } from './fake-shed.ts';

let shed: FakeShed | undefined;

afterEach(async () => {
  await shed?.close();
  shed = undefined;
});

async function verify(
  made: FakeShed,
  options: {
    readonly clearShed?: boolean;
    readonly allowOrigin?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<{ result: ContractResult; events: ProgressEvent[] }> {
  shed = made;
  const apiUrl = await made.listen();
  const events: ProgressEvent[] = [];
  let now = 0;
  const result = await verifyContract(
    {
      runtime: 'fake',
      apiUrl,
      ...(options.allowOrigin === undefined ? {} : { allowOrigin: options.allowOrigin }),
    },
    { clearShed: options.clearShed ?? false },
    {
      table: made.table(),
      emit: (event) => events.push(event),
      monotonicMs: () => now,
      sleep: async (ms) => {
        now += ms;
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  );
  return { result, events };
}

function broken(result: ContractResult): string[] {
  return result.rules.filter(({ status }) => status === 'broken').map(({ id }) => id);
}

describe('a shed that keeps the contract', () => {
  test('a shed that keeps the contract passes every rule but the conflict that no race caused, and is left empty', async () => {
    const made = new FakeShed();
    const { result } = await verify(made);
    expect(result.rules.filter(({ status }) => status !== 'held')).toEqual([
      {
        id: 'wolf-conflict',
        title: 'DELETE /wolf answers 409 with the tattoo when another wolf was faster',
        route: 'wolf',
        status: 'skipped',
        detail: "no race ended with a 409, and a deployed API can't be forced to one",
        durationMs: 0,
      },
    ]);
    expect({ ...result, rules: result.rules.length }).toEqual({
      runtime: 'fake',
      apiUrl: result.apiUrl,
      tableName: 'fake-table',
      rules: RULES.length,
      held: RULES.length - 1,
      broken: 0,
      skipped: 1,
      durationMs: 0,
    });
    expect(made.sheep.size).toBe(0);
  });

  test('every rule has an id of its own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });

  test('a conflict that a race brought about is held against its text', async () => {
    class SlowWolf extends FakeShed {
      override async eat(tattoo: string): Promise<boolean> {
        await new Promise((resolve) => setImmediate(resolve));
        return super.eat(tattoo);
      }
    }
    const { result } = await verify(new SlowWolf());
    expect(broken(result)).toEqual([]);
    expect(result.rules.find(({ id }) => id === 'wolf-conflict')).toMatchObject({
      status: 'held',
      detail: 'DELETE /wolf: 409 {"message":"Sheep is not in the shed: 1"}',
    });
  });

  test('the expected origin is compared where one is given', async () => {
    const { result } = await verify(new FakeShed(), { allowOrigin: 'https://shed.example' });
    expect(broken(result)).toEqual(['api-allow-origin']);
    expect(result.rules.find(({ id }) => id === 'api-allow-origin')?.detail).toBe(
      'GET /cat?m=0&n=0: expected https://shed.example with 200, got *',
    );
  });
});

interface Mutant {
  readonly name: string;
  readonly make: () => FakeShed;
  readonly breaks: readonly string[];
}

/** Sheds that get exactly one thing wrong, and the rules that must notice, no more and no less. */
const MUTANTS: readonly Mutant[] = [
  {
    name: 'evaluates A(m, 0) wrongly',
    make: () =>
      new (class extends FakeShed {
        override ackermann(m: number, n: number): number {
          return m === 4 && n === 0 ? 12 : super.ackermann(m, n);
        }
      })(),
    breaks: ['cat-evaluates-4-0'],
  },
  {
    name: 'takes m up to 5',
    make: () =>
      new (class extends FakeShed {
        override maxM(): number {
          return 5;
        }
        override ackermann(m: number, n: number): number {
          return m === 5 ? 65_533 : super.ackermann(m, n);
        }
      })(),
    breaks: ['cat-refuses-m-5'],
  },
  {
    name: 'takes n beyond 50000',
    make: () =>
      new (class extends FakeShed {
        override maxN(): number {
          return 50_001;
        }
      })(),
    breaks: ['cat-refuses-n-50001'],
  },
  {
    name: 'refuses n=50000',
    make: () =>
      new (class extends FakeShed {
        override maxN(): number {
          return 49_999;
        }
      })(),
    breaks: ['cat-evaluates-0-50000'],
  },
  {
    name: 'reads m and n like JavaScript’s Number()',
    make: () =>
      new (class extends FakeShed {
        override parseNumber(text: string, max: number): number | undefined {
          const value = Number(text);
          return Number.isInteger(value) && value >= 0 && value <= max ? value : undefined;
        }
      })(),
    breaks: [
      'cat-refuses-plus-sign',
      'cat-refuses-bare-plus',
      'cat-refuses-exponent',
      'cat-refuses-whole-fraction',
      'cat-refuses-leading-space',
      'cat-refuses-trailing-newline',
      'cat-refuses-hexadecimal',
    ],
  },
  {
    name: 'reads m and n like Python’s int()',
    make: () =>
      new (class extends FakeShed {
        override parseNumber(text: string, max: number): number | undefined {
          const stripped = text
            .trim()
            .replace(/^\+/, '')
            .replace(/(?<=\d)_(?=\d)/g, '');
          const digits = stripped
            .normalize('NFKC')
            .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
          return super.parseNumber(digits, max);
        }
      })(),
    breaks: [
      'cat-refuses-plus-sign',
      'cat-refuses-bare-plus',
      'cat-refuses-leading-space',
      'cat-refuses-trailing-newline',
      'cat-refuses-underscore',
      'cat-refuses-arabic-digits',
      'cat-refuses-full-width-digits',
    ],
  },
  {
    name: 'takes a missing n for 0',
    make: () =>
      new (class extends FakeShed {
        override cat(query: URLSearchParams): FakeAnswer {
          if (!query.has('n') && query.has('m')) query.set('n', '0');
          return super.cat(query);
        }
      })(),
    breaks: ['cat-refuses-missing-n'],
  },
  {
    name: 'keeps tattoos as doubles',
    make: () =>
      new (class extends FakeShed {
        override parseTattoo(text: string): string | undefined {
          const exact = super.parseTattoo(text);
          return exact === undefined ? undefined : BigInt(Number(exact)).toString();
        }
      })(),
    breaks: ['sheep-accepts-largest', 'sheep-accepts-beyond-doubles'],
  },
  {
    name: 'rounds the tattoo in the answer alone',
    make: () =>
      new (class extends FakeShed {
        override sheepBody(tattoo: string, weight: string): string {
          return super.sheepBody(String(BigInt(Number(tattoo))), weight);
        }
      })(),
    breaks: ['sheep-accepts-largest', 'sheep-accepts-beyond-doubles'],
  },
  {
    name: 'answers the tattoo as a string',
    make: () =>
      new (class extends FakeShed {
        override sheepBody(tattoo: string, weight: string): string {
          return `{"tattoo":"${tattoo}","weight":${weight}}`;
        }
      })(),
    breaks: [
      'sheep-accepts-plain',
      'sheep-accepts-zero',
      'sheep-accepts-largest',
      'sheep-accepts-beyond-doubles',
      'sheep-accepts-leading-zeros',
      'sheep-accepts-20-digits',
      'sheep-demo-path',
    ],
  },
  {
    name: 'takes 2^64',
    make: () =>
      new (class extends FakeShed {
        override parseTattoo(text: string): string | undefined {
          return text === '18446744073709551616' ? text : super.parseTattoo(text);
        }
      })(),
    breaks: ['sheep-refuses-2-64'],
  },
  {
    name: 'drops leading zeros before it counts digits',
    make: () =>
      new (class extends FakeShed {
        override parseTattoo(text: string): string | undefined {
          return super.parseTattoo(/^[0-9]+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text);
        }
      })(),
    breaks: ['sheep-refuses-21-digits-of-zeros'],
  },
  {
    name: 'refuses tattoo 0',
    make: () =>
      new (class extends FakeShed {
        override parseTattoo(text: string): string | undefined {
          const tattoo = super.parseTattoo(text);
          return tattoo === '0' ? undefined : tattoo;
        }
      })(),
    breaks: ['sheep-accepts-zero'],
  },
  {
    name: 'takes digits of every script, and a sign',
    make: () =>
      new (class extends FakeShed {
        override parseTattoo(text: string): string | undefined {
          const plain = text.replace(/^\+/, '').replace(/\p{Nd}/gu, (char) => String(digitValue(char)));
          return super.parseTattoo(plain);
        }
      })(),
    breaks: [
      'sheep-refuses-plus-sign',
      'sheep-refuses-encoded-plus-sign',
      'sheep-refuses-arabic-digits',
      'sheep-refuses-full-width-digits',
      'sheep-refuses-devanagari-digits',
    ],
  },
  {
    name: 'checks with a regular expression whose $ allows a newline',
    make: () =>
      new (class extends FakeShed {
        override parseTattoo(text: string): string | undefined {
          return super.parseTattoo(text.replace(/\n$/, ''));
        }
      })(),
    breaks: ['sheep-refuses-trailing-newline'],
  },
  {
    name: 'refuses with 422',
    make: () =>
      new (class extends FakeShed {
        override badTattoo(): FakeAnswer {
          return json(422, { message: 'Invalid tattoo' });
        }
      })(),
    breaks: RULES.map(({ id }) => id).filter(
      (id) => id.startsWith('sheep-refuses-') && !id.endsWith('empty'),
    ),
  },
  {
    name: 'names a duplicate otherwise',
    make: () =>
      new (class extends FakeShed {
        override duplicate(): FakeAnswer {
          return json(400, { message: 'Sheep already in the shed' });
        }
      })(),
    breaks: ['sheep-duplicate'],
  },
  {
    name: 'overwrites a duplicate before it refuses it',
    make: () =>
      new (class extends FakeShed {
        override async house(tattoo: string, weight: string): Promise<boolean> {
          const free = !this.sheep.has(tattoo);
          this.sheep.set(tattoo, { weight, ballastBytes: 0 });
          return free;
        }
      })(),
    breaks: ['sheep-duplicate-keeps'],
  },
  {
    name: 'looks before it puts, without a condition',
    make: () =>
      new (class extends FakeShed {
        override async house(tattoo: string, weight: string): Promise<boolean> {
          const free = !this.sheep.has(tattoo);
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (free) this.sheep.set(tattoo, { weight, ballastBytes: 0 });
          return free;
        }
      })(),
    breaks: ['sheep-race'],
  },
  {
    name: 'stores another weight than it answers',
    make: () =>
      new (class extends FakeShed {
        override async house(tattoo: string, weight: string): Promise<boolean> {
          return super.house(tattoo, String(BigInt(weight) - 1n));
        }
      })(),
    breaks: ['sheep-stores'],
  },
  {
    name: 'stores an attribute of its own',
    make: () =>
      new (class extends FakeShed {
        override async house(tattoo: string, weight: string): Promise<boolean> {
          const free = await super.house(tattoo, weight);
          if (free) this.sheep.set(tattoo, { weight, ballastBytes: 0, extra: 'born' });
          return free;
        }
      })(),
    breaks: ['sheep-stores'],
  },
  {
    name: 'weighs in milligrams',
    make: () =>
      new (class extends FakeShed {
        override drawWeight(): string {
          return String(80_000_000 + Math.floor(Math.random() * 80_000_000));
        }
      })(),
    breaks: ['sheep-weights'],
  },
  {
    name: 'gives every sheep the same weight',
    make: () =>
      new (class extends FakeShed {
        override drawWeight(): string {
          return '100000000000';
        }
      })(),
    breaks: ['sheep-weights'],
  },
  {
    name: 'draws weights from the lower half only',
    make: () =>
      new (class extends FakeShed {
        override drawWeight(): string {
          return String(80_000_000_000 + Math.floor(Math.random() * 40_000_000_000));
        }
      })(),
    breaks: ['sheep-weights'],
  },
  {
    name: 'counts the first scan page only',
    make: () =>
      new (class extends FakeShed {
        override dog(): FakeAnswer {
          return json(200, { count: this.scanPages()[0]?.length ?? 0 });
        }
      })(),
    breaks: ['dog-counts-pages'],
  },
  {
    name: 'counts one too many when there are any',
    make: () =>
      new (class extends FakeShed {
        override dog(): FakeAnswer {
          return json(200, { count: this.sheep.size === 0 ? 0 : this.sheep.size + 1 });
        }
      })(),
    breaks: ['dog-counts', 'dog-counts-pages'],
  },
  {
    name: 'has a dog that drives the sheep out',
    make: () =>
      new (class extends FakeShed {
        override dog(): FakeAnswer {
          const answer = super.dog();
          this.sheep.clear();
          return answer;
        }
      })(),
    breaks: ['dog-changes-nothing'],
  },
  {
    name: 'has a wolf that scans the first page only',
    make: () =>
      new (class extends FakeShed {
        override scanPages() {
          // The table's own view must stay whole: only the wolf is short-sighted.
          return this.wolfIsHunting ? super.scanPages().slice(0, 1) : super.scanPages();
        }
        wolfIsHunting = false;
        override async wolf(): Promise<FakeAnswer> {
          this.wolfIsHunting = true;
          try {
            return await super.wolf();
          } finally {
            this.wolfIsHunting = false;
          }
        }
      })(),
    breaks: ['wolf-pages'],
  },
  {
    name: 'sieves up to 399,000',
    make: () =>
      new (class extends FakeShed {
        override isPrime(value: number): boolean {
          return hasNoDivisorBelow(value, 399_000);
        }
      })(),
    breaks: ['wolf-square-of-prime'],
  },
  {
    name: 'has a wolf that eats the heaviest sheep, prime or not',
    make: () =>
      new (class extends FakeShed {
        override isPrime(): boolean {
          return true;
        }
      })(),
    breaks: [
      'wolf-none-prime',
      'wolf-square-of-prime',
      'wolf-only-one-prime',
      'wolf-heaviest-not-prime',
      'wolf-largest-prime',
      'wolf-eats-one-by-one',
    ],
  },
  {
    name: 'has a wolf that looks at the heaviest sheep alone',
    make: () =>
      new (class extends FakeShed {
        override async wolf(): Promise<FakeAnswer> {
          const heaviest = this.choose(
            [...this.sheep].map(([tattoo, { weight }]) => ({ tattoo, weight: BigInt(weight) })),
          );
          if (heaviest === undefined || !this.isPrime(Number(heaviest.weight))) {
            return json(404, { message: 'No fitting sheep' });
          }
          await this.eat(heaviest.tattoo);
          return this.eaten();
        }
      })(),
    breaks: ['wolf-only-one-prime', 'wolf-heaviest-not-prime', 'wolf-largest-prime', 'wolf-eats-one-by-one'],
  },
  {
    name: 'has a wolf that takes the lightest prime',
    make: () =>
      new (class extends FakeShed {
        override choose<T extends { readonly weight: bigint }>(candidates: readonly T[]): T | undefined {
          return [...candidates].sort((a, b) => Number(a.weight - b.weight))[0];
        }
      })(),
    breaks: ['wolf-heaviest-not-prime', 'wolf-eats-one-by-one'],
  },
  {
    name: 'has a wolf that only says that it ate',
    make: () =>
      new (class extends FakeShed {
        override async eat(tattoo: string): Promise<boolean> {
          return this.sheep.has(tattoo);
        }
      })(),
    breaks: [
      'wolf-only-one-prime',
      'wolf-heaviest-not-prime',
      'wolf-largest-prime',
      'wolf-eats-one-by-one',
      'wolf-pages',
      'wolf-race',
    ],
  },
  {
    name: 'has a wolf that deletes without a condition',
    make: () =>
      new (class extends FakeShed {
        override async eat(tattoo: string): Promise<boolean> {
          await new Promise((resolve) => setTimeout(resolve, 20));
          this.sheep.delete(tattoo);
          return true;
        }
      })(),
    breaks: ['wolf-race'],
  },
  {
    name: 'words the conflict otherwise',
    make: () =>
      new (class extends FakeShed {
        override async eat(tattoo: string): Promise<boolean> {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return super.eat(tattoo);
        }
        override conflict(): FakeAnswer {
          return json(409, { message: 'Conflict' });
        }
      })(),
    breaks: ['wolf-conflict'],
  },
  {
    name: 'finds nothing with 200',
    make: () =>
      new (class extends FakeShed {
        override async wolf(): Promise<FakeAnswer> {
          const answer = await super.wolf();
          return answer.status === 404 && this.sheep.size === 0 ? json(200, {}) : answer;
        }
      })(),
    breaks: ['wolf-empty-shed', 'wolf-race'],
  },
  {
    name: 'eats with 200 and the sheep',
    make: () =>
      new (class extends FakeShed {
        override eaten(): FakeAnswer {
          return json(200, { tattoo: 1 });
        }
      })(),
    breaks: [
      'wolf-only-one-prime',
      'wolf-heaviest-not-prime',
      'wolf-largest-prime',
      'wolf-eats-one-by-one',
      'wolf-pages',
      'wolf-race',
      'wolf-204-no-body',
      'wolf-204-no-content-type',
    ],
  },
  {
    name: 'sends a Content-Type with 204',
    make: () =>
      new (class extends FakeShed {
        override eaten(): FakeAnswer {
          return { ...super.eaten(), headers: { 'content-type': 'application/json' } };
        }
      })(),
    breaks: ['wolf-204-no-content-type'],
  },
  {
    name: 'answers as text/plain',
    make: () =>
      new (class extends FakeShed {
        override headers(answer: FakeAnswer): Record<string, string> {
          const headers = super.headers(answer);
          return answer.status === 404 ? { ...headers, 'content-type': 'text/plain' } : headers;
        }
      })(),
    breaks: ['api-content-type'],
  },
  {
    name: 'forgets the origin on errors',
    make: () =>
      new (class extends FakeShed {
        override headers(answer: FakeAnswer): Record<string, string> {
          const { 'access-control-allow-origin': _, ...rest } = super.headers(answer);
          return answer.status >= 400 ? rest : super.headers(answer);
        }
      })(),
    breaks: ['api-allow-origin'],
  },
  {
    name: 'never sends the origin',
    make: () =>
      new (class extends FakeShed {
        override headers(answer: FakeAnswer): Record<string, string> {
          const { 'access-control-allow-origin': _, ...rest } = super.headers(answer);
          return rest;
        }
      })(),
    breaks: ['api-allow-origin'],
  },
  {
    name: 'says error instead of message',
    make: () =>
      new (class extends FakeShed {
        override badTattoo(): FakeAnswer {
          return json(400, { error: 'Invalid tattoo' });
        }
      })(),
    breaks: ['api-errors-are-json'],
  },
  {
    name: 'refuses with a text',
    make: () =>
      new (class extends FakeShed {
        override badTattoo(): FakeAnswer {
          return { status: 400, body: 'Invalid tattoo' };
        }
      })(),
    breaks: ['api-errors-are-json'],
  },
  {
    name: 'answers unknown paths with 404',
    make: () =>
      new (class extends FakeShed {
        override unknown(): FakeAnswer {
          return json(404, { message: 'Not Found' });
        }
      })(),
    breaks: ['sheep-refuses-empty', 'api-unknown-path', 'api-unknown-method'],
  },
  {
    name: 'knows the path of the demo’s README and not that of its script',
    make: () =>
      new (class extends FakeShed {
        override sheepPath(): RegExp {
          return /^\/sheeps\/([^/]+)$/;
        }
      })(),
    breaks: ['sheep-demo-path', 'api-preflight-sheep'],
  },
  {
    name: 'refuses every preflight',
    make: () =>
      new (class extends FakeShed {
        override preflight(): FakeAnswer {
          return this.unknown();
        }
      })(),
    breaks: RULES.map(({ id }) => id).filter((id) => id.startsWith('api-preflight-')),
  },
  {
    name: 'allows a browser GET alone',
    make: () =>
      new (class extends FakeShed {
        override methodOf(path: string): string | undefined {
          return super.methodOf(path) === undefined ? undefined : 'GET';
        }
      })(),
    breaks: ['api-preflight-sheeps', 'api-preflight-sheep', 'api-preflight-wolf'],
  },
];

function digitValue(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  const zero = [0x30, 0x660, 0x966, 0xff10].find((start) => code >= start && code < start + 10) ?? code;
  return code - zero;
}

describe('a shed that gets one thing wrong breaks the rules that say so, and no others', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'the rules find the wrong shed: %s',
    async (_name, mutant) => {
      const { result } = await verify(mutant.make());
      expect(broken(result)).toEqual(mutant.breaks);
    },
  );

  test('every rule can be broken: by a shed that answers nonsense throughout, or by a mutant above', async () => {
    class Nonsense extends FakeShed {
      override async answer(): Promise<FakeAnswer> {
        return json(418, {});
      }
    }
    const { result } = await verify(new Nonsense());
    const breakable = new Set([...broken(result), ...MUTANTS.flatMap(({ breaks }) => breaks)]);
    expect(RULES.map(({ id }) => id).filter((id) => !breakable.has(id))).toEqual([]);
  });

  test('a refusal that carries a result is no refusal', async () => {
    class Leaking extends FakeShed {
      override cat(query: URLSearchParams): FakeAnswer {
        const answer = super.cat(query);
        return query.get('m') === '5' ? json(400, { result: 1, message: 'm is out of range' }) : answer;
      }
    }
    const { result } = await verify(new Leaking());
    expect(broken(result)).toEqual(['cat-refuses-m-5', 'api-errors-are-json']);
  });

  test('API Gateway may type a 204 itself, but only as JSON', async () => {
    const type = (value: string) =>
      API_RULES.find(({ id }) => id === 'wolf-204-no-content-type')?.check({
        answers: [{ call: 'DELETE /wolf', status: 204, headers: { 'content-type': value }, body: '' }],
        options: {
          allowOrigin: undefined,
          bigShed: { sheep: 0, bytesEach: 0 },
          gatewayAddsContentType: true,
        },
      } as unknown as RuleContext);
    expect(await type('application/json')).toEqual({
      status: 'skipped',
      detail: 'API Gateway adds application/json itself where a function sends no Content-Type',
    });
    expect(await type('text/html')).toEqual({
      status: 'broken',
      detail: 'DELETE /wolf: 204 with Content-Type text/html',
    });
  });
});

describe('what verify does around the rules', () => {
  test('verify refuses a shed with sheep unless it may clear it', async () => {
    const made = new FakeShed();
    await made.table().put([{ tattoo: '1', weight: '80000000000' }]);
    const error = await verify(made).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ShedbenchError);
    expect(error).toMatchObject({
      code: 'shed-not-empty',
      exitCode: 2,
      message: 'fake-table holds 1 sheep; verifying fake would remove them.',
    });
    expect(made.sheep.size).toBe(1);
    expect(made.requests).toEqual([]);
  });

  test('verify clears a shed when told to, and leaves it empty', async () => {
    const made = new FakeShed();
    await made.table().put([{ tattoo: '1', weight: '80000000000' }]);
    const { result } = await verify(made, { clearShed: true });
    expect(result.broken).toBe(0);
    expect(made.sheep.size).toBe(0);
  });

  test('verify empties the shed when it is interrupted', async () => {
    const controller = new AbortController();
    class Interrupting extends FakeShed {
      override dog(): FakeAnswer {
        controller.abort(new Error('stop'));
        return super.dog();
      }
    }
    const made = new Interrupting();
    await expect(verify(made, { signal: controller.signal })).rejects.toThrow('stop');
    expect(made.sheep.size).toBe(0);
  });

  test('an API that does not answer at all is an error, not a broken rule for each call', async () => {
    const made = new FakeShed();
    const url = await made.listen();
    await made.close();
    const error = await verifyContract(
      { runtime: 'fake', apiUrl: url },
      { clearShed: false },
      { table: made.table(), emit: () => {}, monotonicMs: () => 0, sleep: async () => {} },
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'api-unreachable', exitCode: 3 });
  });

  test('a call without an answer breaks its rule and no other', async () => {
    class Rude extends FakeShed {
      override async answer(method: string, path: string, query: URLSearchParams): Promise<FakeAnswer> {
        if (path !== '/goat') return super.answer(method, path, query);
        return new Promise<FakeAnswer>(() => this.dropConnections());
      }
    }
    const { result } = await verify(new Rude());
    expect(broken(result)).toEqual(['api-unknown-path']);
    expect(result.rules.find(({ id }) => id === 'api-unknown-path')?.detail).toMatch(
      /^GET \/goat: no answer, /,
    );
  });
});
