import { formatRatio, toThreeDigits } from '../model/number-text.ts';
import type { SpeedRatio } from '../model/report.ts';

/**
 * Formats a ratio: `42.1× [40.8, 43.5] faster`. The ratio of a slower runtime is inverted. `~` stands before a ratio
 * that is not decided. Without an interval, brackets say what is missing: `~ 1.8× (needs 3 rounds)`.
 */
export function ratioText(speed: SpeedRatio): string {
  const { ratio, interval, verdict } = speed;
  if (verdict === 'slower') {
    const range =
      interval === undefined
        ? ''
        : ` [${toThreeDigits(1 / interval.high)}, ${toThreeDigits(1 / interval.low)}]`;
    return `${formatRatio(1 / ratio)}${range} slower`;
  }
  const range =
    interval === undefined ? '' : ` [${toThreeDigits(interval.low)}, ${toThreeDigits(interval.high)}]`;
  if (verdict === 'faster') return `${formatRatio(ratio)}${range} faster`;
  return `~ ${formatRatio(ratio)}${range || ` (${whyNoInterval(speed)})`}`;
}

function whyNoInterval({ needs, withinDoubt, rounds, environments }: SpeedRatio): string {
  if (withinDoubt) return 'the machine moved';
  if (needs?.rounds !== undefined) return `${rounds} of ${needs.rounds} rounds`;
  if (needs?.environments !== undefined) return `${environments} of ${needs.environments} environments`;
  return 'not of one bench';
}
