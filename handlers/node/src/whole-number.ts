const MAX = '18446744073709551615';

/**
 * The whole number that `text` is, as digits without leading zeros: 1 to 20 ASCII digits, at most 2^64 − 1. It stays
 * text because a JavaScript number holds 53 bits, and nothing here computes with it. Undefined for anything else.
 */
export function wholeNumber(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined;
  const digits = text.replace(/^0+(?=.)/, '');
  // Digits of one length compare like the numbers that they are.
  return digits.length < MAX.length || digits <= MAX ? digits : undefined;
}

/** The whole number that `text` is, if it lies between 0 and `max`, which is far below 2^53. */
export function wholeNumberUpTo(text: string | undefined, max: number): number | undefined {
  const digits = wholeNumber(text);
  if (digits === undefined) return undefined;
  const number = Number(digits);
  return number <= max ? number : undefined;
}
