import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawNormal, seededRandom } from '../../../src/report/statistics/random-draws.ts';
import {
  mean,
  percentile,
  percentileRank,
  preciseSum,
  sampleStddev,
  sorted,
  summarize,
} from '../../../src/report/statistics/statistics.ts';

/** Computed by independent_values.py with Python's fractions and statistics. */
const independent = JSON.parse(
  readFileSync(new URL('../independent-values.json', import.meta.url), 'utf8'),
) as {
  readonly samples: Readonly<
    Record<
      string,
      {
        readonly values: readonly number[];
        readonly mean: number;
        readonly stddev: number | null;
        readonly percentiles: Readonly<Record<string, number>>;
      }
    >
  >;
};

describe('percentiles by nearest rank', () => {
  test.each([
    [50, 1, 1],
    [50, 2, 1],
    [50, 3, 2],
    [90, 10, 9],
    [99, 100, 99],
    [99, 101, 100],
    [7, 100, 7],
    [99.9, 1000, 999],
    [100, 7, 7],
    [0.001, 5, 1],
  ])('p%d of %d values is the value of rank %d', (percent, count, rank) => {
    expect(percentileRank(percent, count)).toBe(rank);
  });

  test('nearest rank gives no percentile of no values', () => {
    expect(percentile(sorted([]), 50)).toBeUndefined();
  });

  test('nearest rank takes no NaN into an order', () => {
    expect(() => sorted([1, Number.NaN])).toThrow(RangeError);
  });

  test('nearest rank sorts numbers as numbers and leaves the original unchanged', () => {
    const values = [10, 9, 1];
    expect([...sorted(values)]).toEqual([1, 9, 10]);
    expect(values).toEqual([10, 9, 1]);
  });
});

describe('the figures of a quantity', () => {
  test('the statistics of no values are undefined', () => {
    expect(summarize([])).toBeUndefined();
    expect(mean([])).toBeUndefined();
    expect(sampleStddev([])).toBeUndefined();
  });

  test('the statistics of a quantity of one value have no deviation', () => {
    expect(summarize([42.5])).toEqual({
      count: 1,
      mean: 42.5,
      min: 42.5,
      max: 42.5,
      p50: 42.5,
      p90: 42.5,
      p99: 42.5,
    });
  });

  test('the statistics of a quantity of two values: the median is the lower, the deviation of the sample is |a−b|/√2', () => {
    expect(summarize([8, 2])).toEqual({
      count: 2,
      mean: 5,
      min: 2,
      max: 8,
      stddev: Math.sqrt(18),
      p50: 2,
      p90: 8,
      p99: 8,
    });
  });

  test('the statistics of a quantity of equal values: no deviation, and the mean is that value to the last bit', () => {
    expect(summarize(new Array(17).fill(3.3))).toEqual({
      count: 17,
      mean: 3.3,
      min: 3.3,
      max: 3.3,
      stddev: 0,
      p50: 3.3,
      p90: 3.3,
      p99: 3.3,
    });
  });

  test('the statistics of a quantity keeps small values that a great one would swallow', () => {
    expect(preciseSum([1, 1e100, 1, -1e100])).toBe(2);
  });

  test.each(Object.entries(independent.samples))(
    'the figures of a quantity agree with those of Python for the sample %s',
    (_, sample) => {
      const order = sorted(sample.values);
      // The last bit of a quotient may be rounded otherwise.
      const lastBit = Number.EPSILON * Math.abs(sample.mean);
      expect(Math.abs((mean(order) ?? Number.NaN) - sample.mean)).toBeLessThanOrEqual(lastBit);
      const stddev = sampleStddev(order);
      if (sample.stddev === null) expect(stddev).toBeUndefined();
      else expect(Math.abs((stddev ?? Number.NaN) - sample.stddev)).toBeLessThan(1e-8 * (1 + sample.stddev));
      for (const [percent, value] of Object.entries(sample.percentiles)) {
        expect(percentile(order, Number(percent))).toBe(value);
      }
    },
  );
});

describe('random draws', () => {
  test('random draws repeat with the same seed and differ with another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1).every((value) => value >= 0 && value < 1)).toBe(true);
  });

  /** Mean and variance of many draws. */
  function moments(draw: () => number): { readonly mean: number; readonly variance: number } {
    const values = Array.from({ length: 200_000 }, draw);
    const center = mean(values) ?? Number.NaN;
    return { mean: center, variance: (sampleStddev(values) ?? Number.NaN) ** 2 };
  }

  test('random draws of a normal have mean 0 and variance 1', () => {
    const random = seededRandom(3);
    const found = moments(() => drawNormal(random));
    expect(found.mean).toBeCloseTo(0, 2);
    expect(found.variance).toBeCloseTo(1, 1);
  });
});
