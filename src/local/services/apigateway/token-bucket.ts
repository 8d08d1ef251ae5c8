import type { StageThrottle } from './rest-api.ts';

/**
 * A token bucket: `burst` requests at once, refilled by `ratePerSecond`.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
export class TokenBucket {
  readonly #ratePerSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number;

  /** @param nowMs a monotonic clock, as in `take` */
  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /** Takes a token. Returns false if there is none. */
  take(nowMs: number): boolean {
    const elapsedMs = Math.max(0, nowMs - this.#filledMs);
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsedMs / 1000) * this.#ratePerSecond);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Creates a stage's default limits, which apply to each of its methods separately. */
export function methodThrottle(ratePerSecond: number, burst: number): StageThrottle {
  const buckets = new Map<string, TokenBucket>();
  return {
    take: (method, nowMs) => {
      let bucket = buckets.get(method);
      if (bucket === undefined) {
        bucket = new TokenBucket(ratePerSecond, burst, nowMs);
        buckets.set(method, bucket);
      }
      return bucket.take(nowMs);
    },
  };
}
