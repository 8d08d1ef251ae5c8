import { expect, test } from 'vitest';
import { paceOf, readPace, slowdown } from '../../../src/load/measure/machine-pace.ts';

test('the pace is the CPU time of a thread against that of the reference machine, and the part of the cores that all threads got', () => {
  const reference = paceOf({ threads: 2, wallMs: 67 / 0.9, cpuMs: 134 });
  expect(reference.slowness).toBe(1);
  expect(reference.coreShare).toBeCloseTo(1, 6);
  const slow = paceOf({ threads: 2, wallMs: 335, cpuMs: 268 });
  expect(slow.slowness).toBe(2);
  expect(slow.coreShare).toBeCloseTo(0.4 / 0.9, 6);
});

test('a share of the cores is never above 1, although the two clocks may disagree', () => {
  expect(paceOf({ threads: 2, wallMs: 60, cpuMs: 134 }).coreShare).toBe(1);
});

test('a computation on all cores is slowed down by slower cores and by other programs', () => {
  expect(slowdown({ slowness: 2, coreShare: 0.5 })).toBe(4);
});

test('the reading of this machine has the CPU time of every thread', async () => {
  const { threads, wallMs, cpuMs } = await readPace();
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(wallMs).toBeGreaterThan(0);
  expect(cpuMs).toBeGreaterThan(0);
});
