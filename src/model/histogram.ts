import { nearestRank } from './nearest-rank.ts';

/**
 * Latency histograms in the form of a run record: log-linear, three significant digits, mergeable.
 *
 * A value is a number of nanoseconds, at least 1, not necessarily whole. Each power of two is cut into 1,024 equal
 * buckets, so a bucket is at most 1/1,024 (0.098 %) as wide as the values in it: three significant digits at any
 * magnitude, from a nanosecond to hours. Bucket `i` holds the values `v` with
 *
 *     2^e · (1 + s/1024)  ≤  v  <  2^e · (1 + (s+1)/1024)      e = ⌊i / 1024⌋, s = i mod 1024
 *
 * These are also the upper bits of an IEEE 754 double. A record lists the filled buckets as `[index, count, index,
 * count, …]` in ascending order, every index except the first as the difference from the previous one. Two histograms
 * merge by adding the counts of equal indices.
 */
export const SUB_BUCKETS = 1024;
export const HISTOGRAM_ENCODING = 'log2-1024';
const SUB_BUCKET_BITS = 10;
const NS_PER_MS = 1e6;

/** A histogram in the form of a run record. Times in ms. With `count` 0 every time is 0 and `buckets` is empty. */
export interface EncodedHistogram {
  readonly encoding: typeof HISTOGRAM_ENCODING;
  readonly count: number;
  /** Exact values, not rounded to a bucket. */
  readonly minMs: number;
  readonly maxMs: number;
  readonly meanMs: number;
  /** Standard deviation of the population. */
  readonly stddevMs: number;
  /** Buckets over nanoseconds: `[index, count, index, count, …]`, ascending, indices as differences. */
  readonly buckets: readonly number[];
}

export const EMPTY_HISTOGRAM: EncodedHistogram = {
  encoding: HISTOGRAM_ENCODING,
  count: 0,
  minMs: 0,
  maxMs: 0,
  meanMs: 0,
  stddevMs: 0,
  buckets: [],
};

/** The lower edge of a bucket, ms. */
export function bucketLowMs(index: number): number {
  return (2 ** Math.floor(index / SUB_BUCKETS) * (1 + (index % SUB_BUCKETS) / SUB_BUCKETS)) / NS_PER_MS;
}

/**
 * The value that represents a bucket, ms: the middle of its edges, which differs by at most 0.049 % from any value in
 * it.
 */
export function bucketMidMs(index: number): number {
  return (bucketLowMs(index) + bucketLowMs(index + 1)) / 2;
}

/** The bucket of a time in ms. Times under 1 ns (and NaN) fall into bucket 0. */
export function bucketOfMs(ms: number): number {
  const ns = ms * NS_PER_MS;
  if (!(ns >= 1)) return 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, ns);
  return (view.getUint32(0) >>> (20 - SUB_BUCKET_BITS)) - 1023 * SUB_BUCKETS;
}

/** Each filled bucket of a histogram, ascending: its index and how many values it holds. */
export function* filledBuckets(
  histogram: EncodedHistogram,
): Generator<{ readonly index: number; readonly count: number }> {
  let index = 0;
  for (let at = 0; at + 1 < histogram.buckets.length; at += 2) {
    index += histogram.buckets[at] ?? 0;
    yield { index, count: histogram.buckets[at + 1] ?? 0 };
  }
}

/**
 * The q-quantile in ms, q from 0 to 1, by the nearest rank: the smallest recorded value that at least `q · count`
 * values don't exceed. Its error is at most half a bucket (0.049 %), and it never lies outside the exact minimum and
 * maximum. Undefined for an empty histogram.
 */
export function quantileMs(histogram: EncodedHistogram, q: number): number | undefined {
  if (histogram.count === 0) return undefined;
  const rank = nearestRank(q, histogram.count);
  if (rank >= histogram.count) return histogram.maxMs;
  let seen = 0;
  for (const { index, count } of filledBuckets(histogram)) {
    seen += count;
    if (seen >= rank) return Math.min(histogram.maxMs, Math.max(histogram.minMs, bucketMidMs(index)));
  }
  return histogram.maxMs;
}

/** Encodes `[index, count]` pairs in any order. */
export function encodeBuckets(filled: Iterable<readonly [index: number, count: number]>): number[] {
  const buckets: number[] = [];
  let before = 0;
  for (const [index, count] of [...filled].sort(([a], [b]) => a - b)) {
    buckets.push(index - before, count);
    before = index;
  }
  return buckets;
}

/** The histogram of all values of several: counts added, mean and deviation pooled exactly, extremes kept. */
export function mergeHistograms(histograms: readonly EncodedHistogram[]): EncodedHistogram {
  const filled = histograms.filter((histogram) => histogram.count > 0);
  const [only] = filled;
  if (only === undefined) return EMPTY_HISTOGRAM;
  if (filled.length === 1) return only;
  const count = sum(filled.map((histogram) => histogram.count));
  const meanMs = sum(filled.map((histogram) => histogram.meanMs * histogram.count)) / count;
  const squares = sum(
    filled.map((histogram) => histogram.count * (histogram.stddevMs ** 2 + (histogram.meanMs - meanMs) ** 2)),
  );
  const counts = new Map<number, number>();
  for (const histogram of filled) {
    for (const bucket of filledBuckets(histogram)) {
      counts.set(bucket.index, (counts.get(bucket.index) ?? 0) + bucket.count);
    }
  }
  return {
    encoding: HISTOGRAM_ENCODING,
    count,
    minMs: Math.min(...filled.map((histogram) => histogram.minMs)),
    maxMs: Math.max(...filled.map((histogram) => histogram.maxMs)),
    meanMs,
    stddevMs: Math.sqrt(squares / count),
    buckets: encodeBuckets(counts),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The figures of a histogram, ms. */
export interface LatencySummary {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly stddev: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly max: number;
}

/** Computes the figures of a histogram that has values. Percentiles are by the nearest rank. */
export function summarizeLatency(histogram: EncodedHistogram): LatencySummary {
  const at = (q: number) => Math.round((quantileMs(histogram, q) ?? 0) * NS_PER_MS) / NS_PER_MS;
  return {
    count: histogram.count,
    min: histogram.minMs,
    mean: histogram.meanMs,
    stddev: histogram.stddevMs,
    p50: at(0.5),
    p75: at(0.75),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    'p99.9': at(0.999),
    max: histogram.maxMs,
  };
}
