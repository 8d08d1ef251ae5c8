import { afterEach, describe, expect, test } from 'vitest';
import { isSurelyCrossed, parseStopCondition } from '../../src/load/early-stop.ts';
import { LatencyRecorder } from '../../src/load/measure/latency-recorder.ts';
import { EMPTY_HISTOGRAM } from '../../src/model/histogram.ts';
import { answer, type RawServer, rawServer } from './support/raw-server.ts';
import { load } from './support/run.ts';

function isSure(
  condition: string,
  [successes, unexpected, errors]: readonly [number, number, number],
  plannedCalls?: number,
  latency = EMPTY_HISTOGRAM,
) {
  const outcomes = { successes, unexpected, errors };
  return isSurelyCrossed(parseStopCondition(condition), { outcomes, latency }, plannedCalls);
}

describe('a condition is sure', () => {
  test('a condition on a count is certain once the count is above it', () => {
    expect(isSure('errors>10', [0, 5, 5], 1000)).toBe(false);
    expect(isSure('errors>10', [0, 5, 6], 1000)).toBe(true);
    expect(isSure('errors>=10', [0, 5, 5])).toBe(true);
    expect(isSure('unanswered>5', [0, 90, 5])).toBe(false);
    expect(isSure('successes>=10', [10, 0, 0])).toBe(true);
  });

  test('a condition on a share of planned calls is certain once it holds even if all other calls succeed', () => {
    expect(isSure('errors>5%', [0, 50, 0], 1000)).toBe(false);
    expect(isSure('errors>5%', [0, 51, 0], 1000)).toBe(true);
  });

  test('a condition on a share without planned calls is certain once chance is excluded', () => {
    expect(isSure('errors>5%', [0, 0, 3])).toBe(false);
    expect(isSure('errors>5%', [0, 0, 4])).toBe(true);
    expect(isSure('errors>5%', [6, 4, 0])).toBe(false);
    expect(isSure('errors>5%', [5, 5, 0])).toBe(true);
    expect(isSure('errors>0%', [9, 1, 0])).toBe(true);
    expect(isSure('errors>0%', [9, 0, 0])).toBe(false);
    expect(isSure('errors>5%', [92, 8, 0])).toBe(false);
    expect(isSure('errors>5%', [900, 100, 0])).toBe(true);
    expect(isSure('errors>5%', [940, 60, 0])).toBe(false);
  });

  test('a condition on a percentile is certain once too many calls were slower', () => {
    const recorder = new LatencyRecorder();
    for (let call = 0; call < 11; call++) recorder.record(300);
    for (let call = 0; call < 89; call++) recorder.record(100);
    const latency = recorder.encode();
    expect(isSure('p99>250ms', [100, 0, 0], 1000, latency)).toBe(true);
    expect(isSure('p99>250ms', [100, 0, 0], 2000, latency)).toBe(false);
    expect(isSure('p90>250ms', [100, 0, 0], 1000, latency)).toBe(false);
    expect(isSure('max>250ms', [100, 0, 0], 1000, latency)).toBe(true);
    expect(isSure('max>300ms', [100, 0, 0], 1000, latency)).toBe(false);
  });
});

test.each(['rate<100/s', 'errors<5%', 'mean>5ms', 'throttled>1', 'retries>3'])(
  'the condition %s, which is never certain before the end, is refused',
  (condition) => {
    expect(() => parseStopCondition(condition)).toThrow(
      expect.objectContaining({ code: 'bad-stop-condition', exitCode: 2 }),
    );
  },
);

describe('a load with a stop condition', () => {
  let server: RawServer | undefined;
  afterEach(async () => {
    await server?.close();
  });

  test.each([[1], [2]])(
    'a load with a stop condition ends early and says why, with %i threads',
    async (threads) => {
      server = await rawServer(({ socket }) => setTimeout(() => socket.write(answer(500)), 5));
      const { accounting, state, warnings, plan } = await load(server.url, {
        calls: 100_000,
        threads,
        stopWhen: ['errors > 0.01%'],
      });
      expect(accounting.calls).toBeGreaterThan(10);
      expect(accounting.calls).toBeLessThan(100_000);
      expect(state).toBe('interrupted');
      expect(plan.stopWhen).toEqual(['errors>0.01%']);
      expect(warnings[0]).toEqual({
        code: 'stopped-early',
        message: 'The load was ended early: errors>0.01% was certain to hold.',
      });
    },
  );

  test('a load with a stop condition that never holds plays its whole plan', async () => {
    server = await rawServer(({ socket }) => socket.write(answer(200)));
    const { accounting, state } = await load(server.url, { calls: 500, stopWhen: ['errors>0', 'max>10s'] });
    expect({ calls: accounting.calls, state }).toEqual({ calls: 500, state: 'complete' });
  });
});
