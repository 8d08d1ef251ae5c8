import { expect, test } from 'vitest';
import { counted, groupThousands } from '../../src/model/number-text.ts';

test.each([
  0, 1, 12, 123, 1234, 12_345, 999_999, 1_000_000, 1234.5, 999.5, 0.4, -0.4, -1, -1234, 1e15,
  9_007_199_254_740_991,
])('the number %d is written as in the en-US locale', (value) => {
  expect(groupThousands(value)).toBe(
    new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(value).replace(/^-0$/, '0'),
  );
});

test('a count has its noun in the singular only for one', () => {
  expect([0, 1, 2, 1234].map((count) => counted(count, 'call'))).toEqual([
    '0 calls',
    '1 call',
    '2 calls',
    '1,234 calls',
  ]);
  expect([1, 2].map((count) => counted(count, 'retry is', 'retries are'))).toEqual([
    '1 retry is',
    '2 retries are',
  ]);
});
