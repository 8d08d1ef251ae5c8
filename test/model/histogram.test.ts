import { describe, expect, test } from 'vitest';
import { LatencyRecorder } from '../../src/load/measure/latency-recorder.ts';
import {
  bucketLowMs,
  bucketMidMs,
  bucketOfMs,
  EMPTY_HISTOGRAM,
  filledBuckets,
  mergeHistograms,
  quantileMs,
  SUB_BUCKETS,
} from '../../src/model/histogram.ts';

function record(...values: readonly number[]) {
  const recorder = new LatencyRecorder();
  for (const ms of values) recorder.record(ms);
  return recorder.encode();
}

describe('buckets', () => {
  test('the documented formula and the bits of a double agree', () => {
    for (const ns of [1, 1.5, 2, 3, 1023, 1024, 1025, 999_999, 1e6, 1.234e9, 2 ** 42]) {
      const octave = Math.floor(Math.log2(ns));
      const sub = Math.floor((ns / 2 ** octave - 1) * SUB_BUCKETS);
      expect(bucketOfMs(ns / 1e6), `${ns} ns`).toBe(octave * SUB_BUCKETS + sub);
    }
  });

  test('a value lies in its bucket, and its middle is within 0.049 % of it', () => {
    const misplaced: object[] = [];
    for (let ms = 1e-6; ms < 1e6; ms *= 1.00731) {
      const bucket = bucketOfMs(ms);
      const [lowMs, midMs, highMs] = [bucketLowMs(bucket), bucketMidMs(bucket), bucketLowMs(bucket + 1)];
      const isInside = lowMs <= ms * (1 + 1e-12) && highMs > ms * (1 - 1e-12);
      const isNear = Math.abs(midMs - ms) / ms <= 0.00049;
      if (!isInside || !isNear) misplaced.push({ ms, lowMs, midMs, highMs });
    }
    expect(misplaced).toEqual([]);
  });

  test('what is no time falls into the first bucket', () => {
    expect([0, -5, Number.NaN, 1e-9].map(bucketOfMs)).toEqual([0, 0, 0, 0]);
  });
});

describe('a histogram', () => {
  test('a histogram without values is empty', () => {
    expect(record()).toEqual(EMPTY_HISTOGRAM);
    expect(quantileMs(EMPTY_HISTOGRAM, 0.5)).toBeUndefined();
  });

  test('a histogram of one value is that value at every quantile', () => {
    const histogram = record(12.345678);
    expect(histogram).toMatchObject({
      encoding: 'log2-1024',
      count: 1,
      minMs: 12.345678,
      maxMs: 12.345678,
      meanMs: 12.345678,
      stddevMs: 0,
    });
    for (const q of [0, 0.5, 0.999, 1]) expect(quantileMs(histogram, q)).toBe(12.345678);
  });

  test('a histogram keeps the extremes and the mean exactly, and the deviation of the population', () => {
    const histogram = record(2, 4, 4, 4, 5, 5, 7, 9);
    expect(histogram).toMatchObject({ count: 8, minMs: 2, maxMs: 9, meanMs: 5, stddevMs: 2 });
  });

  test('the encoding is ascending, with indices as differences', () => {
    const histogram = record(1, 1, 2, 1);
    const one = bucketOfMs(1);
    expect(histogram.buckets).toEqual([one, 3, bucketOfMs(2) - one, 1]);
    expect([...filledBuckets(histogram)]).toEqual([
      { index: one, count: 3 },
      { index: bucketOfMs(2), count: 1 },
    ]);
  });

  test('quantiles are those of the nearest rank', () => {
    const histogram = record(...Array.from({ length: 100 }, (_, at) => at + 1));
    for (const [q, truth] of [
      [0, 1],
      [0.01, 1],
      [0.011, 2],
      [0.5, 50],
      [0.501, 51],
      [0.99, 99],
      [0.991, 100],
      [1, 100],
    ] as const) {
      expect(Math.abs((quantileMs(histogram, q) ?? 0) - truth), `q ${q}`).toBeLessThanOrEqual(truth * 0.0005);
    }
  });

  test('a heavy tail keeps three digits at every magnitude', () => {
    const values = Array.from({ length: 10_000 }, (_, at) => 0.02 * 1.0015 ** at);
    const histogram = record(...values);
    for (const q of [0.1, 0.5, 0.9, 0.99, 0.999, 0.9999]) {
      const truth = values[Math.ceil(q * values.length) - 1] ?? 0;
      expect(Math.abs((quantileMs(histogram, q) ?? 0) / truth - 1)).toBeLessThanOrEqual(0.0005);
    }
  });

  test('times beyond the last bucket keep their maximum', () => {
    const histogram = record(1e9);
    expect(histogram.maxMs).toBe(1e9);
    expect(quantileMs(histogram, 0.5)).toBe(1e9);
  });
});

describe('merging', () => {
  test('merging is what one recorder of all values would have', () => {
    const a = [0.05, 1, 2, 3, 1000];
    const b = [0.05, 2, 2, 7, 35_000];
    const c = [4];
    const merged = mergeHistograms([record(...a), record(...b), record(), record(...c)]);
    const whole = record(...a, ...b, ...c);
    expect(merged.buckets).toEqual(whole.buckets);
    expect(merged).toMatchObject({ count: 11, minMs: 0.05, maxMs: 35_000 });
    expect(merged.meanMs).toBeCloseTo(whole.meanMs, 5);
    expect(merged.stddevMs).toBeCloseTo(whole.stddevMs, 5);
  });

  test('merging of none and of empty ones is empty', () => {
    expect(mergeHistograms([])).toEqual(EMPTY_HISTOGRAM);
    expect(mergeHistograms([EMPTY_HISTOGRAM, EMPTY_HISTOGRAM])).toEqual(EMPTY_HISTOGRAM);
  });

  test('the quantile over several recorders is that of their merge', () => {
    const recorders = [[1, 2, 3], [100], [2.5, 50, 60, 70]].map((values) => {
      const recorder = new LatencyRecorder();
      for (const value of values) recorder.record(value);
      return recorder;
    });
    const merged = mergeHistograms(recorders.map((recorder) => recorder.encode()));
    const shares = Array.from({ length: 21 }, (_, at) => at / 20);
    const expected = shares.map((q) => quantileMs(merged, q));
    expect(shares.flatMap((q) => LatencyRecorder.quantilesOf(recorders, [q]))).toEqual(expected);
    expect(LatencyRecorder.quantilesOf([new LatencyRecorder(), ...recorders], shares)).toEqual(expected);
    expect(LatencyRecorder.quantilesOf([new LatencyRecorder()], shares)).toBeUndefined();
  });
});

test('a cleared recorder counts like a new one, also in the buckets of the smallest and largest values', () => {
  const values = [0, 1e-6, 0.3, 0.3, 7, 1e9, Number.MAX_VALUE];
  const cleared = new LatencyRecorder();
  for (const ms of values) cleared.record(ms);
  cleared.clear();
  expect(cleared.encode()).toEqual(EMPTY_HISTOGRAM);
  const fresh = new LatencyRecorder();
  for (const recorder of [cleared, fresh]) for (const ms of values) recorder.record(ms);
  expect(cleared.encode()).toEqual(fresh.encode());
});
