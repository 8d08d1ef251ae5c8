import { expect, test } from 'vitest';
import {
  bucketOfMs,
  EMPTY_HISTOGRAM,
  type EncodedHistogram,
  encodeBuckets,
} from '../../src/model/histogram.ts';
import { latencyBars as barsWithin } from '../../src/render/latency-bars.ts';

const latencyBars = (data: EncodedHistogram) => barsWithin(data, 100);

function histogram(values: readonly number[]): EncodedHistogram {
  const counts = new Map<number, number>();
  for (const ms of values) counts.set(bucketOfMs(ms), (counts.get(bucketOfMs(ms)) ?? 0) + 1);
  return {
    ...EMPTY_HISTOGRAM,
    count: values.length,
    minMs: Math.min(...values),
    maxMs: Math.max(...values),
    buckets: encodeBuckets(counts),
  };
}

test('ten ranges of equal width on a logarithmic scale hold all values, the longest bar the most', () => {
  const values = [...Array(100).fill(1), ...Array(50).fill(30), ...Array(10).fill(1000)];
  const lines = latencyBars(histogram(values));
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe(`1.00 – 2.00 ms  ${'█'.repeat(40)} 100`.padStart(lines[0]?.length ?? 0));
  expect(lines[4]).toContain(`${'█'.repeat(20)} 50`);
  expect(lines[9]).toContain('501 – 1,000 ms');
  const total = lines.reduce((sum, line) => sum + Number(/ (\d+)$/.exec(line)?.[1]), 0);
  expect(total).toBe(160);
});

test('what is slower than the 99.9th percentile has a row of its own', () => {
  const lines = latencyBars(histogram([...Array(999).fill(1), ...Array(1000).fill(2), 500]));
  expect(lines).toHaveLength(11);
  expect(lines[10]).toMatch(/above 2\.00 ms {2}▏? 1$/);
});

test('few values, or values that hardly differ, have no bars', () => {
  expect(latencyBars(EMPTY_HISTOGRAM)).toEqual([]);
  expect(
    latencyBars(
      histogram(
        Array(19)
          .fill(0)
          .map((_, at) => at + 1),
      ),
    ),
  ).toEqual([]);
  expect(latencyBars(histogram([...Array(100).fill(20), 20.5]))).toEqual([]);
});

test('bars are as long as the line allows, and are left out where they would not fit', () => {
  const data = histogram([...Array(100).fill(1), ...Array(50).fill(30), ...Array(10).fill(1000)]);
  for (const columns of [30, 40, 60]) {
    const lines = barsWithin(data, columns);
    expect(Math.max(...lines.map((line) => line.length))).toBe(columns);
  }
  expect(barsWithin(data, 20)).toEqual([]);
});
