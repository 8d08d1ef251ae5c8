import { setImmediate as giveWay } from 'node:timers/promises';

/** How many multiples are struck out between two looks at the network: about a tenth of a millisecond. */
const SLICE = 100_000;

/**
 * All primes up to `max` inclusive, ascending, by the sieve of Eratosthenes. Works in slices, so that a scan under way
 * on the same thread goes on meanwhile.
 */
export async function primesUpTo(max: number): Promise<readonly number[]> {
  const isComposite = new Uint8Array(max + 1);
  const primes: number[] = [];
  let struck = 0;
  await giveWay();
  for (let candidate = 2; candidate <= max; candidate += 1) {
    if (isComposite[candidate] === 1) continue;
    primes.push(candidate);
    // Smaller multiples have a smaller prime factor and are out already.
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
 * Whether `number`, below 2^53, is a prime, by division through all of `primes` up to its root, which must be among
 * them. A quotient of such numbers is whole in floating point only where it is whole.
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
