import { describe, expect, test } from 'vitest';
import {
  ClosedPacer,
  createCallCounter,
  createCounterMemory,
  createSharedCounter,
  OpenPacer,
} from '../../../src/load/engine/pacer.ts';
import { createSchedule } from '../../../src/load/schedule.ts';

const every100Ms = (calls: number) =>
  createSchedule([{ durationMs: calls * 100, fromPerSecond: 10, toPerSecond: 10 }]);

describe('the closed loop', () => {
  test('the closed loop gives one call after the other up to its limit', () => {
    const pacer = new ClosedPacer(createCallCounter(5), { limit: 8, endMs: 1000 });
    expect(pacer.pending(0)).toBe(3);
    expect([0, 0, 0, 0].map((now) => pacer.claim(now))).toEqual([5, 6, 7, -1]);
    expect(pacer.isExhausted(0)).toBe(true);
  });

  test('the closed loop gives no call from its end on', () => {
    const pacer = new ClosedPacer(createCallCounter(), { limit: Number.POSITIVE_INFINITY, endMs: 1000 });
    expect(pacer.claim(999.9)).toBe(0);
    expect({ claimed: pacer.claim(1000), pending: pacer.pending(1000) }).toEqual({ claimed: -1, pending: 0 });
  });

  test('two counters that share memory never give the same number, or one beyond the limit', () => {
    const memory = createCounterMemory();
    const pacers = [0, 1].map(
      () => new ClosedPacer(createSharedCounter(memory), { limit: 5, endMs: Number.POSITIVE_INFINITY }),
    );
    const claimed = Array.from({ length: 8 }, (_, at) => pacers[at % 2]?.claim(0));
    expect(claimed).toEqual([0, 1, 2, 3, 4, -1, -1, -1]);
  });
});

test('a shared counter goes on past 2^32', () => {
  const counter = createSharedCounter(createCounterMemory());
  counter.skip(2 ** 32);
  expect([counter.peek(), counter.next(), counter.peek()]).toEqual([2 ** 32, 2 ** 32, 2 ** 32 + 1]);
});

describe('the open loop', () => {
  const bounds = { startMs: 1000, endMs: Number.POSITIVE_INFINITY, first: 0, stride: 1, numberedFrom: 40 };

  test('the open loop gives a call once it is due, with its due time, however late it is asked', () => {
    const pacer = new OpenPacer(every100Ms(5), bounds);
    expect(pacer.claim(999)).toBe(-1);
    expect({ call: pacer.claim(1000), due: pacer.intendedMs }).toEqual({ call: 40, due: 1000 });
    expect(pacer.claim(1050)).toBe(-1);
    expect(pacer.nextDueMs()).toBe(1100);
    expect(pacer.pending(1390)).toBe(3);
    expect({ call: pacer.claim(1390), due: pacer.intendedMs }).toEqual({ call: 41, due: 1100 });
    expect({ call: pacer.claim(1390), due: pacer.intendedMs }).toEqual({ call: 42, due: 1200 });
  });

  test('the open loop ends when all were given and its time is over', () => {
    const pacer = new OpenPacer(every100Ms(2), bounds);
    expect([pacer.claim(1150), pacer.claim(1150), pacer.claim(1150)]).toEqual([40, 41, -1]);
    expect({ over: pacer.isExhausted(1199), notSent: pacer.notSent, next: pacer.nextDueMs() }).toEqual({
      over: false,
      notSent: 0,
      next: 1200,
    });
    expect(pacer.isExhausted(1200)).toBe(true);
  });

  test('a schedule that was cut off ends with its last call', () => {
    const cut = createSchedule([{ durationMs: 1000, fromPerSecond: 10, toPerSecond: 10 }], 2);
    const pacer = new OpenPacer(cut, bounds);
    expect([pacer.claim(1150), pacer.claim(1150), pacer.claim(1150)]).toEqual([40, 41, -1]);
    expect({ over: pacer.isExhausted(1150), next: pacer.nextDueMs() }).toEqual({
      over: true,
      next: undefined,
    });
  });

  test('the open loop gives late calls for five seconds after the last fell due, then counts them', () => {
    const pacer = new OpenPacer(every100Ms(10), bounds);
    expect(pacer.claim(5000)).toBe(40);
    expect(pacer.nextDueMs()).toBe(7000);
    expect(pacer.claim(6999)).toBe(41);
    expect({ call: pacer.claim(7000), over: pacer.isExhausted(7000), notSent: pacer.notSent }).toEqual({
      call: -1,
      over: true,
      notSent: 8,
    });
  });

  test('threads divide a schedule call by call', () => {
    const claimed = [0, 1, 2].map((first) => {
      const pacer = new OpenPacer(every100Ms(7), { ...bounds, first, stride: 3, numberedFrom: 0 });
      const calls: number[] = [];
      for (let call = pacer.claim(5000); call >= 0; call = pacer.claim(5000)) calls.push(call);
      return calls;
    });
    expect(claimed).toEqual([
      [0, 3, 6],
      [1, 4],
      [2, 5],
    ]);
  });

  test('a slice ends at its end, and the next goes on with what was due and not sent', () => {
    const pacer = new OpenPacer(every100Ms(10), { ...bounds, endMs: 1300 });
    expect([pacer.claim(1290), pacer.claim(1290)]).toEqual([40, 41]);
    expect(pacer.isExhausted(1299)).toBe(false);
    expect({ next: pacer.nextDueMs(), over: pacer.isExhausted(1300), call: pacer.claim(1300) }).toEqual({
      next: 1300,
      over: true,
      call: -1,
    });
    expect({ resumeAt: pacer.resumeAt, waiting: pacer.waiting, notSent: pacer.notSent }).toEqual({
      resumeAt: 2,
      waiting: 1,
      notSent: 0,
    });
    // Interrupted, there is no next slice.
    pacer.stop(1300);
    expect(pacer.notSent).toBe(1);
  });

  test('the open loop counts what was due and unsent when it is stopped, and not what lay ahead', () => {
    const pacer = new OpenPacer(every100Ms(10), bounds);
    pacer.stop(1250);
    expect({ call: pacer.claim(1500), notSent: pacer.notSent }).toEqual({ call: -1, notSent: 3 });
  });
});
