const MAX = '18446744073709551615';

/**
 * Parses a whole number: 1 to 20 ASCII digits, at most 2^64 − 1. Returns its digits without leading zeros, or undefined
 * for anything else. It stays text because a JavaScript number has 53 bits, and nothing computes with it.
 */
export function wholeNumber(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined;
  const digits = text.replace(/^0+(?=.)/, '');
  // Digits of the same length compare like numbers.
  return digits.length < MAX.length || digits <= MAX ? digits : undefined;
}

/** Parses a whole number from 0 to `max`, which must be far below 2^53. Undefined for anything else. */
export function wholeNumberUpTo(text: string | undefined, max: number): number | undefined {
  const digits = wholeNumber(text);
  if (digits === undefined) return undefined;
  const number = Number(digits);
  return number <= max ? number : undefined;
}
