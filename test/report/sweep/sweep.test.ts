import { describe, expect, test } from 'vitest';
import type { CostSection, Report, ReportedRun } from '../../../src/model/report.ts';
import { runName } from '../../../src/model/run-name.ts';
import type { Architecture } from '../../../src/model/target.ts';
import { fragmentOf, renderPowerTuning } from '../../../src/render/power-tuning.ts';
import { sweepRows } from '../../../src/render/sweep.ts';
import { sweepOf } from '../../../src/report/sweep/sweep.ts';
import { speedRatios } from '../../../src/report/verdict/ratios.ts';
import { standingsOf } from '../../../src/report/verdict/standings.ts';
import { sweepSentence } from '../../../src/report/verdict/sweep-sentence.ts';
import { clientOf } from '../fixtures.ts';
import { inRounds, measured } from '../measured-run.ts';

const PRICED: CostSection = {
  state: 'priced',
  priceRegion: 'us-east-1',
  pricesAsOf: '2026-11-26',
  rows: [],
  unpriced: [],
};
const UNPRICED: CostSection = { state: 'unpriced', reason: 'none', hint: 'none' };
const CONDITIONS = { hosts: 'one', doubt: undefined } as const;

/** A function that takes `ms` warm at a memory size, over eight rounds. */
function at(
  memorySizeMB: number,
  ms: number,
  runtime = 'rust',
  architecture: Architecture = 'arm64',
): ReportedRun {
  const run = measured(runtime, 'cat', { warm: inRounds(ms), cold: [{ durationMs: ms, initMs: 50 }] });
  return { ...run, runId: `${runtime}-${memorySizeMB}-${architecture}`, memorySizeMB, architecture };
}

/** CPU-bound: time falls as memory rises, up to one vCPU. */
const SIZES: readonly ReportedRun[] = [at(1769, 10.2), at(128, 120), at(512, 31), at(3008, 10)];

describe('a sweep over memory sizes', () => {
  const sweep = sweepOf(SIZES, PRICED);
  const [curve] = sweep?.curves ?? [];

  test('a sweep over memory sizes has one curve for each function, its sizes ascending, with intervals over rounds', () => {
    expect(sweep?.curves).toHaveLength(1);
    expect(curve?.points.map(({ memorySizeMB }) => memorySizeMB)).toEqual([128, 512, 1769, 3008]);
    const first = curve?.points[0];
    expect(first?.warmMs?.interval?.low).toBeLessThan(first?.warmMs?.p50 ?? 0);
    expect(first?.warmMs?.interval?.high).toBeGreaterThan(first?.warmMs?.p50 ?? 0);
    expect(first?.coldMs?.p50).toBeGreaterThan(first?.warmMs?.p50 ?? Number.POSITIVE_INFINITY);
  });

  test('a sweep prices the billed warm time of each size, by hand for one', () => {
    // 120 ms ± 2 % in eight rounds, billed in whole ms: about 120.5 ms × 0.125 GB × $0.0000133334 × 10⁶.
    expect(curve?.points[0]?.computeUsd?.value).toBeCloseTo(0.201, 2);
    expect(curve?.points[0]?.computeUsd?.interval).toBeDefined();
  });

  test('a sweep prices a cold call by the median billed duration, init included, by hand for one', () => {
    // 120 ms and an init of 50 ms are billed as 170 ms: × 0.125 GB × $0.0000133334 × 10⁶.
    expect(curve?.points[0]?.coldComputeUsd?.value).toBeCloseTo(0.283, 2);
    expect(curve?.points[0]?.coldComputeUsd?.interval).toBeUndefined();
  });

  test('a sweep over memory sizes names the sizes that cannot be told from the cheapest and from the fastest', () => {
    expect(curve?.cheapestMB[0]).toBe(128);
    expect(curve?.fastestMB).toEqual([3008, 1769]);
  });

  test('a sweep over memory sizes names the size that balances time and cost, and those that no other beats in both', () => {
    // Shares of the highest time and cost: 1 + 0.5; 0.26 + 0.54; 0.09 + 0.63; 0.08 + 1.
    expect(curve?.balancedMB).toBe(1769);
    expect(curve?.paretoMB).toEqual(expect.arrayContaining([128, 3008]));
  });

  test('a sweep over memory sizes leaves cost out where the region has no price', () => {
    const [unpriced] = sweepOf(SIZES, UNPRICED)?.curves ?? [];
    expect(unpriced?.points.every(({ computeUsd }) => computeUsd === undefined)).toBe(true);
    expect(unpriced).toMatchObject({ cheapestMB: [], paretoMB: [] });
    expect(unpriced?.balancedMB).toBeUndefined();
  });

  test('a sweep over memory sizes is absent where every function was measured in one setting', () => {
    expect(sweepOf([at(128, 10), at(128, 20, 'python')], PRICED)).toBeUndefined();
  });

  test('a sweep leaves out a run that did not do its work', () => {
    const failed = { ...at(256, 60), client: { ...clientOf(at(256, 60)), errors: 3 } };
    const [own] = sweepOf([...SIZES, failed], PRICED)?.curves ?? [];
    expect(own?.points.map(({ memorySizeMB }) => memorySizeMB)).not.toContain(256);
  });

  test('a sweep over memory sizes names the sizes at which a function ran out of memory, and has no point there', () => {
    const small = at(128, 100);
    if (small.server.state !== 'measured' || small.server.samples === undefined) throw new Error('no rows');
    const samples = small.server.samples;
    const failed: ReportedRun = {
      ...small,
      client: { ...clientOf(small), unexpected: 4 },
      server: {
        ...small.server,
        samples: {
          ...samples,
          status: samples.status.map((_, row) => (row === 0 ? 2 : 0)),
          memoryMB: samples.memoryMB.map((_, row) => (row === 0 ? 128 : 60)),
        },
      },
    };
    const sweep = sweepOf([failed, at(256, 50), at(512, 25)], PRICED);
    expect(sweep?.curves[0]?.points.map(({ memorySizeMB }) => memorySizeMB)).toEqual([256, 512]);
    expect(sweep?.curves[0]?.outOfMemoryMB).toEqual([128]);
    expect(sweepSentence(sweep)).toContain("; Rust's cat runs out of memory at 128 MB.");

    // With one size left there is no curve, but the size that is too small is told all the same.
    const two = sweepOf([failed, at(256, 50)], PRICED);
    expect(two?.curves[0]).toMatchObject({ outOfMemoryMB: [128], points: [{ memorySizeMB: 256 }] });
    expect(sweepSentence(two)).toBe("Memory: Rust's cat runs out of memory at 128 MB.");
    const rows = sweepRows({ sweep: two } as Report);
    expect(rows.map(({ marks, point }) => [point.memorySizeMB, marks])).toEqual([
      [128, 'out of memory'],
      [256, '$»='],
    ]);
  });

  test('a sweep over memory sizes is told in one sentence', () => {
    expect(sweepSentence(sweep)).toBe(
      "Memory: Rust's cat is cheapest at 128 MB, fastest from 1769 MB up, balanced at 1769 MB.",
    );
  });
});

describe('two architectures', () => {
  test('two architectures are held against each other at the same size alone', () => {
    const runs = [at(128, 100, 'rust', 'x86_64'), at(128, 80), at(512, 25)];
    const sweep = sweepOf(runs, PRICED);
    expect(sweep?.architectures).toHaveLength(1);
    const [pair] = sweep?.architectures ?? [];
    expect(pair).toMatchObject({ route: 'cat', runtime: 'rust', memorySizeMB: 128 });
    expect(pair?.speed).toBeCloseTo(1.25, 2);
    // A fifth less time at four fifths of the price.
    expect(pair?.cost).toBeCloseTo(1.25 * 1.25, 1);
  });
});

describe('a report of several settings', () => {
  const runs = [at(128, 100), at(128, 300, 'python'), at(512, 25), at(512, 80, 'python')];

  test('a report of several settings holds languages against each other within one setting', () => {
    const standings = standingsOf(runs, CONDITIONS).filter(({ temperature }) => temperature === 'warm');
    expect(standings.map(({ bestRunId, rivals }) => [bestRunId, rivals.map(({ runId }) => runId)])).toEqual([
      ['rust-128-arm64', ['python-128-arm64']],
      ['rust-512-arm64', ['python-512-arm64']],
    ]);
    const ratios = speedRatios(runs, 'python', CONDITIONS).filter(
      ({ temperature }) => temperature === 'warm',
    );
    expect(ratios.map(({ runId, ratio }) => [runId, Math.round(ratio * 10) / 10])).toEqual([
      ['rust-128-arm64', 3],
      ['rust-512-arm64', 3.2],
    ]);
  });

  test('a report of several settings names each run by its setting, and by its time only where the setting does not tell', () => {
    const [rust128, python128] = runs;
    if (rust128 === undefined || python128 === undefined) throw new Error('no runs');
    expect(runName(rust128, runs)).toBe('rust 128 MB');
    expect(runName(rust128, [rust128, python128])).toBe('rust');
    const again = { ...rust128, runId: 'again' };
    expect(runName(rust128, [...runs, again])).toMatch(/^rust 128 MB 11-23 \d\d:\d\d$/);
  });
});

describe("the link of AWS Lambda Power Tuning's visualisation", () => {
  test("the link of AWS Lambda Power Tuning's visualisation holds sizes, times and costs as base64 of int16 and float32", () => {
    const fragment = fragmentOf({
      route: 'cat',
      runtime: 'rust',
      architecture: 'arm64',
      points: [
        { runId: 'a', memorySizeMB: 128, warmMs: { p50: 1.5 }, computeUsd: { value: 2 } },
        { runId: 'b', memorySizeMB: 1024, warmMs: { p50: 0.25 }, computeUsd: { value: 4 } },
        { runId: 'c', memorySizeMB: 2048, warmMs: { p50: 0.2 } },
      ],
      cheapestMB: [],
      fastestMB: [],
      paretoMB: [],
    });
    const [sizes = '', times = '', costs = ''] = fragment.split(';');
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64')).buffer;
    expect([...new Int16Array(bytes(sizes))]).toEqual([128, 1024]);
    expect([...new Float32Array(bytes(times))]).toEqual([1.5, 0.25]);
    expect([...new Float32Array(bytes(costs))]).toEqual([Math.fround(2e-6), Math.fround(4e-6)]);
  });

  test("the link of AWS Lambda Power Tuning's visualisation is one line for each function, and nothing without a sweep", () => {
    const sweep = sweepOf(SIZES, PRICED);
    if (sweep === undefined) throw new Error('no sweep');
    const text = renderPowerTuning({ sweep } as Report);
    expect(text).toMatch(/^rust cat\thttps:\/\/lambda-power-tuning\.show\/#[A-Za-z0-9+/=;]+\n$/);
    expect(renderPowerTuning({} as Report)).toBe('');
  });
});
