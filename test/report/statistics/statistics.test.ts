import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ratioInterval,
  resampledMean,
  resampledPercentile,
} from '../../../src/report/statistics/bootstrap.ts';
import {
  drawBeta,
  drawGamma,
  drawNormal,
  seededRandom,
} from '../../../src/report/statistics/random-draws.ts';
import {
  mean,
  percentile,
  percentileRank,
  preciseSum,
  sampleStddev,
  sorted,
  summarize,
} from '../../../src/report/statistics/statistics.ts';

/** Computed by independent_values.py with Python's fractions and statistics, and by plain resampling. */
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
  readonly intervals: {
    readonly numerator: readonly number[];
    readonly denominator: readonly number[];
    readonly p50: readonly [number, number];
    readonly p99: readonly [number, number];
    readonly mean: readonly [number, number];
  };
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

  test('gives nothing of nothing', () => {
    expect(percentile(sorted([]), 50)).toBeUndefined();
  });

  test('takes no NaN into an order', () => {
    expect(() => sorted([1, Number.NaN])).toThrow(RangeError);
  });

  test('orders numbers as numbers and leaves the original as it was', () => {
    const values = [10, 9, 1];
    expect([...sorted(values)]).toEqual([1, 9, 10]);
    expect(values).toEqual([10, 9, 1]);
  });
});

describe('the figures of a quantity', () => {
  test('of no value are none', () => {
    expect(summarize([])).toBeUndefined();
    expect(mean([])).toBeUndefined();
    expect(sampleStddev([])).toBeUndefined();
  });

  test('of one value have no deviation', () => {
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

  test('of two values: the median is the lower, the deviation of the sample is |a−b|/√2', () => {
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

  test('of equal values: no deviation, and the mean is that value to the last bit', () => {
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

  test('keeps small values that a great one would swallow', () => {
    expect(preciseSum([1, 1e100, 1, -1e100])).toBe(2);
  });

  test.each(Object.entries(independent.samples))('agree with Python for the sample %s', (_, sample) => {
    const order = sorted(sample.values);
    expect(mean(order)).toBeCloseTo(sample.mean, 10);
    const stddev = sampleStddev(order);
    if (sample.stddev === null) expect(stddev).toBeUndefined();
    else expect(Math.abs((stddev ?? Number.NaN) - sample.stddev)).toBeLessThan(1e-8 * (1 + sample.stddev));
    for (const [percent, value] of Object.entries(sample.percentiles)) {
      expect(percentile(order, Number(percent))).toBe(value);
    }
  });
});

describe('random draws', () => {
  test('repeat with the same seed and differ with another', () => {
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

  test('of a normal have mean 0 and variance 1', () => {
    const random = seededRandom(3);
    const found = moments(() => drawNormal(random));
    expect(found.mean).toBeCloseTo(0, 2);
    expect(found.variance).toBeCloseTo(1, 1);
  });

  test.each([1, 2.5, 40])('of Gamma(%d) have mean and variance of the shape', (shape) => {
    const random = seededRandom(4);
    const found = moments(() => drawGamma(shape, random));
    expect(Math.abs(found.mean / shape - 1)).toBeLessThan(0.01);
    expect(Math.abs(found.variance / shape - 1)).toBeLessThan(0.03);
  });

  test('of Beta(a, b) have mean a/(a+b) and variance ab/((a+b)²(a+b+1))', () => {
    const random = seededRandom(5);
    const found = moments(() => drawBeta(3, 5, random));
    expect(found.mean).toBeCloseTo(3 / 8, 2);
    expect(found.variance).toBeCloseTo(15 / (64 * 9), 3);
  });
});

describe('bootstrap intervals', () => {
  test('draw a median as often as the binomial distribution says, at any of its values', () => {
    const values = sorted([1, 2, 3, 4, 5]);
    const draw = resampledPercentile(values, 50);
    const random = seededRandom(6);
    const draws = 200_000;
    const found = new Map<number, number>();
    for (let index = 0; index < draws; index++) {
      const value = draw(random);
      found.set(value, (found.get(value) ?? 0) + 1);
    }
    // P(the 3rd smallest of 5 draws ≤ j) = P(Binomial(5, j/5) ≥ 3), exactly.
    const atMost = (j: number) => {
      const p = j / 5;
      return 10 * p ** 3 * (1 - p) ** 2 + 5 * p ** 4 * (1 - p) + p ** 5;
    };
    for (const j of [1, 2, 3, 4, 5]) {
      const expected = atMost(j) - atMost(j - 1);
      const deviation = Math.sqrt((expected * (1 - expected)) / draws);
      expect(Math.abs((found.get(j) ?? 0) / draws - expected)).toBeLessThan(4 * deviation);
    }
  });

  const { numerator, denominator } = independent.intervals;
  const intervalOf = (draws: 'p50' | 'p99' | 'mean') => {
    const draw = (values: readonly number[]) =>
      draws === 'mean'
        ? resampledMean(values)
        : resampledPercentile(sorted(values), draws === 'p50' ? 50 : 99);
    return ratioInterval(
      { size: numerator.length, draw: draw(numerator) },
      { size: denominator.length, draw: draw(denominator) },
      seededRandom(7),
    );
  };

  test.each(['p50', 'p99', 'mean'] as const)(
    'of a ratio of %s agree with plain resampling in Python',
    (statistic) => {
      const found = intervalOf(statistic);
      const [low, high] = independent.intervals[statistic];
      // Both draw at random: their ends agree within a few hundredths of the width that they measure.
      const width = high - low;
      expect(Math.abs((found?.low ?? Number.NaN) - low)).toBeLessThan(0.06 * width);
      expect(Math.abs((found?.high ?? Number.NaN) - high)).toBeLessThan(0.06 * width);
    },
  );

  test('of a mean of many skewed values come from its limit and agree with drawing value by value', () => {
    const random = seededRandom(8);
    const skewed = Array.from({ length: 400 }, () => drawGamma(1, random) ** 2);
    const found = ratioInterval(
      { size: skewed.length, draw: resampledMean(skewed) },
      { size: 6, draw: () => 1 },
      seededRandom(9),
    );
    const drawn = sorted(
      Array.from({ length: 20_000 }, () => {
        let sum = 0;
        for (let index = 0; index < skewed.length; index++) {
          sum += skewed[Math.floor(random() * skewed.length)] ?? Number.NaN;
        }
        return sum / skewed.length;
      }),
    );
    const [low, high] = [percentile(drawn, 2.5) ?? Number.NaN, percentile(drawn, 97.5) ?? Number.NaN];
    expect(Math.abs((found?.low ?? Number.NaN) - low)).toBeLessThan(0.04 * (high - low));
    expect(Math.abs((found?.high ?? Number.NaN) - high)).toBeLessThan(0.04 * (high - low));
  });

  test('are none where a side has fewer than six values', () => {
    const five = { size: 5, draw: resampledPercentile(sorted([5, 5, 5, 5, 6]), 50) };
    const six = { size: 6, draw: resampledPercentile(sorted([5, 5, 5, 6, 6, 6]), 50) };
    expect(ratioInterval(five, six, seededRandom(1))).toBeUndefined();
    expect(ratioInterval(six, five, seededRandom(1))).toBeUndefined();
    expect(ratioInterval(six, six, seededRandom(1))).toEqual({ low: 5 / 6, high: 6 / 5 });
  });

  test('take no longer for a hundred thousand values than for a hundred', () => {
    const random = seededRandom(9);
    const large = sorted(Array.from({ length: 100_000 }, random));
    let drawn = 0;
    const counting = () => {
      drawn++;
      return random();
    };
    const draw = resampledPercentile(large, 50);
    for (let index = 0; index < 1000; index++) draw(counting);
    expect(drawn).toBeLessThan(20_000);
  });
});
