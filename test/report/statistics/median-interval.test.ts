import { describe, expect, test } from 'vitest';
import { medianInterval, medianRanks } from '../../../src/report/statistics/median-interval.ts';

describe('the interval of a median', () => {
  test('the interval of a median needs six values', () => {
    expect(medianInterval([1, 2, 3, 4, 5])).toBeUndefined();
    expect(medianInterval([1, 2, 3, 4, 5, 6])).toBeDefined();
  });

  test('the interval of a median of six values lies between the outermost and the next, where 95 % do', () => {
    // The outermost two miss with 2 · 1/64; the next two with 2 · 7/64. 2.5 % lies 0.1 of the way.
    const interval = medianInterval([10, 20, 30, 40, 50, 60]);
    expect(interval?.low).toBeCloseTo(10 + 10 * ((0.025 - 1 / 64) / (6 / 64)), 10);
    expect(interval?.high).toBeCloseTo(60 - 10 * ((0.025 - 1 / 64) / (6 / 64)), 10);
  });

  test('the interval of a median of thirty values lies between ranks 10 and 21, as tables of the sign test have it', () => {
    expect(medianRanks(30)?.rank).toBe(10);
    expect(medianRanks(30)?.beyond).toBeGreaterThan(0);
    expect(medianRanks(30)?.beyond).toBeLessThan(1);
  });

  test('the interval of a median holds the median in 95 of 100 samples of a skewed distribution', () => {
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    let held = 0;
    for (let sample = 0; sample < 4000; sample++) {
      const values = Array.from({ length: 30 }, () => Math.exp(3 * random() ** 2)).sort((a, b) => a - b);
      const interval = medianInterval(values);
      const truth = Math.exp(3 * 0.5 ** 2);
      if (interval !== undefined && interval.low <= truth && truth <= interval.high) held += 1;
    }
    expect(held / 4000).toBeGreaterThan(0.935);
    expect(held / 4000).toBeLessThan(0.965);
  });
});
