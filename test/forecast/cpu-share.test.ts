import { describe, expect, test } from 'vitest';
import { elapsedDistribution, elapsedMs, meanElapsedMs, quotaMs } from '../../src/forecast/cpu-share.ts';

const work = (cpuMs: number) => [{ cpuMs, waitMs: 0 }];

describe('the quota of a memory size', () => {
  test('the quota is the share of 1,769 MB in a period of 20 ms', () => {
    expect(quotaMs(1769)).toBe(20);
    expect(quotaMs(128)).toBeCloseTo(1.447, 3);
  });
});

describe('elapsed time under the CPU share', () => {
  test('a burst below the quota takes its own time', () => {
    expect(elapsedMs(work(1), 128, 0)).toBeCloseTo(1, 9);
  });

  test('a burst above the quota runs on until the tick and ends before it is stopped', () => {
    expect(elapsedMs(work(3), 128, 0)).toBeCloseTo(3, 9);
    expect(elapsedMs(work(4), 128, 0)).toBeCloseTo(4, 9);
  });

  test('a burst that crosses the tick waits until later quotas have repaid the overrun', () => {
    // 4 ms used, 1.447 ms allowed: two further quotas repay the 2.553 ms, so the thread runs again at 40 ms.
    expect(elapsedMs(work(6), 128, 0)).toBeCloseTo(42, 5);
  });

  test('work that starts late in a CFS period gets its next quota when that period ends', () => {
    expect(elapsedMs(work(1), 128, 19)).toBeCloseTo(1, 9);
    // One tick ends at the period's end: at 20 ms a new quota is there, and the debt of that period is repaid at 40.
    expect(elapsedMs(work(6), 128, 16)).toBeCloseTo(26, 5);
  });

  test('a tick soon after the start of a period stops a burst soon after its quota is used', () => {
    // The first tick, at 2 ms, finds 2 ms used. The next quota, at 20 ms, repays the overrun; 0.894 ms of it are left.
    expect(elapsedMs(work(2.5), 128, 0, 2)).toBeCloseTo(20.5, 5);
    expect(elapsedMs(work(2.5), 128, 0)).toBeCloseTo(2.5, 9);
  });

  test('a wait splits the work, and a period that begins during it brings a new quota', () => {
    const split = [
      { cpuMs: 1, waitMs: 20 },
      { cpuMs: 1, waitMs: 0 },
    ];
    expect(elapsedMs(split, 128, 0)).toBeCloseTo(22, 9);
  });

  test('an unused quota is not saved for later periods', () => {
    const late = [
      { cpuMs: 0, waitMs: 200 },
      { cpuMs: 6, waitMs: 0 },
    ];
    expect(elapsedMs(late, 128, 0)).toBeCloseTo(242, 5);
  });

  test('long work takes its CPU time divided by the share', () => {
    expect(elapsedMs(work(1000), 128, 0) / ((1000 * 1769) / 128)).toBeCloseTo(1, 2);
  });

  test('from 1,769 MB on work takes the sum of its CPU time and its waits', () => {
    expect(elapsedMs([{ cpuMs: 12, waitMs: 5 }], 1769, 7)).toBe(17);
    expect(elapsedDistribution(work(12), 3008)).toEqual([{ ms: 12, weight: 1 }]);
  });

  test('no work takes no time', () => {
    expect(elapsedMs([], 128, 0)).toBe(0);
    expect(meanElapsedMs([], 128)).toBe(0);
  });

  test('the mean at a larger memory size is never longer by more than one tick', () => {
    for (let memoryMB = 128; memoryMB < 1769; memoryMB += 64) {
      const [less, more] = [meanElapsedMs(work(17.3), memoryMB), meanElapsedMs(work(17.3), memoryMB + 64)];
      expect(more).toBeLessThanOrEqual(less + 4);
    }
  });
});

describe('the distribution over starts', () => {
  test('the weights of the distribution over starts add up to 1', () => {
    const total = elapsedDistribution(work(6), 128).reduce((sum, { weight }) => sum + weight, 0);
    expect(total).toBeCloseTo(1, 12);
  });
});
