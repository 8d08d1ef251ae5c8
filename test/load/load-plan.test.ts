import { describe, expect, test } from 'vitest';
import { ShedbenchError } from '../../src/errors.ts';
import { createLoadPlan, type LoadRequest } from '../../src/load/load-plan.ts';
import { parseDuration } from '../../src/load/parse-duration.ts';
import { parseHeaders } from '../../src/load/parse-headers.ts';
import { parseRamp, parseRate, parseWarmup } from '../../src/load/parse-rate.ts';

function usageOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ShedbenchError)) throw error;
    expect(error.exitCode).toBe(2);
    return { code: error.code, message: error.message, hint: error.hint };
  }
  throw new Error('accepted');
}
const plan = (request: Partial<LoadRequest>) => createLoadPlan({ route: 'cat', ...request });

describe('a time', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    [' 2s ', 2000],
    ['24h', 86_400_000],
  ])('the time %s is %d ms', (text, ms) => {
    expect(parseDuration('--duration', text)).toBe(ms);
  });

  test.each(['', '30', 's', '30 s', '-5s', '5x', '1e3s', '5s,6s', '0s', '25h', 'Infinitys'])(
    'the time %j is refused',
    (text) => {
      expect(usageOf(() => parseDuration('--duration', text)).code).toBe('bad-duration');
    },
  );

  test('the message about a bad time shows how to write one', () => {
    expect(usageOf(() => parseDuration('--duration', '30'))).toEqual({
      code: 'bad-duration',
      message: "--duration takes a time with its unit, not '30'.",
      hint: '--duration 30s, 5m, 1m30s or 500ms',
    });
  });
});

describe('a rate', () => {
  test.each([
    ['50', 50],
    ['0.5', 0.5],
    ['50/s', 50],
    ['600/m', 10],
    ['3600/h', 1],
    ['1000000', 1e6],
  ])('the rate %s is %d calls per second', (text, rate) => {
    expect(parseRate('--rate', text)).toBe(rate);
  });

  test.each(['', '0', '-1', 'x', '50/d', '1000001', '1e3', '5,5', 'NaN'])(
    'the rate %j is refused',
    (text) => {
      expect(usageOf(() => parseRate('--rate', text)).code).toBe('bad-rate');
    },
  );
});

describe('a ramp', () => {
  test('a ramp has stages that hold a rate or go between two', () => {
    expect(parseRamp('30s:0-200,1m:200, 10s:200-50/s')).toEqual([
      { durationMs: 30_000, fromPerSecond: 0, toPerSecond: 200 },
      { durationMs: 60_000, fromPerSecond: 200, toPerSecond: 200 },
      { durationMs: 10_000, fromPerSecond: 200, toPerSecond: 50 },
    ]);
  });

  test.each([
    ['', 'bad-ramp'],
    ['30s', 'bad-ramp'],
    ['30s:', 'bad-ramp'],
    ['30s:1-', 'bad-ramp'],
    ['30s:1-2-3', 'bad-ramp'],
    ['30s:0', 'bad-ramp'],
    ['30s:0-0,5s:0', 'bad-ramp'],
    ['30s:0-2000000', 'bad-ramp'],
    ['200:30s', 'bad-ramp'],
    ['30:200', 'bad-duration'],
    ['30s:5,', 'bad-ramp'],
  ])('the ramp %j is refused', (text, code) => {
    expect(usageOf(() => parseRamp(text)).code).toBe(code);
  });
});

describe('a warm-up', () => {
  test('a warm-up is calls or a time', () => {
    expect(parseWarmup('100')).toEqual({ calls: 100 });
    expect(parseWarmup('10s')).toEqual({ durationMs: 10_000 });
  });

  test.each(['0', '-1', 'x', '100000000'])('the warm-up %j is refused', (text) => {
    expect(['bad-warmup', 'bad-duration']).toContain(usageOf(() => parseWarmup(text)).code);
  });
});

describe('a plan', () => {
  test('a plan by default is the standard bench', () => {
    expect(plan({})).toEqual({
      route: 'cat',
      requests: [{ name: 'cat', method: 'GET', path: '/cat?m=3&n=8', expectedStatuses: [200], weight: 1 }],
      mode: 'closed',
      parallel: 100,
      calls: 1000,
      retries: 0,
      startAt: '1',
      timeoutMs: 35_000,
      threads: 1,
    });
  });

  test('a plan by time has no count', () => {
    expect(plan({ duration: '30s' })).toMatchObject({ mode: 'closed', durationMs: 30_000 });
    expect(plan({ duration: '30s' })).not.toHaveProperty('calls');
  });

  test('a plan by rate has a schedule: over a time, over a count, or over the default count', () => {
    expect(plan({ rate: '50', duration: '2m' })).toMatchObject({
      mode: 'open',
      calls: 6000,
      durationMs: 120_000,
      stages: [{ durationMs: 120_000, fromPerSecond: 50, toPerSecond: 50 }],
    });
    expect(plan({ rate: '50', calls: 100 })).toMatchObject({ calls: 100, durationMs: 2000 });
    expect(plan({ rate: '500' })).toMatchObject({ calls: 1000, durationMs: 2000 });
  });

  test('a plan by ramp has the calls of the integral of its rate', () => {
    expect(plan({ ramp: '30s:0-200,1m:200' })).toMatchObject({
      mode: 'open',
      calls: 15_000,
      durationMs: 90_000,
    });
  });

  test('a first tattoo loses its leading zeros and no digit', () => {
    expect(plan({ startAt: '00018446744073709551615', route: 'sheep', calls: 1 }).startAt).toBe(
      '18446744073709551615',
    );
  });

  test.each([
    [{ rate: '5', ramp: '1s:5' }, 'two-rates', '--rate and --ramp both set the rate.'],
    [{ calls: 5, duration: '5s' }, 'two-bounds', '-c/--call-count and --duration both bound the load.'],
    [{ calls: 5, ramp: '5s:1' }, 'two-bounds', '-c/--call-count and --ramp both bound the load.'],
    [
      { ramp: '5s:1', duration: '5s' },
      'two-bounds',
      '--ramp sets the duration itself; leave out --duration.',
    ],
    [
      { threads: 8, parallel: 4 },
      'too-few-connections',
      "8 threads can't share 4 in parallel: each thread needs at least one.",
    ],
    [
      { route: 'sheep', startAt: '18446744073709551615', calls: 2 },
      'too-many-numbers',
      '2 calls numbered from 18446744073709551615 up need numbers above 18446744073709551615, the largest possible.',
    ],
  ] as const)('the plan %j is refused', (request, code, message) => {
    expect(usageOf(() => plan(request))).toMatchObject({ code, message });
  });

  test('a warm-up needs tattoos too', () => {
    const request = { route: 'sheep', startAt: '18446744073709551606', calls: 10 } as const;
    expect(plan(request).calls).toBe(10);
    expect(usageOf(() => plan({ ...request, warmup: '1' })).hint).toBe('-s 18446744073709551605 or less');
  });
});

describe('the longest load is a day', () => {
  test.each([
    [{ rate: '0.0000000001' }, /^The load would take 316,88\d years; the longest load is 24 hours\.$/],
    [{ rate: '0.01', calls: 10_000 }, /^The load would take 12 days/],
    [{ ramp: '20h:1,20h:2' }, /^The load would take 40\.0 hours/],
    [{ rate: '0.01', calls: 10, warmup: '100000' }, /^The warm-up would take 116 days/],
  ])('the load %j, which is longer than a day, is refused', (words, message) => {
    expect(() => createLoadPlan({ route: 'dog', ...words })).toThrow(
      expect.objectContaining({ code: 'too-long', message: expect.stringMatching(message) }),
    );
  });
});

test.each([{ rate: '0.0000000001', duration: '100ms' }, { ramp: '1s:0-0.0000000001' }])(
  'the load %j, whose rate makes no call in its time, is refused',
  (words) => {
    expect(() => createLoadPlan({ route: 'dog', ...words })).toThrow(
      expect.objectContaining({
        code: 'no-calls',
        exitCode: 2,
        message: 'The load would make no call: its rate is too low for its duration.',
      }),
    );
  },
);

describe('header fields', () => {
  test('header fields are names and values, of which the plan holds the names', () => {
    expect(parseHeaders(['A: b', 'c-d:e: f  ', 'X-Empty:'])).toEqual([
      ['A', 'b'],
      ['c-d', 'e: f'],
      ['X-Empty', ''],
    ]);
    expect(createLoadPlan({ route: 'dog', headers: ['X-Api-Key: secret'] }).headers).toEqual(['x-api-key']);
  });

  test.each([
    ['no colon', 'bad-header'],
    [': value', 'bad-header'],
    ['a b: c', 'bad-header'],
    ['A: b\r\nC: d', 'bad-header'],
    ['A: \u{1f411}', 'bad-header'],
    ['Content-Length: 5', 'reserved-header'],
    ['transfer-encoding: chunked', 'reserved-header'],
    ['Connection: close', 'reserved-header'],
  ])('the header field %j is refused as %s', (text, code) => {
    expect(() => parseHeaders([text])).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });

  test('the refusal of a Connection field names the option that closes connections', () => {
    expect(usageOf(() => parseHeaders(['connection: close'])).hint).toContain('--no-keepalive');
    expect(usageOf(() => parseHeaders(['transfer-encoding: chunked'])).hint).toBeUndefined();
  });

  test('a request has one Host, and other fields as often as they are given', () => {
    expect(() => parseHeaders(['Host: a', 'host: b'])).toThrow(
      expect.objectContaining({ code: 'repeated-header', exitCode: 2 }),
    );
    expect(parseHeaders(['X-Amz-Meta: a', 'x-amz-meta: b', 'Authorization: c'])).toHaveLength(3);
  });

  test.each([
    [['X-Amz-Meta: a', 'x-amz-meta: b'], 'repeated-header'],
    [['Authorization: a'], 'reserved-header'],
    [['X-Amz-Date: a'], 'reserved-header'],
    [['x-amz-security-token: a'], 'reserved-header'],
    [['X-Amz-Content-Sha256: a'], 'reserved-header'],
  ])('a signed request refuses %j as %s', (headers, code) => {
    const signed = { route: 'dog', headers, sigv4: true } as const;
    expect(() => createLoadPlan(signed)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
    expect(() => createLoadPlan({ ...signed, sigv4: false, headers: headers.slice(0, 1) })).not.toThrow();
  });
});
