import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { environmentError } from '../../../src/report/statistics/environment-spread.ts';
import {
  knownError,
  noticeableChange,
  type Observation,
  ratioInterval,
  type Statistic,
} from '../../../src/report/statistics/estimate.ts';
import {
  coldRatio,
  environmentRatio,
  PROCESS_DEVIATION,
  pairedRatio,
} from '../../../src/report/statistics/paired-ratio.ts';
import { seededRandom } from '../../../src/report/statistics/random-draws.ts';
import {
  type Location,
  rankSumInterval,
  signedRankInterval,
} from '../../../src/report/statistics/rank-intervals.ts';
import { logStatistic, valuesByRound } from '../../../src/report/statistics/round-statistics.ts';
import { studentQuantile } from '../../../src/report/statistics/student.ts';
import { BENCH_DEVIATION, unpairedChange } from '../../../src/report/statistics/unpaired-change.ts';

const P50: Statistic = { kind: 'percentile', percent: 50 };
const P99: Statistic = { kind: 'percentile', percent: 99 };
const MEAN: Statistic = { kind: 'mean' };

/** Computed by independent_values.py, which counts every assignment of signs and sides one by one. */
const independent = JSON.parse(
  readFileSync(new URL('../independent-values.json', import.meta.url), 'utf8'),
) as {
  readonly signedRanks: readonly (Location & { readonly values: readonly number[] })[];
  readonly rankSums: readonly (Location & {
    readonly left: readonly number[];
    readonly right: readonly number[];
  })[];
};

function expectLocation(found: Location | undefined, expected: Location): void {
  for (const end of ['center', 'low', 'high'] as const) expect(found?.[end]).toBeCloseTo(expected[end], 9);
}

/** One row per round, each in an environment of its own. */
function rounds(values: readonly number[], environment = (round: number) => round): Observation[] {
  return values.map((value, index) => ({
    round: index + 1,
    environment: environment(index + 1),
    value,
  }));
}

describe('the t quantile', () => {
  test.each([
    [1, 12.7062],
    [2, 4.3027],
    [3, 3.1824],
    [5, 2.5706],
    [11, 2.201],
    [40, 2.0211],
    [1e6, 1.96],
  ])('the t quantile of %d degrees of freedom is %d, as in the tables', (freedom, quantile) => {
    expect(studentQuantile(freedom)).toBeCloseTo(quantile, 3);
  });
});

describe('the signed-rank interval', () => {
  test('the signed-rank interval needs six differences', () => {
    expect(signedRankInterval([])).toBeUndefined();
    expect(signedRankInterval([1, 2, 3, 4, 5])).toBeUndefined();
    expect(signedRankInterval([1, 2, 3, 4, 5, 6])).toBeDefined();
  });

  test('the signed-rank interval of equal differences is a point', () => {
    expect(signedRankInterval([2, 2, 2, 2, 2, 2])).toEqual({ center: 2, low: 2, high: 2 });
  });

  test('the signed-rank interval of six lies between the outermost pairwise means and the next: 96.9 % and 93.8 % around 95 %', () => {
    const found = signedRankInterval([0, 1, 2, 3, 4, 5]);
    // P(sum 0) = 1/64: the share of the next rank is (0.025 − 1/64) / (1/64) = 0.6; the pairwise means are 0, 0.5, 1, …
    expect(found?.low).toBeCloseTo(0.3, 12);
    expect(found?.high).toBeCloseTo(4.7, 12);
    expect(found?.center).toBe(2.5);
  });

  test('the signed-rank interval of ten has the ninth outermost pairwise means as its table says, and a wild one does not move them far', () => {
    // P(sum ≤ 8) = 25/1024 and P(sum ≤ 9) = 33/1024.
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const means = values.flatMap((a, i) => values.slice(i).map((b) => (a + b) / 2)).sort((a, b) => a - b);
    const share = (0.025 - 25 / 1024) / (8 / 1024);
    const low = (means[8] ?? 0) * (1 - share) + (means[9] ?? 0) * share;
    expect(signedRankInterval(values)?.low).toBeCloseTo(low, 12);
    expect(signedRankInterval([...values.slice(0, 9), 1000])?.low).toBeCloseTo(low, 12);
  });

  test.each(independent.signedRanks)('the signed-rank interval of $values agrees with Python', (expected) => {
    expectLocation(signedRankInterval(expected.values), expected);
  });

  test('the signed-rank interval of negated differences is the negated interval', () => {
    const values = [0.3, -1, 2, 0.1, 5, 0.7, -0.2];
    const [found, turned] = [signedRankInterval(values), signedRankInterval(values.map((value) => -value))];
    expect(turned?.low).toBeCloseTo(-(found?.high ?? Number.NaN), 12);
    expect(turned?.center).toBeCloseTo(-(found?.center ?? Number.NaN), 12);
  });
});

describe('the rank-sum interval', () => {
  test('the rank-sum interval needs four values on each side', () => {
    expect(rankSumInterval([1, 2, 3], [1, 2, 3, 4])).toBeUndefined();
    expect(rankSumInterval([1, 2, 3, 4], [1, 2, 3])).toBeUndefined();
  });

  test('the rank-sum interval of equal values is a point', () => {
    expect(rankSumInterval([3, 3, 3, 3], [5, 5, 5, 5])).toEqual({ center: 2, low: 2, high: 2 });
  });

  test('the rank-sum interval of four and four lies between the outermost differences and the next', () => {
    // P(0) = 1/70: the share of the next rank is (0.025 − 1/70) · 70 = 0.75. The differences are −3, −2, −2, …, 2, 2, 3.
    const found = rankSumInterval([0, 1, 2, 3], [0, 1, 2, 3]);
    expect(found?.low).toBeCloseTo(-2.25, 12);
    expect(found?.high).toBeCloseTo(2.25, 12);
    expect(found?.center).toBeCloseTo(0, 12);
  });

  test.each(independent.rankSums)(
    'the rank-sum interval of $left and $right agrees with Python',
    (expected) => {
      expectLocation(rankSumInterval(expected.left, expected.right), expected);
    },
  );

  test('the rank-sum interval agrees with all differences sorted, exact and by the normal distribution', () => {
    const random = seededRandom(5);
    const draw = (count: number) => Array.from({ length: count }, () => Math.round(random() * 50) / 7);
    for (const [first, second] of [
      [5, 9],
      [40, 50],
    ] as const) {
      const [left, right] = [draw(first), draw(second)];
      const differences = right.flatMap((b) => left.map((a) => b - a)).sort((a, b) => a - b);
      const middle = (differences.length + 1) / 2;
      const center =
        ((differences[Math.floor(middle) - 1] ?? 0) + (differences[Math.ceil(middle) - 1] ?? 0)) / 2;
      const found = rankSumInterval(left, right);
      expect(found?.center).toBeCloseTo(center, 9);
      expect(found?.low).toBeLessThanOrEqual(center);
      expect(found?.high).toBeGreaterThanOrEqual(center);
    }
  });
});

describe('the statistic of a round', () => {
  test('the statistic of a round leaves out values of 0 or less, which have no logarithm', () => {
    expect([...valuesByRound(rounds([5, 0, -1, Number.NaN]))]).toEqual([[1, [5]]]);
  });

  test('the statistic of a round of more values than the other side has is that of as many of them', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect(Math.exp(logStatistic(values, P99, 1000))).toBeCloseTo(990, 9);
    // The maximum of ten of a thousand: far below the 990th, and always the same.
    const ofTen = Math.exp(logStatistic(values, P99, 10));
    expect(ofTen).toBe(Math.exp(logStatistic(values, P99, 10)));
    expect(values).toContain(Math.round(ofTen));
    expect(Math.exp(logStatistic([7], P99, 10))).toBeCloseTo(7, 12);
  });
});

describe('the error of environments', () => {
  test('the error of environments is none where every round has environments of its own', () => {
    expect(environmentError([rounds([1, 2, 3]), rounds([1, 2, 3])], undefined)).toEqual({
      half: 0,
      freedom: Number.POSITIVE_INFINITY,
      isUnknown: false,
    });
  });

  test('the error of environments is unknown where fewer than four serve several rounds, unless the machine is one', () => {
    const one = rounds([1, 2, 3], () => 0);
    expect(environmentError([one, one], undefined)).toMatchObject({ half: 0, isUnknown: true });
    // One environment throughout on each side: the overlap is 1 + 1.
    expect(environmentError([one, one], 0.01).half).toBeCloseTo(1.96 * 0.01 * Math.SQRT2, 4);
  });

  test('the error of environments grows with the spread of the environments, and is none where they are alike', () => {
    const side = (spread: number): Observation[] =>
      [1, 2, 3, 4, 5, 6].flatMap((round) =>
        [0, 1, 2, 3].flatMap((environment) =>
          [0.99, 1.01].map((noise) => ({ round, environment, value: noise * (1 + spread * environment) })),
        ),
      );
    const half = (spread: number) => environmentError([side(spread), side(spread)], undefined).half;
    expect(half(0)).toBe(0);
    expect(half(0.1)).toBeGreaterThan(0.1);
    expect(half(0.2)).toBeGreaterThan(1.7 * half(0.1));
  });
});

describe('a ratio within one bench', () => {
  test('a ratio within one bench of nothing has neither ratio nor interval', () => {
    expect(pairedRatio([], [], P50, 'many')).toEqual({
      ratio: Number.NaN,
      rounds: 0,
      environments: 0,
      needs: { rounds: 6 },
    });
  });

  test('a ratio within one bench of one round is a ratio without an interval', () => {
    const found = pairedRatio(rounds([10]), rounds([20]), P50, 'many');
    expect(found).toMatchObject({ rounds: 1, environments: 1, needs: { rounds: 6 } });
    expect(found.ratio).toBeCloseTo(2, 12);
    expect(found).not.toHaveProperty('interval');
  });

  test('a ratio within one bench counts the rounds that both sides have, and no others', () => {
    const own = rounds([1, 1, 1, 1, 1, 1, 1]);
    const base = rounds([2, 2, 2, 2, 2, 2, 2, 2, 2]).filter(({ round }) => round > 1);
    expect(pairedRatio(own, base, P50, 'many')).toMatchObject({ rounds: 6, environments: 7 });
  });

  test('a ratio within one bench is base over own, and what both sides of a round share cancels', () => {
    const machine = [1, 3, 0.5, 2, 8, 1, 4];
    const own = rounds(machine.map((speed) => 10 * speed));
    const base = rounds(machine.map((speed) => 15 * speed));
    for (const statistic of [P50, P99, MEAN]) {
      const { ratio, interval } = pairedRatio(own, base, statistic, 'many');
      expect(ratio).toBeCloseTo(1.5, 12);
      expect(interval?.low).toBeCloseTo(1.5, 12);
      expect(interval?.high).toBeCloseTo(1.5, 12);
    }
  });

  test('a ratio within one bench of one environment throughout needs four on hosts of different speed, and none more on one machine', () => {
    const own = rounds([10, 10, 10, 10, 10, 10], () => 0);
    expect(pairedRatio(own, own, P50, 'many')).toMatchObject({ ratio: 1, needs: { environments: 4 } });
    const { interval } = pairedRatio(own, own, P50, 'one');
    expect(interval?.high).toBeCloseTo(Math.exp(1.96 * PROCESS_DEVIATION * Math.SQRT2), 4);
  });
});

describe('a ratio of cold starts', () => {
  const starts = (values: readonly number[]): Observation[] =>
    values.map((value, environment) => ({ round: 0, environment, value }));

  test('a ratio of cold starts needs four environments on each side', () => {
    expect(coldRatio(starts([1, 2, 3]), starts([1, 2, 3, 4, 5]), P50, 'many')).toMatchObject({
      environments: 3,
      needs: { environments: 4 },
    });
    expect(coldRatio([], [], P50, 'many')).toMatchObject({ environments: 0, needs: { environments: 4 } });
  });

  test('a ratio of cold starts of equal starts is a point on many hosts, and wider on one machine, whose moments differ', () => {
    const [own, base] = [starts([10, 10, 10, 10]), starts([20, 20, 20, 20])];
    const { ratio, interval } = coldRatio(own, base, P50, 'many');
    expect(ratio).toBeCloseTo(2, 12);
    expect(interval?.low).toBeCloseTo(2, 12);
    expect(coldRatio(own, base, P50, 'one').interval?.low).toBeLessThan(1.8);
  });

  test('a ratio of cold starts is paired where both sides start cold in six rounds or more', () => {
    const machine = [1, 5, 2, 9, 1, 3];
    const own = rounds(machine.map((speed) => 10 * speed));
    const base = rounds(machine.map((speed) => 20 * speed));
    expect(coldRatio(own, base, P50, 'many')).toMatchObject({ rounds: 6 });
    expect(coldRatio(own, base, P50, 'many').interval?.high).toBeCloseTo(2, 12);
    expect(environmentRatio(own, base, []).interval?.high).toBeGreaterThan(3);
  });
});

describe('a change between two benches', () => {
  const bench = (value: number, count = 6) => rounds(new Array<number>(count).fill(value));

  test('a change between two benches needs six rounds on each side', () => {
    expect(unpairedChange([bench(1, 5)], [bench(1)], P50, 'many')).toMatchObject({
      rounds: 5,
      needs: { rounds: 6 },
    });
    expect(unpairedChange([], [bench(1)], P50, 'many')).toMatchObject({ rounds: 0, needs: { rounds: 6 } });
  });

  test('a change between two benches is after over before, and never surer than benches of one build lie together', () => {
    const { ratio, interval } = unpairedChange([bench(10)], [bench(12)], P50, 'many');
    expect(ratio).toBeCloseTo(1.2, 12);
    const half = 1.96 * BENCH_DEVIATION.many * Math.SQRT2;
    expect(interval?.high).toBeCloseTo(1.2 * Math.exp(half), 3);
    expect(interval?.low).toBeCloseTo(1.2 * Math.exp(-half), 3);
  });

  test('a change between two benches of several benches on each side is surer', () => {
    const width = (benches: number) => {
      const side = Array.from({ length: benches }, () => bench(10));
      const { interval } = unpairedChange(side, side, P50, 'many');
      return Math.log((interval?.high ?? Number.NaN) / (interval?.low ?? Number.NaN));
    };
    expect(width(4)).toBeCloseTo(width(1) / 2, 9);
  });
});

describe('an interval', () => {
  test('an interval is the location alone where there is no further error', () => {
    const { low, high } = ratioInterval({ center: 0, low: -3, high: 5 }, 5, [knownError(0)]);
    expect(Math.log(low)).toBeCloseTo(-3, 12);
    expect(Math.log(high)).toBeCloseTo(5, 12);
  });

  test('an interval is widened by known errors as squares where its own spread is as good as known', () => {
    const { low, high } = ratioInterval({ center: 0, low: -3, high: 5 }, Number.POSITIVE_INFINITY, [
      knownError(4 / 1.959963984540054),
      { half: 12, freedom: Number.POSITIVE_INFINITY },
    ]);
    expect(Math.log(low)).toBeCloseTo(-13, 12);
    expect(Math.log(high)).toBeCloseTo(Math.sqrt(25 + 160), 12);
  });

  test('an interval has the degrees of freedom of Welch and Satterthwaite: two equal errors of 5 have 10', () => {
    const half = studentQuantile(5);
    const { high } = ratioInterval({ center: 0, low: -half, high: half }, 5, [{ half, freedom: 5 }]);
    expect(Math.log(high)).toBeCloseTo(studentQuantile(10) * Math.SQRT2, 9);
  });

  test('an interval of ±10 % would have told a change of about 14 % in four of five benches', () => {
    expect(noticeableChange({ low: 1 / 1.1, high: 1.1 })).toBeCloseTo(1.1 ** (2.8 / 1.96) - 1, 9);
    expect(noticeableChange({ low: 1, high: 1 })).toBe(0);
  });
});
