import { beforeAll, describe, expect, test } from 'vitest';
import { isPrime, primesUpTo } from '../../../handlers/node/src/primes.ts';

describe('the sieve', () => {
  test('the sieve finds the primes and nothing else', async () => {
    expect(await primesUpTo(0)).toEqual([]);
    expect(await primesUpTo(1)).toEqual([]);
    expect(await primesUpTo(2)).toEqual([2]);
    expect(await primesUpTo(31)).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]);
  });

  test('the sieve lets other work of the thread go on', async () => {
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      timer = setImmediate(turn);
    };
    let timer = setImmediate(turn);
    await primesUpTo(400_000);
    clearImmediate(timer);
    // One before it starts, and one after each 100,000 of the 819,796 multiples that it strikes out.
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

describe('division by the sieve’s primes', () => {
  let primes: readonly number[];
  beforeAll(async () => {
    primes = await primesUpTo(400_000);
  });

  test('division by the sieve’s primes has 33,860 primes to divide by', () => {
    expect(primes).toHaveLength(33_860);
    expect(primes.at(-1)).toBe(399_989);
  });

  test('division by the sieve’s primes is right at the ends of the weights', () => {
    expect(isPrime(80_000_000_021, primes)).toBe(true);
    expect(isPrime(80_000_000_000, primes)).toBe(false);
    expect(isPrime(159_999_999_983, primes)).toBe(true);
    expect(isPrime(160_000_000_000, primes)).toBe(false);
  });

  test('division by the sieve’s primes finds the square of the largest prime out', () => {
    expect(isPrime(399_989 ** 2, primes)).toBe(false);
  });

  test('division by the sieve’s primes judges small numbers right', () => {
    const found = Array.from({ length: 32 }, (_, number) => number).filter((number) =>
      isPrime(number, primes),
    );
    expect(found).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]);
  });

  test('division by the sieve’s primes in floating point agrees with integers, also where quotients are close to whole', () => {
    const integers = primes.map((prime) => ({ prime, integer: BigInt(prime) }));
    // Around products of two primes of the sieve, where a remainder of ±1 hides best.
    for (const prime of primes.slice(-200)) {
      for (const other of [2, 3, 200_003, 399_989]) {
        for (const number of [prime * other - 1, prime * other, prime * other + 1]) {
          const whole = BigInt(number);
          const isWholePrime = integers.every((p) => p.prime ** 2 > number || whole % p.integer !== 0n);
          if (isPrime(number, primes) !== isWholePrime) expect.fail(`${number}`);
        }
      }
    }
  }, 60_000);
});
