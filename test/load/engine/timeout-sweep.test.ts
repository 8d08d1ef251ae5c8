import { expect, test } from 'vitest';
import { TimeoutSweep } from '../../../src/load/engine/timeout-sweep.ts';

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
