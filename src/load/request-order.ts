/** The longest cycle. Weights without a common divisor are rounded to fit. */
const MOST_PLACES = 10_000;

/**
 * Decides which request each call of a cycle sends, by the weights of the requests. Within a cycle every request has
 * exactly its share of the calls, spread as evenly as possible. Call k sends `order[k % order.length]`.
 * @param weights whole numbers, at least 1; 9 and 1 give a cycle of ten calls
 * @see https://github.com/phusion/nginx/commit/27e94984486058d73157038f7950a0a36ecc6e35 smooth weighted round-robin
 */
export function requestOrder(weights: readonly number[]): Uint16Array {
  const shares = reduced(weights);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const credits = shares.map(() => 0);
  return Uint16Array.from({ length: total }, () => {
    let best = 0;
    for (const [at, share] of shares.entries()) {
      credits[at] = (credits[at] ?? 0) + share;
      if ((credits[at] ?? 0) > (credits[best] ?? 0)) best = at;
    }
    credits[best] = (credits[best] ?? 0) - total;
    return best;
  });
}

function reduced(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const shares = weights.map((weight) => weight / divisor);
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total <= MOST_PLACES) return shares;
  return shares.map((share) => Math.max(1, Math.round((share * MOST_PLACES) / total)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
