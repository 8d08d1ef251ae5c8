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

  test('the weights that the rules put into a shed are prime and composite as named', () => {
    expect([LARGEST_PRIME, MIDDLE_PRIME, SMALLEST_PRIME].map(isPrime)).toEqual([true, true, true]);
    expect([...COMPOSITES, LARGEST_PRIME_SQUARE].map(isPrime)).toEqual([
      ...COMPOSITES.map(() => false),
      false,
    ]);
  });

  test('the weights that the rules put into a shed hold the largest and the smallest prime there is', () => {
    for (let weight = Number(LARGEST_PRIME) + 1; weight <= Number(HEAVIEST); weight += 1) {
      expect(isPrime(String(weight))).toBe(false);
    }
    for (let weight = Number(LIGHTEST); weight < Number(SMALLEST_PRIME); weight += 1) {
      expect(isPrime(String(weight))).toBe(false);
    }
  });

  test('the weights that the rules put into a shed hold a square whose root is the last prime that a wolf sieves', () => {
    expect(399_989 ** 2).toBe(Number(LARGEST_PRIME_SQUARE));
    expect(hasNoDivisorBelow(Number(LARGEST_PRIME_SQUARE), 399_989)).toBe(true);
    for (let root = 399_990; root <= 400_000; root += 1) expect(isPrime(String(root))).toBe(false);
  });
});
