type Amount = number | null | undefined;

/** Formats milliseconds: `1.23 ms`, `4.5 s`. Empty for no value. */
export function milliseconds(value: Amount): string {
  if (value == null) return '';
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))} s` : `${Number(value.toPrecision(3))} ms`;
}

/** Formats a share from 0 to 1 as `12.3 %`. Empty for no value. */
export function percent(value: Amount): string {
  return value == null ? '' : `${(value * 100).toFixed(1)} %`;
}

/**
 * Formats US dollars: `$1.23`, from a hundred dollars on `$120`, below ten cents with two significant digits. Empty for
 * no value.
 */
export function dollars(value: Amount): string {
  if (value == null) return '';
  if (value >= 100) return `$${value.toFixed(0)}`;
  return `$${value < 0.1 && value > 0 ? value.toPrecision(2) : value.toFixed(2)}`;
}
