import { describe, expect, test } from 'vitest';
import { formatComputed, formatDouble, formatTimestamp } from '../../../src/local/insights/format.ts';
import { naturalOrder } from '../../../src/local/insights/value.ts';

describe('computed numbers', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [128, '128'],
    [1.28e8, '128000000'],
    [1e21, '1000000000000000000000'],
    [27.65655517578125, '27.6566'],
    [122.0703125, '122.0703'],
    [15.5, '15.5'],
    [0.1 + 0.2, '0.3'],
    [0.00004, '0'],
    [-0.00004, '0'],
    [0.00005, '0.0001'],
    [-1.25, '-1.25'],
    [99.99999, '100'],
    [1e-7, '0'],
  ])('the computed number %d is printed as %s', (value, text) => {
    expect(formatComputed(value)).toBe(text);
  });
});

describe('discovered numbers, as Java prints a double', () => {
  test.each([
    [15, '15.0'],
    [14.97, '14.97'],
    [1.28e8, '1.28E8'],
    [6.7e7, '6.7E7'],
    [1e7, '1.0E7'],
    [9999999, '9999999.0'],
    [0.001, '0.001'],
    [0.0005, '5.0E-4'],
    [0, '0.0'],
    [-0, '-0.0'],
    [-2.5, '-2.5'],
  ])('the discovered number %d is printed as %s', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });
});

describe('times', () => {
  test('times are UTC with milliseconds', () => {
    expect(formatTimestamp(1_701_814_483_877)).toBe('2023-12-05 22:14:43.877');
  });

  test('times that no calendar has are printed as numbers', () => {
    expect(formatTimestamp(9e15)).toBe('9000000000000000');
  });
});

describe('the order of sort', () => {
  test('the order of sort is the one that AWS documents by example', () => {
    const sorted = [
      '!:',
      '#',
      '*%04',
      '0#',
      '5A',
      '111A',
      '2345_',
      '@',
      '@_',
      'A',
      'A9876fghj',
      'a12345hfh',
      '0',
      '01',
      '1',
      '2',
      '3',
    ];
    const turned = [...sorted.slice(9), ...sorted.slice(0, 9)];
    expect(turned.sort(naturalOrder)).toEqual(sorted);
  });

  test('the order of sort puts missing values first, then texts, then numbers', () => {
    expect([2, 'b', '10', 'a'].sort(naturalOrder)).toEqual(['a', 'b', 2, '10']);
    expect(naturalOrder(undefined, 'a')).toBeLessThan(0);
    expect(naturalOrder('a', 1)).toBeLessThan(0);
    expect(naturalOrder(undefined, undefined)).toBe(0);
  });

  test('the order of sort compares digits by length, then by value', () => {
    expect(['x10y2', 'x9', 'x10y1', 'x'].sort(naturalOrder)).toEqual(['x', 'x9', 'x10y1', 'x10y2']);
  });
});
