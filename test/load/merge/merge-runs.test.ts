import { describe, expect, test } from 'vitest';
import { createLoadPlan, type LoadRequest } from '../../../src/load/load-plan.ts';
import { LatencyRecorder } from '../../../src/load/measure/latency-recorder.ts';
import { mergeRuns, partsOf } from '../../../src/load/merge/merge-runs.ts';
import { createRunRecord } from '../../../src/load/run-record.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram, quantileMs } from '../../../src/model/histogram.ts';
import type { RunRecord } from '../../../src/model/run.ts';

const NAMES = { id: 'merged-dog-node', benchId: 'merged', toolVersion: '9.9.9' };
/** The times in these tests are ms after this moment. */
const BASE_EPOCH_MS = 1_700_000_000_000;
/** Every half percent, as a quantile from 0 to 1. */
const HALF_PERCENTS = Array.from({ length: 201 }, (_, at) => at / 200);

function histogram(values: readonly number[]): EncodedHistogram {
  const recorder = new LatencyRecorder();
  for (const ms of values) recorder.record(ms);
  return recorder.encode();
}

interface Part {
  readonly id?: string;
  readonly latencies?: readonly number[];
  readonly startMs?: number;
  readonly elapsedMs?: number;
  readonly clockOffsetMs?: number;
  readonly request?: Partial<LoadRequest>;
  readonly change?: Partial<RunRecord>;
}

/** A run whose every call was answered 200 in one of `latencies`. */
function part({
  id = 'a',
  latencies = [1, 2, 3],
  startMs = 0,
  elapsedMs = 1000,
  clockOffsetMs = 0,
  request = {},
  change = {},
}: Part): RunRecord {
  const count = latencies.length;
  const success = histogram(latencies);
  const accounting = {
    calls: count,
    successes: count,
    unexpected: 0,
    errors: 0,
    attempts: count,
    retries: 0,
    notSent: 0,
    sentLate: 0,
    attemptsByStatus: { 200: count },
    attemptsByError: {},
    throttled: { apiGateway: 0, lambda: 0 },
    reachedLambda: { min: count, max: count },
  };
  const startEpochMs = BASE_EPOCH_MS + startMs;
  const record = createRunRecord(
    {
      state: 'complete',
      plan: createLoadPlan({ route: 'dog', calls: Math.max(1, count), parallel: 2, ...request }),
      window: { startEpochMs: startEpochMs - 5, endEpochMs: startEpochMs + elapsedMs + 505, closedLateMs: 0 },
      clockOffsetMs,
      startedAtEpochMs: startEpochMs + clockOffsetMs,
      endedAtEpochMs: startEpochMs + elapsedMs + clockOffsetMs,
      elapsedMs,
      rounds: [
        {
          index: 1,
          turn: 1,
          startEpochMs,
          endEpochMs: startEpochMs + elapsedMs,
          elapsedMs,
          accounting,
          success,
        },
      ],
      accounting,
      latency: {
        success,
        unexpected: EMPTY_HISTOGRAM,
        error: EMPTY_HISTOGRAM,
        byStatus: count === 0 ? {} : { 200: success },
        connect: histogram([0.5, 0.7]),
      },
      timeline: {
        binMs: 100,
        bins: [{ successes: count, unexpected: 0, errors: 0, meanMs: success.meanMs, maxMs: success.maxMs }],
      },
      connections: { opened: 2, failed: 1, closedByServer: 0, unsolicited: 0 },
      instrument: {
        cpuShare: 0.5,
        eventLoopUtilization: 0.4,
        eventLoopDelayP99Ms: 1,
        threads: 1,
        peakRssMiB: 50,
      },
      unexpectedSamples: [],
      warnings: [],
    },
    { id, benchId: id, toolVersion: '1', target: { kind: 'url' }, url: 'http://x.test', runtime: 'node' },
  );
  return { ...record, ...change };
}

/** Returns a generator of numbers uniform in [0, 1) that yields the same sequence for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the merge is exact', () => {
  test('the timeline of loads that began years apart has at most a thousand wider bins, with every call', () => {
    const yearMs = 366 * 24 * 3600 * 1000;
    const late = part({ id: 'b', startMs: 20 * yearMs });
    const { timeline } = mergeRuns([part({}), late], NAMES);
    expect(timeline.bins.length).toBeLessThanOrEqual(1001);
    expect(Math.log2(timeline.binMs / 100) % 1).toBe(0);
    expect(timeline.bins.reduce((sum, { successes }) => sum + successes, 0)).toBe(6);
  });

  test('the histogram of a merged run equals the histogram of all values, bucket by bucket', () => {
    const random = createRandom(21);
    for (let trial = 0; trial < 40; trial++) {
      const machines = 2 + Math.floor(random() * 6);
      const values = Array.from({ length: machines }, () =>
        Array.from({ length: Math.floor(random() * 400) }, () => 10 ** (random() * 5 - 1)),
      );
      const [first, ...others] = values.map((latencies, at) => part({ id: `run-${at}`, latencies }));
      if (first === undefined) throw new Error('there is a first machine');
      const merged = mergeRuns([first, ...others], NAMES).latency.success;
      const together = histogram(values.flat());
      expect(merged.buckets).toEqual(together.buckets);
      expect([merged.count, merged.minMs, merged.maxMs]).toEqual([
        together.count,
        together.minMs,
        together.maxMs,
      ]);
      expect(merged.meanMs).toBeCloseTo(together.meanMs, 5);
      const quantiles = (of: EncodedHistogram) => HALF_PERCENTS.map((q) => quantileMs(of, q));
      expect(quantiles(merged)).toEqual(quantiles(together));
    }
  });

  test('runs that are merged in two steps give the same result as in one step', () => {
    const runs = ['a', 'b', 'c'].map((id, at) =>
      part({ id, latencies: [at + 1, 10 * (at + 1)], startMs: 100 * at }),
    );
    const [a, b, c] = runs;
    if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
    const inSteps = mergeRuns([mergeRuns([a, b], { ...NAMES, id: 'ab' }), c], NAMES);
    const atOnce = mergeRuns([a, b, c], NAMES);
    expect(inSteps.latency).toEqual(atOnce.latency);
    expect(inSteps.accounting).toEqual(atOnce.accounting);
    expect(inSteps.timeline).toEqual(atOnce.timeline);
    expect(inSteps.rounds).toEqual(atOnce.rounds);
    expect(inSteps.window).toEqual(atOnce.window);
    expect(partsOf(inSteps)).toEqual(['a', 'b', 'c']);
  });

  test('a merged run has the sum of the counts, the connections and the parallel calls of its parts', () => {
    const merged = mergeRuns(
      [
        part({ id: 'a', latencies: [1, 2], request: { parallel: 3, startAt: '7' } }),
        part({ id: 'b', latencies: [3], request: { parallel: 4, startAt: '5', threads: 2 } }),
      ],
      NAMES,
    );
    expect(merged.accounting).toMatchObject({
      calls: 3,
      attempts: 3,
      attemptsByStatus: { 200: 3 },
      reachedLambda: { min: 3, max: 3 },
    });
    expect(merged.connections).toEqual({ opened: 4, failed: 2, closedByServer: 0, unsolicited: 0 });
    expect(merged.plan).toMatchObject({ parallel: 7, calls: 3, startAt: '5', threads: 3 });
    expect(merged).toMatchObject({ ...NAMES, state: 'complete', mergedFrom: ['a', 'b'] });
  });

  test('the rate of a merged open loop is the sum of the rates of its parts', () => {
    const open = (id: string, rate: string) =>
      part({ id, request: { calls: undefined, rate, duration: '10s' } as never });
    expect(mergeRuns([open('a', '50'), open('b', '70')], NAMES).plan).toMatchObject({
      calls: 1200,
      durationMs: 10_000,
      stages: [{ durationMs: 10_000, fromPerSecond: 120, toPerSecond: 120 }],
    });
  });
});

describe('the time of a merged run', () => {
  test('a merged round lasts from the first send of any machine to the last answer of any machine', () => {
    const merged = mergeRuns(
      [part({ id: 'a', startMs: 0, elapsedMs: 1000 }), part({ id: 'b', startMs: 300, elapsedMs: 1000 })],
      NAMES,
    );
    expect(merged.elapsedMs).toBe(1300);
    expect(merged.rounds[0]).toMatchObject({
      startEpochMs: BASE_EPOCH_MS,
      endEpochMs: BASE_EPOCH_MS + 1300,
    });
    expect(merged.timeline.bins.map(({ successes }) => successes)).toEqual([3, 0, 0, 3]);
  });

  test('the times of the machines are converted to server time, whatever their own clocks show', () => {
    const merged = mergeRuns(
      [part({ id: 'a', clockOffsetMs: 60_000 }), part({ id: 'b', clockOffsetMs: -5000 })],
      NAMES,
    );
    expect(merged.elapsedMs).toBe(1000);
    expect(merged.startedAtEpochMs - merged.clockOffsetMs).toBe(BASE_EPOCH_MS);
    expect(merged.warnings).toEqual([]);
  });

  test('loads that hardly overlapped are merged with a warning', () => {
    const merged = mergeRuns([part({ id: 'a' }), part({ id: 'b', startMs: 30_000 })], NAMES);
    expect(merged.warnings.map(({ code }) => code)).toEqual(['not-at-once']);
  });
});

describe('runs that are not parts of one load', () => {
  test.each<[string, Part, string]>([
    ['another route', { request: { route: 'cat' }, change: { route: 'cat' } }, 'not-one-load'],
    ['another server', { change: { url: 'http://y.test' } }, 'not-one-load'],
    ['another build', { change: { artifactSha256: 'ff' } }, 'not-one-load'],
    ['another limit of time for an answer', { request: { timeoutSeconds: 3 } }, 'not-one-load'],
    ['another number of retries', { request: { retries: 2 } }, 'not-one-load'],
    ['the same run', { id: 'a' }, 'same-run-twice'],
  ])('runs are not merged if they are not parts of one load: %s', (_what, other, code) => {
    expect(() => mergeRuns([part({ id: 'a' }), part({ id: 'b', ...other })], NAMES)).toThrow(
      expect.objectContaining({ code, exitCode: 2 }),
    );
  });

  test('a run is not merged with a run that contains it already', () => {
    const [a, b] = [part({ id: 'a' }), part({ id: 'b' })];
    expect(() => mergeRuns([mergeRuns([a, b], NAMES), b], { ...NAMES, id: 'again' })).toThrow(
      expect.objectContaining({ code: 'same-run-twice' }),
    );
  });
});

test('a merged run is complete if every part is, failed if every part is, and otherwise interrupted', () => {
  const states = (...of: RunRecord['state'][]) => {
    const [first, ...others] = of.map((state, at) => part({ id: `run-${at}`, change: { state } }));
    if (first === undefined) throw new Error('there is a first one');
    return mergeRuns([first, ...others], NAMES).state;
  };
  expect(states('complete', 'complete')).toBe('complete');
  expect(states('complete', 'interrupted')).toBe('interrupted');
  expect(states('complete', 'failed')).toBe('interrupted');
  expect(states('failed', 'failed')).toBe('failed');
});
