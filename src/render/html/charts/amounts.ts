import { formatAmount, formatShare, formatUsd } from '../../../model/number-text.ts';

type Amount = number | null | undefined;

/** Formats milliseconds as the tables do, with the unit: `1.23 ms`, `4,500 ms`. Empty for no value. */
export function milliseconds(value: Amount): string {
  return value == null ? '' : `${formatAmount(value)} ms`;
}

/** Formats a share from 0 to 1 as the tables do: `12.3 %`. Empty for no value. */
export function percent(value: Amount): string {
  return value == null ? '' : formatShare(value);
}

/** Formats US dollars as the tables do: `$1.23`, `$0.052`. Empty for no value. */
export function dollars(value: Amount): string {
  return value == null ? '' : formatUsd(value);
}

/** The mark of a time at an axis, without digits that say nothing: `1 ms`, `4.5 s`. */
export function timeMark(ms: number): string {
  return ms >= 1000 ? `${roundMark(ms / 1000)} s` : `${roundMark(ms)} ms`;
}

/** The mark of an amount in US dollars at an axis, without digits that say nothing: `$1`, `$0.05`. */
export function dollarMark(usd: number): string {
  return `$${roundMark(usd)}`;
}

function roundMark(value: number): number {
  return Number(value.toPrecision(3));
}
