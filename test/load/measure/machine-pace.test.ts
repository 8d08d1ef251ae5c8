import { describe, expect, test } from 'vitest';
import {
  measurePace,
  type PaceReading,
  paceOf,
  readPace,
  slowdown,
} from '../../../src/load/measure/machine-pace.ts';

test('the pace is the CPU time of a thread against that of the reference machine, and the part of the cores that all threads got', () => {
  const reference = paceOf({ threads: 2, wallMs: 167 / 0.9, cpuMs: 334 });
  expect(reference.slowness).toBe(1);
  expect(reference.coreShare).toBeCloseTo(1, 6);
  const slow = paceOf({ threads: 2, wallMs: 835, cpuMs: 668 });
  expect(slow.slowness).toBe(2);
  expect(slow.coreShare).toBeCloseTo(0.4 / 0.9, 6);
});

test('a share of the cores is never above 1, although the two clocks may disagree', () => {
  expect(paceOf({ threads: 2, wallMs: 150, cpuMs: 334 }).coreShare).toBe(1);
});

test('work that needs half of the cores is slowed down by slower cores, and by other programs that leave less than half', () => {
  expect(slowdown({ slowness: 2, coreShare: 0.5 })).toBe(2);
  expect(slowdown({ slowness: 2, coreShare: 0.25 })).toBe(4);
});

test('the reading of this machine has the CPU time of every thread', async () => {
  const { threads, wallMs, cpuMs } = await readPace();
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(wallMs).toBeGreaterThan(0);
  expect(cpuMs).toBeGreaterThan(0);
});

describe('the readings of the pace', () => {
  const fastest: PaceReading = { threads: 2, wallMs: 200, cpuMs: 340 };
  const first: PaceReading = { threads: 2, wallMs: 300, cpuMs: 590 };
  const last: PaceReading = { threads: 2, wallMs: 290, cpuMs: 340 };

  test('before at least half a minute of work, the fastest of three readings of the pace counts, because a short disturbance slows only some of them', async () => {
    const readings = [first, fastest, last];
    expect(await measurePace(30_000, async () => readings.shift() ?? last)).toEqual(paceOf(fastest));
    expect(readings).toEqual([]);
  });

  test('before shorter work one reading of the pace is taken, because the estimate can only be wrong by seconds', async () => {
    const readings = [first, fastest, last];
    expect(await measurePace(29_999, async () => readings.shift() ?? last)).toEqual(paceOf(first));
    expect(readings).toEqual([fastest, last]);
  });
});
