import { describe, expect, test } from 'vitest';
import { createSchedule } from '../../src/load/schedule.ts';

const hold = (durationMs: number, rate: number) => ({ durationMs, fromPerSecond: rate, toPerSecond: rate });
const times = (schedule: ReturnType<typeof createSchedule>) =>
  Array.from({ length: schedule.calls }, (_, k) => schedule.dueMs(k));

describe('a constant rate', () => {
  test('a constant rate has its calls at equal distances from the start', () => {
    const schedule = createSchedule([hold(100, 50)]);
    expect(schedule.calls).toBe(5);
    expect(times(schedule)).toEqual([0, 20, 40, 60, 80]);
  });

  test.each([
    [1000, 50, 50],
    [1000, 3, 3],
    [1000, 0.5, 1],
    [100, 1, 1],
    [3_600_000, 1 / 3, 1200],
    [60_000, 99.9, 5994],
    [86_400_000, 1_000_000, 86_400_000_000],
  ])('a load of %d ms at %d calls per second has %d calls', (durationMs, rate, calls) => {
    expect(createSchedule([hold(durationMs, rate)]).calls).toBe(calls);
  });

  test('a constant rate is exact to the nanosecond for the last call of a day', () => {
    const schedule = createSchedule([hold(86_400_000, 7)]);
    expect(schedule.dueMs(604_799)).toBe(Math.round((604_799 / 7) * 1e9) / 1e6);
  });
});

describe('a ramp', () => {
  test('a ramp from 0 has call k due at √(2k/slope)', () => {
    const schedule = createSchedule([{ durationMs: 10_000, fromPerSecond: 0, toPerSecond: 20 }]);
    expect(schedule.calls).toBe(100);
    expect([0, 1, 4, 25, 81].map((k) => schedule.dueMs(k))).toEqual([0, 1000, 2000, 5000, 9000]);
  });

  test('a ramp down to 0 is the mirror image of a ramp up', () => {
    const schedule = createSchedule([{ durationMs: 10_000, fromPerSecond: 20, toPerSecond: 0 }]);
    expect(schedule.calls).toBe(100);
    expect([0, 19, 75, 99].map((k) => schedule.dueMs(k))).toEqual([0, 1000, 5000, 9000]);
  });

  test('a ramp has stages that follow one another without a gap or a repeated call', () => {
    const schedule = createSchedule([
      { durationMs: 2000, fromPerSecond: 0, toPerSecond: 10 },
      hold(1000, 10),
      hold(1000, 0),
      hold(1000, 5),
    ]);
    expect(schedule.calls).toBe(25);
    expect(schedule.durationMs).toBe(5000);
    const due = times(schedule);
    expect(due.slice(10, 20)).toEqual(Array.from({ length: 10 }, (_, k) => 2000 + k * 100));
    expect(due.slice(20)).toEqual([4000, 4200, 4400, 4600, 4800]);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
  });

  test('a ramp gives the same due times when asked backwards', () => {
    const schedule = createSchedule([hold(1000, 10), hold(1000, 20)]);
    const forwards = times(schedule);
    expect(Array.from({ length: 30 }, (_, k) => schedule.dueMs(29 - k)).reverse()).toEqual(forwards);
  });

  test('the due times of any ramp invert its integral', () => {
    for (const [from, to] of [
      [1, 100],
      [100, 1],
      [33.3, 33.4],
      [0.01, 5],
    ] as const) {
      const schedule = createSchedule([{ durationMs: 20_000, fromPerSecond: from, toPerSecond: to }]);
      for (let k = 0; k < schedule.calls; k += 7) {
        const s = schedule.dueMs(k) / 1000;
        expect(from * s + ((to - from) / 20) * ((s * s) / 2)).toBeCloseTo(k, 4);
      }
    }
  });
});

test('a count of calls cuts a schedule off', () => {
  expect(createSchedule([hold(1000, 50)], 7).calls).toBe(7);
});
