/**
 * The value of a field while a query runs. `undefined` is a missing field. Booleans are 1 and 0, as Insights prints
 * them.
 */
export type Value = string | number | undefined;

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Converts a value to a number: numbers, and strings that contain nothing but a decimal number. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (value === undefined) return undefined;
  const text = value.trim();
  return NUMERIC.test(text) ? Number(text) : undefined;
}

/** Converts a value to the text that string functions read. */
export function toText(value: Value): string | undefined {
  return typeof value === 'number' ? String(value) : value;
}

export function fromBoolean(flag: boolean): number {
  return flag ? 1 : 0;
}

/** Whether a filter keeps a row with this condition value. It drops missing values, 0 and the empty string. */
export function holds(value: Value): boolean {
  return value !== undefined && value !== 0 && value !== '';
}

/** Replaces a result that is not finite (division by zero, logarithm of a negative number) by a missing field. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Whether two present values are equal: as numbers if both stand for a number, otherwise as case-sensitive text. */
export function equal(a: string | number, b: string | number): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (typeof a === 'string' && typeof b === 'string' && a === b) return true;
  const x = toNumber(a);
  const y = toNumber(b);
  return x !== undefined && y !== undefined && x === y;
}

/**
 * Orders two present values for `<` and similar operators: as numbers if both stand for a number, by Unicode if both
 * are texts. A number and a text that is not a number have no order (undefined).
 */
export function order(a: string | number, b: string | number): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return undefined;
}

/**
 * The ascending order of `sort`: missing values first, then texts, then numbers. In texts a run of digits is compared
 * by its length, then by its value; the rest is compared by Unicode.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
 */
export function naturalOrder(a: Value, b: Value): number {
  return compareSortKeys(sortKey(a), sortKey(b));
}

/** Prepares a value for `compareSortKeys`: texts that stand for a number become that number. */
export function sortKey(value: Value): Value {
  return typeof value === 'string' ? (toNumber(value) ?? value) : value;
}

/** `naturalOrder` for values prepared by `sortKey`, so that each text is parsed only once. */
export function compareSortKeys(a: Value, b: Value): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : 1;
  if (typeof b === 'number') return -1;
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return naturalTextOrder(a, b);
}

function naturalTextOrder(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(j);
    if (isDigit(x) && isDigit(y)) {
      const iEnd = digitsEnd(a, i);
      const jEnd = digitsEnd(b, j);
      if (iEnd - i !== jEnd - j) return iEnd - i - (jEnd - j);
      for (; i < iEnd; i += 1, j += 1) {
        const difference = a.charCodeAt(i) - b.charCodeAt(j);
        if (difference !== 0) return difference;
      }
    } else if (x !== y) return x - y;
    else {
      i += 1;
      j += 1;
    }
  }
  return a.length - i - (b.length - j);
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
