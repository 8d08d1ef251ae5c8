import { expect, test } from 'vitest';
import { counted, formatForecastMs, formatShare, groupThousands } from '../../src/model/number-text.ts';

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

test('a share has one decimal, and three below a thousandth, so that few failures are not 0.0 %', () => {
  expect([0, 0.5, 0.001, 0.00012].map(formatShare)).toEqual(['0.0 %', '50.0 %', '0.1 %', '0.012 %']);
});

test('milliseconds of a forecast have two significant digits, and one decimal below ten', () => {
  expect([4.125, 9.94, 9.96, 37.4, 1234].map(formatForecastMs)).toEqual(['4.1', '9.9', '10', '37', '1,200']);
});
