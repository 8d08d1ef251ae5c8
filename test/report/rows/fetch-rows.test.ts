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
  const samples = await fetchRows(
    { port: logs, context: { kind: 'aws', region: 'us-east-1' } },
    GROUP,
    { startEpochSeconds: START, endEpochSeconds: START + endSeconds },
    NOON,
    lines.length,
    world.deps,
    { perQuery: 1000, perPiece: 800 },
  );
  const windows = logs.started.map(({ startEpochSeconds, endEpochSeconds }) => [
    startEpochSeconds - START,
    endEpochSeconds - START,
  ]);
  return { samples, windows, limits: new Set(logs.started.map(({ limit }) => limit)) };
}

describe('raw rows', () => {
  test('that fit are one query, up to the limit, over as many pages as it takes', async () => {
    const { samples, windows, limits } = await fetched(even(799, 100_000), 100, 100);
    expect(windows).toEqual([[0, 100]]);
    expect(limits).toEqual(new Set([1000]));
    expect(samples?.durationMs).toEqual(Array.from({ length: 799 }, (_, index) => index));
  });

  test('that don’t fit are asked for in pieces, each row once and in order, also on the shared seconds', async () => {
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

  test('in a burst: the piece that overflows is cut until it fits, and its rows are not counted twice', async () => {
    const burst = [...even(1900, 10_000), lineAt(95_000, 1900)];
    const { samples, windows } = await fetched(burst, 100);
    expect(samples?.durationMs).toEqual(Array.from({ length: 1901 }, (_, index) => index));
    expect(windows).toContainEqual([0, 33]);
    expect(windows).toContainEqual([5, 9]);
  });

  test('of which more than the limit stand in a second can’t be had', async () => {
    const { samples } = await fetched(even(1000, 900), 1);
    expect(samples).toBeUndefined();
  });

  test('are none where there are none', async () => {
    expect((await fetched([], 10)).samples).toEqual({
      atMs: [],
      durationMs: [],
      initMs: [],
      billedMs: [],
      memoryMB: [],
      status: [],
    });
  });
});
