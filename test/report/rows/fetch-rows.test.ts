import { describe, expect, test } from 'vitest';
import { fetchRows } from '../../../src/report/rows/fetch-rows.ts';
import { FakeInsights, type FakeLine } from '../fake-insights.ts';
import { FakeWorld, NOON } from '../fixtures.ts';

const GROUP = '/aws/lambda/sheepshed-rust-get-cat-ackermann';
const START = NOON / 1000;

const lineAt = (offsetMs: number, index: number): FakeLine => ({
  atEpochMs: NOON + offsetMs,
  durationMs: index,
  billedMs: index,
  memoryMB: 30,
});

/** So many lines, evenly over so many ms. */
const even = (count: number, spanMs: number) =>
  Array.from({ length: count }, (_, index) => lineAt(Math.floor((index * spanMs) / count), index));

async function fetched(lines: readonly FakeLine[], endSeconds: number, pageRows = 10_000) {
  const world = new FakeWorld(NOON + 1_000_000);
  const logs = new FakeInsights({ [GROUP]: lines }, { now: () => world.nowEpochMs, pageRows });
  const rows = await fetchRows(
    { port: logs, context: { kind: 'aws', region: 'us-east-1' } },
    GROUP,
    { startEpochSeconds: START, endEpochSeconds: START + endSeconds },
    { windowStartEpochMs: NOON, rounds: [] },
    lines.length,
    world.deps,
    { perQuery: 1000, perPiece: 800 },
  );
  const windows = logs.started.map(({ startEpochSeconds, endEpochSeconds }) => [
    startEpochSeconds - START,
    endEpochSeconds - START,
  ]);
  return { rows, samples: rows?.samples, windows, limits: new Set(logs.started.map(({ limit }) => limit)) };
}

describe('raw rows', () => {
  test('raw rows that fit are one query, up to the limit, over as many pages as it takes', async () => {
    const { samples, windows, limits } = await fetched(even(799, 100_000), 100, 100);
    expect(windows).toEqual([[0, 100]]);
    expect(limits).toEqual(new Set([1000]));
    expect(samples?.durationMs).toEqual(Array.from({ length: 799 }, (_, index) => index));
  });

  test('raw rows that do not fit are asked for in pieces, each row once and in order, also on the shared seconds', async () => {
    const { samples, windows } = await fetched(even(2500, 100_000), 100);
    expect(windows).toEqual([
      [0, 25],
      [25, 50],
      [50, 75],
      [75, 100],
    ]);
    expect(samples?.durationMs).toEqual(Array.from({ length: 2500 }, (_, index) => index));
    expect(samples?.atMs.at(-1)).toBe(99_960);
  });

  test('a piece with more rows than a query returns is cut until it fits, and its rows are not counted twice', async () => {
    const burst = [...even(1900, 10_000), lineAt(95_000, 1900)];
    const { samples, windows } = await fetched(burst, 100);
    expect(samples?.durationMs).toEqual(Array.from({ length: 1901 }, (_, index) => index));
    expect(windows).toContainEqual([0, 33]);
    expect(windows).toContainEqual([5, 9]);
  });

  test('rows of which more than the limit have the same second can not be read', async () => {
    const { samples } = await fetched(even(1000, 900), 1);
    expect(samples).toBeUndefined();
  });

  test('raw rows that stand there twice count once, and a request without a name counts each time', async () => {
    const twice = even(10, 1000).flatMap((line, index) => {
      const named = { ...line, requestId: index === 9 ? '' : `request-${index}` };
      return index < 3 || index === 9 ? [named, named] : [named];
    });
    const { rows } = await fetched(twice, 10);
    expect(rows?.duplicates).toBe(3);
    expect(rows?.samples.durationMs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]);
    expect(rows?.allSamples.durationMs).toHaveLength(14);
  });

  test('raw rows that are duplicates are told from rows that a cut piece gave before', async () => {
    const { rows } = await fetched([...even(1900, 10_000), lineAt(95_000, 1900)], 100);
    expect(rows?.duplicates).toBe(0);
  });

  test('raw rows of several environments bear their number, in the order of their first rows', async () => {
    const streams = ['b', 'a', 'b', 'c', 'a'];
    const lines = even(5, 1000).map((line, index) => ({ ...line, logStream: streams[index] ?? '' }));
    expect((await fetched(lines, 10)).samples?.environment).toEqual([0, 1, 0, 2, 1]);
  });

  test('raw rows are none where there are none', async () => {
    expect((await fetched([], 10)).samples).toEqual({
      atMs: [],
      round: [],
      environment: [],
      durationMs: [],
      initMs: [],
      billedMs: [],
      memoryMB: [],
      status: [],
    });
  });
});
