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
      rehearse: () => undefined,
      wakeEarlyMs: 2,
    });
    alarm.set(1.234, clock.read());
  });
  expect(rang).toBeGreaterThanOrEqual(1.234);
  expect(rang).toBeLessThan(1.234 + 0.03);
});

test('an alarm that is further away sleeps until two milliseconds before its time', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const alarm = new DueAlarm(() => undefined, {
    nowMs: () => 0,
    workDone: () => 0,
    rehearse: () => undefined,
    wakeEarlyMs: 2,
  });
  const beforeMs = Date.now();
  alarm.set(50.6, 0);
  vi.advanceTimersToNextTimer();
  expect(Date.now() - beforeMs).toBe(48);
  alarm.clear();
});

test('turns in which the thread worked do not count as time to spare', async () => {
  const clock = slowClock(0.1);
  let work = 0;
  const alarm = await new Promise<DueAlarm>((resolve) => {
    const ringing = new DueAlarm(() => resolve(ringing), {
      nowMs: clock.read,
      // Something happens in every second turn.
      workDone: () => Math.floor(work++ / 2),
      rehearse: () => undefined,
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
    rehearse: () => undefined,
    wakeEarlyMs: 2,
  });
  alarm.set(1, clock.read());
  alarm.set(2, clock.read());
  alarm.set(undefined, clock.read());
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(rings).toEqual([]);
});

/** An alarm on a clock that the timer moves, with the moments of its rehearsals and its ring, ms. */
function sleepingAlarm(timerLateMs: number) {
  const clock = slowClock(0.005);
  const sleepsMs: number[] = [];
  const setTimer = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((wake: () => void, ms: number) => {
    sleepsMs.push(ms);
    clock.advance(ms + timerLateMs);
    setImmediate(wake);
  }) as typeof setTimeout);
  const rehearsedMs: number[] = [];
  let rang: (ms: number) => void = () => undefined;
  const alarm = new DueAlarm(() => rang(clock.read()), {
    nowMs: clock.read,
    workDone: () => 0,
    rehearse: () => rehearsedMs.push(clock.read()),
    wakeEarlyMs: 2,
  });
  return {
    rehearsedMs,
    sleepsMs,
    ring: (afterMs: number) =>
      new Promise<{ readonly dueMs: number; readonly rangMs: number }>((resolve) => {
        const nowMs = clock.read();
        const dueMs = nowMs + afterMs;
        rang = (rangMs) => resolve({ dueMs, rangMs });
        alarm.set(dueMs, nowMs);
      }).finally(() => alarm.clear()),
    restore: () => setTimer.mockRestore(),
  };
}

/** How long before the call was due each rehearsal was, ms. */
async function rehearsedBefore(
  afterMs: number,
): Promise<{ readonly beforeMs: number[]; readonly slept: boolean }> {
  const alarm = sleepingAlarm(0.5);
  const { dueMs } = await alarm.ring(afterMs);
  alarm.restore();
  return { beforeMs: alarm.rehearsedMs.map((ms) => dueMs - ms), slept: alarm.sleepsMs.length > 0 };
}

test('after a sleep the thread rehearses sending in the last millisecond, but not in the last 60 µs', async () => {
  const { beforeMs, slept } = await rehearsedBefore(10);
  expect(slept).toBe(true);
  expect(Math.max(...beforeMs)).toBeCloseTo(1, 1);
  expect(Math.min(...beforeMs)).toBeCloseTo(0.06, 1);
  expect(Math.min(...beforeMs)).toBeGreaterThan(0.05);
});

test.each([2.5, 1, 0.5])('a thread that has only polled for %d ms does not rehearse', async (afterMs) => {
  expect(await rehearsedBefore(afterMs)).toEqual({ beforeMs: [], slept: false });
});

test('after a timer that was too late the next sleeps end earlier, by 6 ms at most', async () => {
  const alarm = sleepingAlarm(3);
  const first = await alarm.ring(20);
  const second = await alarm.ring(20);
  alarm.restore();
  expect(first.rangMs - first.dueMs).toBeGreaterThan(0.9);
  expect(second.rangMs - second.dueMs).toBeLessThan(0.03);
  expect(alarm.sleepsMs).toEqual([18, 15]);

  const halting = sleepingAlarm(50);
  await halting.ring(20);
  await halting.ring(20);
  halting.restore();
  expect(halting.sleepsMs).toEqual([18, 14]);
});
