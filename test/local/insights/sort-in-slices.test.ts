import { describe, expect, test } from 'vitest';
import { sortInSlices } from '../../../src/local/insights/sort-in-slices.ts';

/** Several slices, the last of them not full. */
const COUNT = 9_000;
const items = (keyOf: (index: number) => number) =>
  Array.from({ length: COUNT }, (_, index) => ({ key: keyOf(index), index }));
const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key;

describe('a sort in slices', () => {
  test.each([
    ['that rise', (index: number) => index],
    ['that fall', (index: number) => -index],
    ['that rise in steps of equal items', (index: number) => Math.floor(index / 3_000)],
    ['that fall in steps of equal items', (index: number) => -Math.floor(index / 3_000)],
    ['that are all equal', () => 0],
    ['in disorder, many of them equal', (index: number) => (index * 7_919) % 101],
  ])(
    'a sort in slices orders items %s as Array.sort does, and keeps the order of equal items',
    async (_, keyOf) => {
      let pauses = 0;
      const sorted = await sortInSlices(items(keyOf), byKey, async () => {
        pauses += 1;
      });
      expect(sorted).toEqual(items(keyOf).sort(byKey));
      expect(pauses).toBeGreaterThanOrEqual(Math.ceil(COUNT / 2_048));
    },
  );

  test('a sort in slices of nothing is empty', async () => {
    expect(await sortInSlices([], byKey, async () => undefined)).toEqual([]);
  });
});
