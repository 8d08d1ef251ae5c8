/**
 * A number rounded to a whole one, with commas between thousands: `1,234`. Implemented here because
 * `Intl.NumberFormat` loads 7 MB of locale data, and the memory of the process is a published figure.
 */
export function groupThousands(value: number): string {
  const digits = String(Math.round(Math.abs(value)));
  const sign = value < 0 && digits !== '0' ? '-' : '';
  return sign + digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** The text for a missing value. */
export const NO_VALUE = '–';

/** A whole number with separated thousands. */
export function formatCount(value: number): string {
  return groupThousands(value);
}

/** A count with its noun: `1 round`, `1,234 rounds`. @param plural by default the noun with an `s` */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${groupThousands(count)} ${count === 1 ? noun : plural}`;
}

/** Milliseconds or megabytes: two decimals below 10, one below 1,000, none above. */
export function formatAmount(value: number | undefined): string {
  if (value === undefined) return NO_VALUE;
  const magnitude = Math.abs(value);
  if (magnitude >= 999.95) return groupThousands(value);
  return magnitude < 9.995 ? value.toFixed(2) : oneDecimal(value);
}

/** US dollars: two decimals from ten cents on, two significant digits below: `$4.02`, `$0.052`. */
export function formatUsd(value: number | undefined): string {
  if (value === undefined) return NO_VALUE;
  return value !== 0 && value < 0.1 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/** A share as a percentage: `12.3 %`, below a thousandth `0.012 %`. */
export function formatShare(share: number): string {
  const isSmall = share !== 0 && Math.abs(share) < 0.001;
  return `${(share * 100).toFixed(isSmall ? 3 : 1)} %`;
}

/** Milliseconds of a forecast, with as many digits as it justifies: `4.1`, `37`, `1,200`. */
export function formatForecastMs(ms: number): string {
  return ms >= 9.95 ? groupThousands(Number(ms.toPrecision(2))) : ms.toFixed(1);
}

/** A ratio with three significant digits: `42.1×`, `1.07×`, `120×`. */
export function formatRatio(ratio: number): string {
  return `${toThreeDigits(ratio)}×`;
}

/** Three significant digits, never in scientific notation. */
export function toThreeDigits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 99.95) return groupThousands(value);
  return value.toFixed(magnitude >= 9.995 ? 1 : magnitude >= 0.0995 ? 2 : 3);
}

/** A relative change with its sign: `+10.3 %`. */
export function formatChange(change: number): string {
  const percent = change * 100;
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent).toFixed(1)} %`;
}

/** A relative change with its interval, if there is one: `−12.3 % [−14.0, −10.1]`. */
export function formatChangeWithin(
  change: number,
  interval: { readonly low: number; readonly high: number } | undefined,
): string {
  if (interval === undefined) return formatChange(change);
  const bound = (value: number) => formatChange(value).replace(' %', '');
  return `${formatChange(change)} [${bound(interval.low)}, ${bound(interval.high)}]`;
}

/** Rounds half up by the decimal digits. 127.35 becomes 127.4, although its nearest double lies below. */
function oneDecimal(value: number): string {
  return (Math.round(value * 10) / 10).toFixed(1);
}
