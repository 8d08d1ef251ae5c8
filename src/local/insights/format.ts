/** How the numbers of a column are printed. */
export type ColumnFormat =
  /** A number of a field that Insights discovered. It is printed as Java's Double.toString does: `15.0`, `1.28E8`. */
  | 'double'
  /** Epoch milliseconds, printed as UTC time: `2023-12-05 22:14:43.877`. */
  | 'timestamp'
  /** A computed number: at most four decimals, without trailing zeros. */
  | 'computed';

const MAX_DECIMALS = 4;

/** Formats one value for a row of GetQueryResults, which holds only strings. */
export function formatValue(value: string | number, format: ColumnFormat): string {
  if (typeof value === 'string') return value;
  if (format === 'timestamp') return formatTimestamp(value);
  return format === 'double' ? formatDouble(value) : formatComputed(value);
}

/**
 * Formats a computed number: `27.65655517` → `27.6566`, `128` → `128`, `-0.00001` → `0`, as real results of `stats` and
 * of computed fields show. They do not show whether AWS rounds half up or half to even; this rounds half up.
 */
export function formatComputed(value: number): string {
  if (Number.isInteger(value)) return value === 0 ? '0' : plainInteger(value);
  const text = value.toFixed(MAX_DECIMALS).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/** Prints all digits of an integer, never scientific notation. */
function plainInteger(value: number): string {
  return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString();
}

/**
 * Formats as Java's Double.toString: with at least one decimal from 10^-3 up to below 10^7, otherwise scientific
 * (`1.28E8`).
 * @see https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html#toString(double)
 */
export function formatDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** Formats UTC time, always with milliseconds. A value outside the range of dates is printed as a number. */
export function formatTimestamp(epochMs: number): string {
  const date = new Date(Math.floor(epochMs));
  if (Number.isNaN(date.getTime())) return formatComputed(epochMs);
  return date.toISOString().replace('T', ' ').replace('Z', '');
}
