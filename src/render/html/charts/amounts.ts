type Amount = number | null | undefined;

/** `1.23 ms`, `4.5 s`; empty for none. */
export function milliseconds(value: Amount): string {
  if (value == null) return '';
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))} s` : `${Number(value.toPrecision(3))} ms`;
}

/** A share from 0 to 1 as `12.3 %`; empty for none. */
export function percent(value: Amount): string {
  return value == null ? '' : `${(value * 100).toFixed(1)} %`;
}

/** `$1.23`, `$120` from a hundred dollars on, or two digits of less than ten cents; empty for none. */
export function dollars(value: Amount): string {
  if (value == null) return '';
  if (value >= 100) return `$${value.toFixed(0)}`;
  return `$${value < 0.1 && value > 0 ? value.toPrecision(2) : value.toFixed(2)}`;
}
