import { expect, onTestFinished, test, vi } from 'vitest';
import { TimeoutSweep } from '../../../src/load/engine/timeout-sweep.ts';
import type { Slot } from '../../../src/load/wire/slot.ts';

/** A sweep whose thread is late by three seconds, in which its process took so much CPU time. */
function lateSweep(workedMs: number): TimeoutSweep {
  let clockMs = 0;
  let cpuMs = 500;
  const clocks = { nowMs: () => clockMs, cpuMs: () => cpuMs };
  const sweep = new TimeoutSweep({ attemptMs: 1000, connectMs: 1000 }, clocks);
  sweep.start([], () => undefined);
  clockMs = 3000;
  cpuMs += workedMs;
  sweep.noteStandstill(clockMs);
  sweep.stop();
  return sweep;
}

test('a thread stood still if its process took hardly any CPU time', () => {
  expect(lateSweep(20).stoodStillMs).toBeGreaterThan(2800);
});

test('a thread that was busy did not stand still', () => {
  expect(lateSweep(2900).stoodStillMs).toBe(0);
});

test.each([20, 2900])(
  'an answer that is read after three seconds in which the process took %i ms of CPU time is not too late',
  (workedMs) => {
    const sweep = lateSweep(workedMs);
    expect(sweep.isTooLate(50, 3005)).toBe(false);
  },
);

test('a thread that stood still after the timer of a check counts that time, and no call times out because of it', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate'] });
  onTestFinished(() => void vi.useRealTimers());
  const cuts: string[] = [];
  const slot = { isBusy: true, isOpening: false, sentMs: 0, cut: (kind: string) => cuts.push(kind) };
  // The start, the timer of the check in time, and its immediate, which runs three seconds later.
  const times = [0, 100, 3100];
  const sweep = new TimeoutSweep(
    { attemptMs: 1000, connectMs: 1000 },
    { nowMs: () => times.shift() ?? 3100, cpuMs: () => 0 },
  );
  sweep.start([slot as unknown as Slot], () => sweep.stop());
  vi.advanceTimersByTime(150);
  expect(sweep.stoodStillMs).toBeGreaterThan(2900);
  expect(cuts).toEqual([]);
});
