import type { SpeedRatio } from '../model/report.ts';
import { formatRatio, toThreeDigits } from './numbers.ts';

/** `42.1× [40.8, 43.5] faster`; for a slower one the factor is turned over; `~` where the interval spans 1. */
export function ratioText({ ratio, interval, verdict }: SpeedRatio): string {
  if (verdict === 'slower') {
    const range =
      interval === undefined
        ? ''
        : ` [${toThreeDigits(1 / interval.high)}, ${toThreeDigits(1 / interval.low)}]`;
    return `${formatRatio(1 / ratio)}${range} slower`;
  }
  const range =
    interval === undefined ? '' : ` [${toThreeDigits(interval.low)}, ${toThreeDigits(interval.high)}]`;
  return verdict === 'faster' ? `${formatRatio(ratio)}${range} faster` : `~ ${formatRatio(ratio)}${range}`;
}
