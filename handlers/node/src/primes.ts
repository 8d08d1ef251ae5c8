import { setImmediate as giveWay } from 'node:timers/promises';

/** How many multiples are marked before the event loop gets a turn: about 100 µs of work. */
const SLICE = 100_000;

/**
 * Returns all primes up to `max` inclusive, ascending, by the sieve of Eratosthenes. It works in slices, so that a scan
 * in progress on the same thread continues meanwhile.
 */
export async function primesUpTo(max: number): Promise<readonly number[]> {
  const isComposite = new Uint8Array(max + 1);
  const primes: number[] = [];
  let struck = 0;
  await giveWay();
  for (let candidate = 2; candidate <= max; candidate += 1) {
    if (isComposite[candidate] === 1) continue;
    primes.push(candidate);
    // Smaller multiples have a smaller prime factor and are marked already.
    for (let multiple = candidate * candidate; multiple <= max; multiple += candidate) {
      isComposite[multiple] = 1;
      struck += 1;
    }
    if (struck < SLICE) continue;
    struck = 0;
    await giveWay();
  }
  return primes;
}

/**
 * Whether `number`, below 2^53, is prime. It divides by all of `primes` up to the root of `number`, which must be
 * included. For such numbers a floating-point quotient is whole only if the exact quotient is.
 */
export function isPrime(number: number, primes: readonly number[]): boolean {
  if (number < 2) return false;
  for (const prime of primes) {
    if (prime * prime > number) break;
    const quotient = number / prime;
    if (quotient === Math.floor(quotient)) return false;
  }
  return true;
}
