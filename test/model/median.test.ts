import { describe, expect, test } from 'vitest';
import { medianOf } from '../../src/model/median.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the median and its interval', () => {
  test('no value has no median, and fewer than six have a median without an interval', () => {
    expect(medianOf([])).toBeUndefined();
    expect(medianOf([5, 1, 4, 2, 3])).toEqual({ p50: 3 });
    expect(medianOf(upTo(6))?.interval).toBeDefined();
  });

  test('the median of an even number of values is the lower of the two in the middle', () => {
    expect(medianOf([40, 10, 30, 20])?.p50).toBe(20);
  });

  test('the interval of six values ends between the outermost values and the next', () => {
    // The outermost two miss with 2 · 1/64; the next two with 2 · 7/64. 2.5 % lies 0.1 of the way.
    const interval = medianOf([60, 10, 20, 30, 40, 50])?.interval;
    expect(interval?.low).toBeCloseTo(10 + 10 * ((0.025 - 1 / 64) / (6 / 64)), 10);
    expect(interval?.high).toBeCloseTo(60 - 10 * ((0.025 - 1 / 64) / (6 / 64)), 10);
  });

  test('the interval of thirty values starts between ranks 10 and 11, as tables of the sign test have it', () => {
    const interval = medianOf(upTo(30))?.interval;
    expect(interval?.low).toBeGreaterThan(10);
    expect(interval?.low).toBeLessThan(11);
    expect(interval?.high).toBeCloseTo(31 - (interval?.low ?? 0), 10);
  });

  test('the interval of thousands of values is as narrow as the normal approximation', () => {
    for (const count of [1000, 1100, 5000]) {
      const interval = medianOf(upTo(count))?.interval;
      const expected = count / 2 + 0.5 - 1.959964 * (Math.sqrt(count) / 2);
      expect(Math.abs((interval?.low ?? 0) - expected), `${count} values`).toBeLessThan(0.5);
      expect(interval?.high).toBeCloseTo(count + 1 - (interval?.low ?? 0), 6);
    }
  });

  test('the interval holds the median in 95 of 100 samples of a skewed distribution', () => {
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    for (const count of [6, 12, 30]) {
      let held = 0;
      for (let sample = 0; sample < 4000; sample++) {
        const values = Array.from({ length: count }, () => Math.exp(3 * random() ** 2));
        const interval = medianOf(values)?.interval;
        const truth = Math.exp(3 * 0.5 ** 2);
        if (interval !== undefined && interval.low <= truth && truth <= interval.high) held += 1;
      }
      expect(held / 4000, `${count} values`).toBeGreaterThan(0.935);
      expect(held / 4000, `${count} values`).toBeLessThan(0.97);
    }
  });
});
