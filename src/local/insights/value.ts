/** A field's value while a query runs; `undefined` is a missing field. Booleans are 1 and 0, as Insights prints them. */
export type Value = string | number | undefined;

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a value stands for: numbers themselves, and strings that are nothing but a decimal number. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (value === undefined) return undefined;
  const text = value.trim();
  return NUMERIC.test(text) ? Number(text) : undefined;
}

/** The text that a string function sees. */
export function toText(value: Value): string | undefined {
  return typeof value === 'number' ? String(value) : value;
}

export function fromBoolean(flag: boolean): number {
  return flag ? 1 : 0;
}

/** Whether a filter keeps a row whose condition has this value: missing, 0 and the empty string do not hold. */
export function holds(value: Value): boolean {
  return value !== undefined && value !== 0 && value !== '';
}

/** A result that is not a finite number is a missing field (division by zero, logarithm of a negative number). */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Equality of two present values: by number where both stand for one, otherwise by text, case-sensitive.
 */
export function equal(a: string | number, b: string | number): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (typeof a === 'string' && typeof b === 'string' && a === b) return true;
  const x = toNumber(a);
  const y = toNumber(b);
  return x !== undefined && y !== undefined && x === y;
}

/**
 * Order of two present values for `<` and its like: by number where both stand for one, by Unicode where both are
 * texts; a number and a text that is none have no order (undefined).
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
 * The order of `sort`, ascending: missing values first, then what is no number, then numbers. In texts a run of digits
 * compares by its length, then by value; the rest by Unicode.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
 */
export function naturalOrder(a: Value, b: Value): number {
  return compareSortKeys(sortKey(a), sortKey(b));
}

/** A value as `compareSortKeys` takes it: texts that stand for a number as that number. */
export function sortKey(value: Value): Value {
  return typeof value === 'string' ? (toNumber(value) ?? value) : value;
}

/** `naturalOrder` of values that went through `sortKey`, so that sorting looks at each text once. */
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
