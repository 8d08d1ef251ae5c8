import { expect, test } from 'vitest';
import type { SweepCurve } from '../../../src/model/sweep.ts';
import { isFlat } from '../../../src/report/sweep/is-flat.ts';

function curve(...ms: readonly number[]): SweepCurve {
  return {
    route: 'cat',
    runtime: 'rust',
    architecture: 'arm64',
    points: ms.map((p50, index) => ({
      runId: `r${index}`,
      memorySizeMB: 128 * (index + 1),
      warmMs: { p50 },
    })),
    cheapestMB: [],
    fastestMB: [],
    paretoMB: [],
  };
}

test('a size is flat where it made every function less than 5 % faster than the size before', () => {
  const of = (...curves: readonly SweepCurve[]) => isFlat({ curves, architectures: [] });
  expect(of(curve(100, 50, 48))).toBe(true);
  expect(of(curve(100, 50, 47))).toBe(false);
  expect(of(curve(100, 50, 50), curve(100, 90, 80))).toBe(false);
  expect(of(curve(100, 50, 60))).toBe(true);
});

test('one size alone is not flat: nothing is known', () => {
  expect(isFlat({ curves: [curve(100)], architectures: [] })).toBe(false);
  expect(isFlat(undefined)).toBe(false);
});
