/** Sheep weights in micrograms as decimal text, for the rules. A test proves which of them are prime. */

/** The bounds of a sheep's weight, both inclusive. */
export const LIGHTEST = '80000000000';
export const HEAVIEST = '160000000000';
export const MIDDLE = '120000000000';

/** The largest prime within the bounds. */
export const LARGEST_PRIME = '159999999983';
/** The smallest prime within the bounds. */
export const SMALLEST_PRIME = '80000000021';
/** A prime between the two. */
export const MIDDLE_PRIME = '120000000007';

/**
 * The square of the largest prime below 400,000 = √160,000,000,000. It is composite, but has no smaller factor: a sieve
 * that ends too early takes it for a prime.
 */
export const LARGEST_PRIME_SQUARE = '159991200121';

/** Composite weights: even, odd, a multiple of a large prime. */
export const COMPOSITES: readonly string[] = [
  LIGHTEST,
  '100000000001',
  '119999999999',
  '159999999999',
  HEAVIEST,
];
