import {
  bucketMidMs,
  EMPTY_HISTOGRAM,
  type EncodedHistogram,
  HISTOGRAM_ENCODING,
  SUB_BUCKETS,
} from '../../model/histogram.ts';
import { nearestRank } from '../../model/nearest-rank.ts';

/** 2^43 ns, about 2.4 hours. Longer times are counted in the last bucket, and their maximum stays exact. */
const OCTAVES = 43;
const BUCKETS = OCTAVES * SUB_BUCKETS;
const NS_PER_MS = 1e6;
/** The exponent of 1.0 as a double. A bucket's index is the upper bits of a double minus this. */
const FIRST_BUCKET = 1023 * SUB_BUCKETS;

const NONE = new Float64Array(0);
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
/** Which half of a double holds its exponent: 1 on little-endian machines. */
const UPPER_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Counts latencies in the buckets of `model/histogram.ts`, with constant memory and without an object per value. The
 * bucket's index is read from the bits of the value.
 */
export class LatencyRecorder {
  #counts = NONE;
  #count = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;
  #sumMs = 0;
  #squaresMs = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts one latency in ms. A negative or undefined time (NaN) counts as 0. */
  record(ms: number): void {
    // Math.max would not turn NaN into 0.
    let latencyMs = 0;
    if (ms > 0) latencyMs = ms;
    // Allocated at the first value, because most recorders never get one.
    if (this.#counts === NONE) this.#counts = new Float64Array(BUCKETS);
    this.#count++;
    this.#sumMs += latencyMs;
    this.#squaresMs += latencyMs * latencyMs;
    if (latencyMs < this.#minMs) this.#minMs = latencyMs;
    if (latencyMs > this.#maxMs) this.#maxMs = latencyMs;
    scratch[0] = latencyMs * NS_PER_MS;
    let bucket = ((scratchWords[UPPER_WORD] ?? 0) >>> 10) - FIRST_BUCKET;
    if (bucket < 0) bucket = 0;
    else if (bucket >= BUCKETS) bucket = BUCKETS - 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /**
   * Removes all values but keeps the memory, which stays in the processor's caches. Only the buckets from the smallest to
   * the largest value are written: the system gives a process no memory for buckets that were never written.
   */
  clear(): void {
    if (this.#count > 0) this.#counts.fill(0, bucketIndex(this.#minMs), bucketIndex(this.#maxMs) + 1);
    this.#count = 0;
    this.#minMs = Number.POSITIVE_INFINITY;
    this.#maxMs = 0;
    this.#sumMs = 0;
    this.#squaresMs = 0;
  }

  /**
   * Quantiles of the values of several recorders together, ms, as the model's `quantileMs` defines them. Undefined
   * without values.
   * @param quantiles the quantiles' shares, 0 to 1
   */
  static quantilesOf(
    recorders: readonly LatencyRecorder[],
    quantiles: readonly number[],
  ): number[] | undefined {
    let count = 0;
    let minMs = Number.POSITIVE_INFINITY;
    let maxMs = 0;
    for (const recorder of recorders) {
      count += recorder.#count;
      minMs = Math.min(minMs, recorder.#minMs);
      maxMs = Math.max(maxMs, recorder.#maxMs);
    }
    if (count === 0) return undefined;
    const counts = sumOf(
      recorders.filter((recorder) => recorder.#count > 0).map((recorder) => recorder.#counts),
    );
    const first = bucketIndex(minMs);
    return quantiles.map((q) => {
      const rank = nearestRank(q, count);
      if (rank === count) return maxMs;
      return Math.min(maxMs, Math.max(minMs, bucketMidMs(bucketOfRank(counts, first, rank))));
    });
  }

  encode(): EncodedHistogram {
    if (this.#count === 0) return EMPTY_HISTOGRAM;
    const meanMs = this.#sumMs / this.#count;
    return {
      encoding: HISTOGRAM_ENCODING,
      count: this.#count,
      minMs: toNanosecond(this.#minMs),
      maxMs: toNanosecond(this.#maxMs),
      meanMs: toNanosecond(meanMs),
      stddevMs: toNanosecond(Math.sqrt(Math.max(0, this.#squaresMs / this.#count - meanMs * meanMs))),
      buckets: encodeCounts(this.#counts, bucketIndex(this.#minMs), bucketIndex(this.#maxMs)),
    };
  }
}

/** Rounds to the resolution of clocks. Further digits come from subtracting two readings. */
function toNanosecond(ms: number): number {
  return Math.round(ms * NS_PER_MS) / NS_PER_MS;
}

/** Adds counts bucket by bucket. A single column is returned unchanged. */
function sumOf(columns: readonly Float64Array[]): Float64Array {
  const [first = NONE, ...others] = columns;
  if (others.length === 0) return first;
  const sum = first.slice();
  for (const counts of others)
    for (let at = 0; at < BUCKETS; at++) sum[at] = (sum[at] as number) + (counts[at] as number);
  return sum;
}

function bucketIndex(ms: number): number {
  scratch[0] = ms * NS_PER_MS;
  const index = ((scratchWords[UPPER_WORD] ?? 0) >>> 10) - FIRST_BUCKET;
  return Math.min(BUCKETS - 1, Math.max(0, index));
}

// V8 compiles a function that contains a long loop together with everything that it calls, on the cores that the load
// uses. The loops over buckets are therefore functions of their own, which take less than a millisecond to compile.

/** The bucket of the value with this rank, counted from 1 among the values from the bucket `first` on. */
function bucketOfRank(counts: Float64Array, first: number, rank: number): number {
  let index = first;
  let seen = counts[index] as number;
  while (seen < rank) seen += counts[++index] as number;
  return index;
}

/** The counts from `first` to `last` in the form of a run record. */
function encodeCounts(counts: Float64Array, first: number, last: number): number[] {
  const buckets: number[] = [];
  let before = 0;
  for (let index = first; index <= last; index++) {
    const count = counts[index] as number;
    if (count === 0) continue;
    buckets.push(index - before, count);
    before = index;
  }
  return buckets;
}
