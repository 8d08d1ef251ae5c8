import { describe, expect, test } from 'vitest';
import {
  COMPOSITES,
  HEAVIEST,
  LARGEST_PRIME,
  LARGEST_PRIME_SQUARE,
  LIGHTEST,
  MIDDLE,
  MIDDLE_PRIME,
  SMALLEST_PRIME,
} from '../../src/contract/weights.ts';
import { hasNoDivisorBelow } from './fake-shed.ts';

const isPrime = (text: string) => hasNoDivisorBelow(Number(text), Number.POSITIVE_INFINITY);

describe('the weights that the rules put into a shed', () => {
  test('the weights that the rules put into a shed lie within the bounds', () => {
    for (const weight of [...COMPOSITES, LARGEST_PRIME, MIDDLE_PRIME, SMALLEST_PRIME, LARGEST_PRIME_SQUARE]) {
      expect(Number(weight)).toBeGreaterThanOrEqual(Number(LIGHTEST));
      expect(Number(weight)).toBeLessThanOrEqual(Number(HEAVIEST));
    }
    expect(Number(MIDDLE)).toBe((Number(LIGHTEST) + Number(HEAVIEST)) / 2);
  });

  test('each weight that the rules put into a shed is prime or composite, as its name says', () => {
    expect([LARGEST_PRIME, MIDDLE_PRIME, SMALLEST_PRIME].map(isPrime)).toEqual([true, true, true]);
    expect([...COMPOSITES, LARGEST_PRIME_SQUARE].map(isPrime)).toEqual([
      ...COMPOSITES.map(() => false),
      false,
    ]);
  });

  test('the weights that the rules put into a shed include the largest and the smallest prime within the bounds', () => {
    for (let weight = Number(LARGEST_PRIME) + 1; weight <= Number(HEAVIEST); weight += 1) {
      expect(isPrime(String(weight))).toBe(false);
    }
    for (let weight = Number(LIGHTEST); weight < Number(SMALLEST_PRIME); weight += 1) {
      expect(isPrime(String(weight))).toBe(false);
    }
  });

  test('the weights that the rules put into a shed include the square of the largest prime that a wolf has to try', () => {
    expect(399_989 ** 2).toBe(Number(LARGEST_PRIME_SQUARE));
    expect(hasNoDivisorBelow(Number(LARGEST_PRIME_SQUARE), 399_989)).toBe(true);
    for (let root = 399_990; root <= 400_000; root += 1) expect(isPrime(String(root))).toBe(false);
  });
});
