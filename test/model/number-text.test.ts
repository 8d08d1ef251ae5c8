import { expect, test } from 'vitest';
import { groupThousands } from '../../src/model/number-text.ts';

test.each([
  0, 1, 12, 123, 1234, 12_345, 999_999, 1_000_000, 1234.5, 999.5, 0.4, -0.4, -1, -1234, 1e15,
  9_007_199_254_740_991,
])('the number %d is written as in the en-US locale', (value) => {
  expect(groupThousands(value)).toBe(
    new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(value).replace(/^-0$/, '0'),
  );
});
