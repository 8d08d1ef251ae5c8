import { describe, expect, test } from 'vitest';
import { wholeNumber, wholeNumberUpTo } from '../../../handlers/node/src/whole-number.ts';

describe('a whole number', () => {
  test('a whole number is one to twenty ASCII digits, leading zeros dropped', () => {
    expect(wholeNumber('0')).toBe('0');
    expect(wholeNumber('000')).toBe('0');
    expect(wholeNumber('42')).toBe('42');
    expect(wholeNumber('00000000000000000042')).toBe('42');
    expect(wholeNumber('000000000000000000042')).toBeUndefined();
    expect(wholeNumber('')).toBeUndefined();
    expect(wholeNumber(undefined)).toBeUndefined();
  });

  test('a whole number is at most 2^64 − 1, exactly', () => {
    expect(wholeNumber('18446744073709551615')).toBe('18446744073709551615');
    expect(wholeNumber('18446744073709551616')).toBeUndefined();
    expect(wholeNumber('99999999999999999999')).toBeUndefined();
    expect(wholeNumber('9999999999999999999')).toBe('9999999999999999999');
  });

  test.each(['+5', '-5', ' 5', '5 ', '5\n', '5.0', '1e3', '0x10', '٣', '５', '²', '1_000'])(
    'a whole number is not %j',
    (text) => {
      expect(wholeNumber(text)).toBeUndefined();
    },
  );

  test('a whole number keeps to a maximum', () => {
    expect(wholeNumberUpTo('4', 4)).toBe(4);
    expect(wholeNumberUpTo('5', 4)).toBeUndefined();
    expect(wholeNumberUpTo('18446744073709551615', 50_000)).toBeUndefined();
  });
});
