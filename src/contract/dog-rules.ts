import { broken, expectJson, type Rule, skipped } from './rule.ts';
import type { SheepToSeed } from './sheep-table.ts';
import { COMPOSITES, LARGEST_PRIME, LIGHTEST } from './weights.ts';

/** The rules of GET /dog: it counts the sheep over all pages of a scan. */
export const DOG_RULES: readonly Rule[] = [
  {
    id: 'dog-counts-none',
    title: 'GET /dog counts 0 in an empty shed',
    route: 'dog',
    check: async (context) => {
      await context.fillShed([]);
      return expectJson(await context.call('GET', '/dog'), 200, { count: 0 });
    },
  },
  {
    id: 'dog-counts',
    title: 'GET /dog counts every sheep, whatever its weight',
    route: 'dog',
    check: async (context) => {
      const weights = [...COMPOSITES, LARGEST_PRIME];
      await context.fillShed(weights.map((weight, index) => ({ tattoo: String(index + 1), weight })));
      return expectJson(await context.call('GET', '/dog'), 200, { count: weights.length });
    },
  },
  {
    id: 'dog-counts-pages',
    title: 'GET /dog counts a shed of more than one scan page',
    route: 'dog',
    check: async (context) => {
      const sheep = bigShed(context.options.bigShed, LIGHTEST);
      await context.fillShed(sheep);
      const { pages } = await context.table.scan('consistent');
      if (pages < 2) return skipped(`${sheep.length} sheep fit one scan page here`);
      const verdict = expectJson(await context.call('GET', '/dog'), 200, { count: sheep.length });
      return { ...verdict, detail: `${verdict.detail} over ${pages} pages` };
    },
  },
  {
    id: 'dog-changes-nothing',
    title: 'GET /dog leaves the shed as it is',
    route: 'dog',
    check: async (context) => {
      await context.fillShed([{ tattoo: '1', weight: LARGEST_PRIME }]);
      const answer = await context.call('GET', '/dog');
      const { sheep } = await context.table.scan('consistent');
      const same = sheep.length === 1 && sheep[0]?.tattoo === '1' && sheep[0].weight === LARGEST_PRIME;
      return same
        ? { status: 'held', detail: `${answer.call}: the one sheep is still there` }
        : broken(`${answer.call}: expected the one sheep to stay, the shed holds ${sheep.length}`);
    },
  },
];

/**
 * Sheep of one weight that need more than one page of a DynamoDB scan (1 MB). An extra attribute makes their items
 * large.
 */
export function bigShed(
  size: { readonly sheep: number; readonly bytesEach: number },
  weight: string,
): SheepToSeed[] {
  return Array.from({ length: size.sheep }, (_, index) => ({
    tattoo: String(1_000 + index),
    weight,
    ballastBytes: size.bytesEach,
  }));
}
