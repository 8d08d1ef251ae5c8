import type { Timeline } from '../../model/run.ts';

const FIRST_BIN_MS = 100;
/** The largest number of bins, which is enough for a chart. In a longer run the bins are wider, not more numerous. */
const MAX_BINS = 240;

const SUCCESS = 0;
const UNEXPECTED = 1;
const ERROR = 2;
export type OutcomeClass = typeof SUCCESS | typeof UNEXPECTED | typeof ERROR;
export const OUTCOME = { success: SUCCESS, unexpected: UNEXPECTED, error: ERROR } as const;

/** A timeline as plain data: per bin the counts, and the sum and maximum of the success latencies. */
export interface TimelineData {
  readonly binMs: number;
  readonly successes: readonly number[];
  readonly unexpected: readonly number[];
  readonly errors: readonly number[];
  readonly sumMs: readonly number[];
  readonly maxMs: readonly number[];
}

/** Counts ended calls in bins of equal width. The width doubles when a run becomes too long. */
export class TimelineRecorder {
  #binMs = FIRST_BIN_MS;
  readonly #counts = [0, 1, 2].map(() => new Float64Array(MAX_BINS));
  readonly #sumMs = new Float64Array(MAX_BINS);
  readonly #maxMs = new Float64Array(MAX_BINS);

  /** @param atMs since the start of the measured part */
  record(atMs: number, outcome: OutcomeClass, latencyMs: number): void {
    let bin = atMs > 0 ? Math.floor(atMs / this.#binMs) : 0;
    while (bin >= MAX_BINS) {
      this.#widen();
      bin = Math.floor(atMs / this.#binMs);
    }
    const counts = this.#counts[outcome] as Float64Array;
    counts[bin] = (counts[bin] as number) + 1;
    if (outcome !== SUCCESS) return;
    this.#sumMs[bin] = (this.#sumMs[bin] as number) + latencyMs;
    if (latencyMs > (this.#maxMs[bin] as number)) this.#maxMs[bin] = latencyMs;
  }

  clear(): void {
    // Written only if it changed. V8 treats a field that is never written again as a constant, and a write would
    // discard the optimised code.
    if (this.#binMs !== FIRST_BIN_MS) this.#binMs = FIRST_BIN_MS;
    for (const values of [...this.#counts, this.#sumMs, this.#maxMs]) values.fill(0);
  }

  data(): TimelineData {
    let length = MAX_BINS;
    while (length > 0 && this.#counts.every((counts) => counts[length - 1] === 0)) length--;
    const column = (values: Float64Array | undefined) => [...(values ?? []).slice(0, length)];
    return {
      binMs: this.#binMs,
      successes: column(this.#counts[SUCCESS]),
      unexpected: column(this.#counts[UNEXPECTED]),
      errors: column(this.#counts[ERROR]),
      sumMs: column(this.#sumMs),
      maxMs: column(this.#maxMs),
    };
  }

  #widen(): void {
    for (const values of [...this.#counts, this.#sumMs]) pairUp(values, (a, b) => a + b);
    pairUp(this.#maxMs, Math.max);
    this.#binMs *= 2;
  }
}

function pairUp(values: Float64Array, join: (a: number, b: number) => number): void {
  for (let bin = 0; bin < MAX_BINS; bin++) {
    const [a, b] = [values[2 * bin] ?? 0, values[2 * bin + 1] ?? 0];
    values[bin] = 2 * bin < MAX_BINS ? join(a, b) : 0;
  }
}

/** Merges timelines with the same start. Bins are as wide as those of the widest. */
export function mergeTimelines(timelines: readonly TimelineData[]): Timeline {
  const binMs = Math.max(FIRST_BIN_MS, ...timelines.map((timeline) => timeline.binMs));
  const length = Math.max(
    0,
    ...timelines.map((timeline) => Math.ceil((timeline.successes.length * timeline.binMs) / binMs)),
  );
  const bins = Array.from({ length }, () => ({
    successes: 0,
    unexpected: 0,
    errors: 0,
    sumMs: 0,
    maxMs: 0,
  }));
  for (const timeline of timelines) {
    timeline.successes.forEach((successes, at) => {
      const bin = bins[Math.floor((at * timeline.binMs) / binMs)];
      if (bin === undefined) return;
      bin.successes += successes;
      bin.unexpected += timeline.unexpected[at] ?? 0;
      bin.errors += timeline.errors[at] ?? 0;
      bin.sumMs += timeline.sumMs[at] ?? 0;
      bin.maxMs = Math.max(bin.maxMs, timeline.maxMs[at] ?? 0);
    });
  }
  return {
    binMs,
    bins: bins.map(({ sumMs, ...bin }) => ({
      ...bin,
      meanMs: bin.successes > 0 ? sumMs / bin.successes : 0,
    })),
  };
}
