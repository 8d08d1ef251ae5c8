import { describe, expect, test } from 'vitest';
import { BENCHMARKS } from './corpus/benchmarks.ts';
import { BUCKETS } from './corpus/buckets.ts';
import { CALLS } from './corpus/calls.ts';
import { NOW_MS, ORDERS, STOCKS } from './corpus/lines.ts';
import { SHAPES } from './corpus/shapes.ts';
import { TEXTS } from './corpus/texts.ts';
import { rows, run } from './fixture.ts';

const CORPUS = [...CALLS, ...BUCKETS, ...TEXTS, ...SHAPES, ...BENCHMARKS];

describe('queries of the kinds that people publish', () => {
  test('the corpus has at least 100 queries, and no two have the same title or text', () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(100);
    expect(new Set(CORPUS.map(([title]) => title)).size).toBe(CORPUS.length);
    expect(new Set(CORPUS.map(([, query]) => query)).size).toBe(CORPUS.length);
  });

  test.each(CORPUS)('a published query gives its exact rows: %s', async (_title, query, expected) => {
    const outcome = await run(query, [ORDERS, STOCKS], { nowEpochMs: NOW_MS });
    const found = rows(outcome).map(({ '@ptr': _pointer, ...row }) => row);
    expect(found).toEqual(expected);
  });
});
