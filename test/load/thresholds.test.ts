import { describe, expect, test } from 'vitest';
import { ShedbenchError } from '../../src/errors.ts';
import { LatencyRecorder } from '../../src/load/measure/latency-recorder.ts';
import { evaluateThresholds, type Judged, parseThreshold } from '../../src/load/thresholds.ts';
import { EMPTY_HISTOGRAM } from '../../src/model/histogram.ts';

function judged(
  accounting: Partial<Judged['accounting']> = {},
  latencies: readonly number[] = [10, 20, 30, 400],
): Judged {
  const recorder = new LatencyRecorder();
  for (const ms of latencies) recorder.record(ms);
  return {
    elapsedMs: 2000,
    accounting: {
      calls: 1000,
      successes: 990,
      unexpected: 7,
      errors: 3,
      attempts: 1005,
      retries: 5,
      notSent: 2,
      sentLate: 20,
      attemptsByStatus: {},
      attemptsByError: {},
      throttled: { apiGateway: 4, lambda: 1 },
      reachedLambda: { min: 0, max: 0 },
      ...accounting,
    },
    latency: {
      success: recorder.encode(),
      unexpected: EMPTY_HISTOGRAM,
      error: EMPTY_HISTOGRAM,
      byStatus: {},
      connect: EMPTY_HISTOGRAM,
    },
  };
}
const outcome = (expression: string, run = judged()) =>
  evaluateThresholds([parseThreshold(expression)], run)[0];

describe('reading', () => {
  test.each([
    ['errors>0.1%', { metric: 'errors', comparison: '>', limit: 0.001, unit: 'share' }],
    ['errors >= 5', { metric: 'errors', comparison: '>=', limit: 5, unit: 'calls' }],
    ['p99>250ms', { metric: 'p99', comparison: '>', limit: 250, unit: 'ms' }],
    ['P99.9 > 1.5s', { metric: 'p99.9', comparison: '>', limit: 1500, unit: 'ms' }],
    ['p50>800us', { metric: 'p50', comparison: '>', limit: 0.8, unit: 'ms' }],
    ['max>300', { metric: 'max', comparison: '>', limit: 300, unit: 'ms' }],
    ['rate<100/s', { metric: 'rate', comparison: '<', limit: 100, unit: 'per-second' }],
    ['not-sent>0', { metric: 'not-sent', comparison: '>', limit: 0, unit: 'calls' }],
  ])('a threshold is read: %s', (text, expected) => {
    expect(parseThreshold(text)).toEqual({ expression: text.replaceAll(' ', ''), ...expected });
  });

  test.each([
    '',
    'errors',
    'errors=5',
    'errors>x',
    'errors>5ms',
    'p99>5%',
    'rate<5ms',
    'p101>5ms',
    'p>5ms',
    'latency>5ms',
    'errors>5>6',
    'errors>-1',
  ])('the threshold %j is refused with examples', (text) => {
    try {
      parseThreshold(text);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ShedbenchError)) throw error;
      expect(error).toMatchObject({ code: 'bad-threshold', exitCode: 2 });
      expect(error.hint).toContain("--fail-if 'errors>0.1%'");
    }
  });
});

describe('judging', () => {
  test.each([
    ['errors>0.9%', true, 0.01, '1 %'],
    ['errors>1%', false, 0.01, '1 %'],
    ['errors>=1%', true, 0.01, '1 %'],
    ['errors>9', true, 10, '10'],
    ['unexpected>6', true, 7, '7'],
    ['unanswered>3', false, 3, '3'],
    ['throttled>4', true, 5, '5'],
    ['retries>5', false, 5, '5'],
    ['not-sent>0', true, 2, '2'],
    ['not-sent>50%', false, 2 / 1002, '0.2 %'],
    ['retries>0.5%', false, 5 / 1005, '0.498 %'],
    ['unexpected>0.7%', false, 0.007, '0.7 %'],
    ['unexpected>=0.7%', true, 0.007, '0.7 %'],
    ['unexpected<=0.7%', true, 0.007, '0.7 %'],
    ['unexpected<0.7%', false, 0.007, '0.7 %'],
    ['late>1%', true, 0.02, '2 %'],
    ['successes<99%', false, 0.99, '99 %'],
    ['rate<500', true, 495, '495/s'],
    ['max>300ms', true, 400, '400 ms'],
    ['min<10ms', false, 10, '10 ms'],
    ['mean>115', false, 115, '115 ms'],
    ['p75>30.1ms', false, 30, '30.01 ms'],
    ['p99>0.4s', false, 400, '400 ms'],
    ['p999>399ms', true, 400, '400 ms'],
  ])('the threshold %s is exceeded: %s', (expression, failed, actual, actualText) => {
    const judgement = outcome(expression);
    expect({ failed: judgement?.failed, actualText: judgement?.actualText }).toEqual({ failed, actualText });
    expect(Math.abs((judgement?.actual ?? 0) - actual)).toBeLessThanOrEqual(actual * 0.0005);
  });

  test('what was not measured fails: a gate that saw nothing does not open', () => {
    expect(outcome('p99>250ms', judged({}, []))).toEqual({
      expression: 'p99>250ms',
      failed: true,
      actualText: 'no successful call',
    });
    expect(outcome('errors>50%', judged({ calls: 0 }))).toMatchObject({
      failed: true,
      actualText: 'no call was made',
    });
  });
});
