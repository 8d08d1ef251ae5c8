import { describe, expect, test } from 'vitest';
import { type Elsewhere, eachBurst, NO_TLS } from '../../src/forecast/bursts.ts';
import type { Burst } from '../../src/forecast/cpu-share.ts';
import { forecastDurations, type Place, summaryOf } from '../../src/forecast/forecast-durations.ts';
import type { MeasuredInvocation } from '../../src/model/forecast.ts';

const SAME: Elsewhere = { coreFactor: 1, overheadMs: 0, tls: NO_TLS, databaseMs: () => 5 };

function burstsOf(invocation: MeasuredInvocation, elsewhere: Elsewhere): Burst[] {
  const bursts: Burst[] = [];
  eachBurst(invocation, elsewhere, (cpuMs, waitMs) => bursts.push({ cpuMs, waitMs }));
  return bursts;
}

const busy = (cpuMs: number): MeasuredInvocation => ({ durationMs: cpuMs, cpuMs, queuedMs: 0, waits: [] });

describe('the bursts of an invocation', () => {
  test('the bursts of an invocation are one burst where it waits for nothing', () => {
    expect(burstsOf(busy(7), SAME)).toEqual([{ cpuMs: 7, waitMs: 0 }]);
  });

  test('the bursts of an invocation have the database’s latency of the other place, and CPU time in proportion to the stretches', () => {
    const invocation = {
      durationMs: 10,
      cpuMs: 8,
      queuedMs: 0,
      waits: [{ operation: 'Scan', startMs: 2, ms: 2 }],
    };
    expect(burstsOf(invocation, SAME)).toEqual([
      { cpuMs: 2, waitMs: 5 },
      { cpuMs: 6, waitMs: 0 },
    ]);
  });

  test('the bursts of an invocation take the slowest of requests side by side as one wait', () => {
    const invocation = {
      durationMs: 4,
      cpuMs: 1,
      queuedMs: 0,
      waits: [
        { operation: 'GetItem', startMs: 1, ms: 2 },
        { operation: 'PutItem', startMs: 2, ms: 1.5 },
      ],
    };
    const bursts = burstsOf(invocation, {
      ...SAME,
      databaseMs: (operation) => (operation === 'PutItem' ? 9 : 2),
    });
    expect(bursts).toHaveLength(2);
    expect(bursts[0]?.waitMs).toBeCloseTo(9 + (4 - 2.5 - 1) * (1 / 1.5), 9);
  });

  test('the bursts of an invocation have the CPU time of a connection before the request that it is opened for', () => {
    const invocation = {
      durationMs: 10,
      cpuMs: 8,
      queuedMs: 0,
      waits: [
        { operation: 'Scan', startMs: 2, ms: 1, opensConnection: true },
        { operation: 'Scan', startMs: 5, ms: 1 },
      ],
    };
    const bursts = burstsOf(invocation, { ...SAME, tls: { connectionMs: 25, requestMs: 0 } });
    expect(bursts.map(({ cpuMs }) => cpuMs)).toEqual([27, 2, 4]);
  });

  test('the bursts of an invocation have the CPU time of TLS before every request', () => {
    const invocation = {
      durationMs: 10,
      cpuMs: 8,
      queuedMs: 0,
      waits: [
        { operation: 'DescribeTable', startMs: 2, ms: 1 },
        // Two requests side by side are one wait.
        { operation: 'Scan', startMs: 5, ms: 1 },
        { operation: 'Scan', startMs: 5.5, ms: 0.5 },
      ],
    };
    const bursts = burstsOf(invocation, { ...SAME, tls: { connectionMs: 25, requestMs: 0.5 } });
    expect(bursts.map(({ cpuMs }) => cpuMs)).toEqual([2.5, 3, 4]);
  });

  test('the bursts of an invocation keep a wait for something else, but no wait for a core of this machine', () => {
    expect(burstsOf({ durationMs: 100, cpuMs: 10, queuedMs: 30, waits: [] }, SAME)).toEqual([
      { cpuMs: 10, waitMs: 60 },
    ]);
  });

  test('the bursts of an invocation take the core’s speed and the service’s own work into account', () => {
    expect(burstsOf(busy(10), { ...SAME, coreFactor: 1.5, overheadMs: 2 })).toEqual([
      { cpuMs: 17, waitMs: 0 },
    ]);
  });

  test('the bursts of an invocation whose threads used more CPU time than it took have all of it', () => {
    expect(burstsOf({ durationMs: 10, cpuMs: 16, queuedMs: 0, waits: [] }, SAME)).toEqual([
      { cpuMs: 16, waitMs: 0 },
    ]);
  });
});

const FULL: Place = { memoryMB: 1769, coreFactor: 1, overheadMs: 0, tls: NO_TLS, latencyFactor: 1 };

describe('the durations elsewhere', () => {
  test('the durations elsewhere are the CPU time where the function has a whole core and waits for nothing', () => {
    expect(summaryOf(forecastDurations([busy(12)], FULL))).toEqual({ mean: 12, p50: 12, p90: 12, p99: 12 });
  });

  test('the durations elsewhere are the CPU time over the share for long work', () => {
    const { mean } = summaryOf(forecastDurations([busy(400)], { ...FULL, memoryMB: 128 }));
    expect(mean / ((400 * 1769) / 128)).toBeCloseTo(1, 1);
  });

  test('the durations elsewhere of work below the quota are its CPU time at any memory size', () => {
    expect(summaryOf(forecastDurations([busy(1)], { ...FULL, memoryMB: 128 })).p99).toBeCloseTo(1, 9);
  });

  test('the durations elsewhere have the distribution of DynamoDB’s latency', () => {
    const invocation = {
      durationMs: 2,
      cpuMs: 1,
      queuedMs: 0,
      waits: [{ operation: 'PutItem', startMs: 0.5, ms: 1 }],
    };
    const { p50, p90 } = summaryOf(forecastDurations([invocation], FULL));
    expect(p50).toBeCloseTo(1 + 4.5, 1);
    expect(p90).toBeCloseTo(1 + 6.5, 1);
  });

  test('the durations elsewhere use all invocations in equal parts', () => {
    const { p50, p90 } = summaryOf(forecastDurations([busy(30), busy(10), busy(20)], FULL));
    expect([p50, p90]).toEqual([20, 30]);
  });

  test('the durations elsewhere are the same for the same inputs', () => {
    const place = { ...FULL, memoryMB: 300 };
    expect(forecastDurations([busy(9), busy(14)], place)).toEqual(
      forecastDurations([busy(9), busy(14)], place),
    );
  });

  test('the durations elsewhere of no invocation are none', () => {
    expect(forecastDurations([], FULL)).toHaveLength(0);
  });
});
