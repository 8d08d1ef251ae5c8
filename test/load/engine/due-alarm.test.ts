import { afterEach, expect, test, vi } from 'vitest';
import { DueAlarm } from '../../../src/load/engine/due-alarm.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A clock that moves by some microseconds whenever it is read, as one does between two turns of an event loop. */
function slowClock(stepMs: number) {
  let nowMs = 0;
  return {
    read: () => {
      nowMs += stepMs;
      return nowMs;
    },
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('an alarm less than three milliseconds away rings at its time, not at the next tick of a timer', async () => {
  const clock = slowClock(0.005);
  const rang = await new Promise<number>((resolve) => {
    const alarm = new DueAlarm(() => resolve(clock.read()), {
      nowMs: clock.read,
      workDone: () => 0,
      wakeEarlyMs: 2,
    });
    alarm.set(1.234, clock.read());
  });
  expect(rang).toBeGreaterThanOrEqual(1.234);
  expect(rang).toBeLessThan(1.234 + 0.03);
});

test('an alarm that is further away sleeps until two milliseconds before its time', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  const alarm = new DueAlarm(() => undefined, { nowMs: () => 0, workDone: () => 0, wakeEarlyMs: 2 });
  alarm.set(50.6, 0);
  expect(setTimer.mock.calls.map(([, ms]) => ms)).toEqual([48]);
  alarm.clear();
  setTimer.mockRestore();
});

test('turns in which the thread worked do not count as time to spare', async () => {
  const clock = slowClock(0.1);
  let work = 0;
  const alarm = await new Promise<DueAlarm>((resolve) => {
    const ringing = new DueAlarm(() => resolve(ringing), {
      nowMs: clock.read,
      // Something happens in every second turn.
      workDone: () => Math.floor(work++ / 2),
      wakeEarlyMs: 2,
    });
    ringing.set(2, clock.read());
  });
  expect(alarm.spunMs).toBeGreaterThan(0.5);
  expect(alarm.spunMs).toBeLessThan(1.5);
});

test('an alarm that is set for another time or cleared does not ring for the first', async () => {
  const clock = slowClock(0.01);
  const rings: number[] = [];
  const alarm = new DueAlarm(() => rings.push(clock.read()), {
    nowMs: clock.read,
    workDone: () => 0,
    wakeEarlyMs: 2,
  });
  alarm.set(1, clock.read());
  alarm.set(2, clock.read());
  alarm.set(undefined, clock.read());
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(rings).toEqual([]);
});
