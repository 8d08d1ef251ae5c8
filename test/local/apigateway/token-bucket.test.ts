import { describe, expect, test } from 'vitest';
import { methodThrottle, TokenBucket } from '../../../src/local/services/apigateway/token-bucket.ts';

describe('a token bucket', () => {
  test('a token bucket lets the burst through at once, then one request per refilled token', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect([0, 0, 0, 0].map((ms) => bucket.take(ms))).toEqual([true, true, true, false]);
    expect(bucket.take(99)).toBe(false);
    expect(bucket.take(100)).toBe(true);
    expect(bucket.take(100)).toBe(false);
  });

  test('a token bucket holds no more than the burst, however long nobody came', () => {
    const bucket = new TokenBucket(1000, 2, 0);
    expect([60_000, 60_000, 60_000].map((ms) => bucket.take(ms))).toEqual([true, true, false]);
  });

  test('a token bucket of nought lets nothing through', () => {
    expect(new TokenBucket(0, 0, 0).take(1000)).toBe(false);
  });

  test('a token bucket is not refilled by a clock that goes back', () => {
    const bucket = new TokenBucket(1, 1, 1000);
    expect(bucket.take(1000)).toBe(true);
    expect(bucket.take(500)).toBe(false);
    expect(bucket.take(1499)).toBe(false);
    expect(bucket.take(1500)).toBe(true);
  });

  test('a token bucket is kept for each method by itself', () => {
    const throttle = methodThrottle(1, 1);
    expect([throttle.take('GET a', 0), throttle.take('GET b', 0), throttle.take('GET a', 0)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
