import { expect, test } from 'vitest';
import { mergeOffsets, ServerClock } from '../../../src/load/measure/server-clock.ts';

const date = (epochMs: number) => new Date(Math.floor(epochMs / 1000) * 1000).toUTCString();
const NOON = Date.UTC(2026, 10, 23, 12);

test('without a Date header nothing is known', () => {
  const clock = new ServerClock();
  clock.sample('yesterday', 0, 1);
  expect(clock.offset).toBeUndefined();
});

test('one header narrows the difference down to its second, the time on the way and some slack', () => {
  const clock = new ServerClock();
  clock.sample('Mon, 23 Nov 2026 12:00:00 GMT', NOON + 500, NOON + 520);
  expect(clock.offset).toEqual({ minMs: 500 - 1000 - 50, maxMs: 520 + 50 });
});

test.each([0, 137, -90_000, 3_600_500])(
  'headers over a few seconds pin a difference of %d ms down',
  (offset) => {
    const clock = new ServerClock();
    for (let at = 0; at < 5000; at += 97) {
      const server = NOON + at;
      clock.sample(date(server), server + offset - 3, server + offset + 3);
    }
    const { minMs, maxMs } = clock.offset ?? { minMs: Number.NaN, maxMs: Number.NaN };
    expect(minMs).toBeLessThanOrEqual(offset);
    expect(maxMs).toBeGreaterThanOrEqual(offset);
    expect(maxMs - minMs).toBeLessThan(250);
  },
);

test('headers that contradict each other widen the difference until it holds both', () => {
  const clock = new ServerClock();
  clock.sample(date(NOON), NOON, NOON + 1);
  clock.sample(date(NOON - 10_000), NOON, NOON + 1);
  expect(clock.offset).toEqual({ minMs: -1050, maxMs: 10_051 });
});

test('of several threads what all allow counts, or where they contradict each other what any allows', () => {
  expect(mergeOffsets([])).toBeUndefined();
  expect(mergeOffsets([undefined, { minMs: -5, maxMs: 10 }, { minMs: 0, maxMs: 20 }])).toEqual({
    minMs: 0,
    maxMs: 10,
  });
  expect(
    mergeOffsets([
      { minMs: 0, maxMs: 1 },
      { minMs: 5, maxMs: 6 },
    ]),
  ).toEqual({ minMs: 0, maxMs: 6 });
});
