import { bucketMidMs, type EncodedHistogram, filledBuckets, quantileMs } from '../model/histogram.ts';
import { formatCount, toThreeDigits } from '../model/number-text.ts';

const ROWS = 10;
/** Values above this quantile share the last row, so that one slow answer does not squeeze all others into one row. */
const TAIL_QUANTILE = 0.999;
/** If the values differ by less, there are no bars, because they would all be in one row. */
const MIN_SPREAD = 1.05;
const MIN_VALUES = 20;
const MAX_BAR_WIDTH = 40;
/** Shorter bars show no shape. */
const MIN_BAR_WIDTH = 4;
/** Characters that are filled by so many eighths from the left. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/**
 * Renders a histogram as lines of bars: ten ranges of equal width on a logarithmic scale from the fastest value to the
 * 99.9th percentile, and one for slower values. Empty if there are few values, if they hardly differ, or if the bars do not
 * fit.
 * @param columns the most characters of a line
 */
export function latencyBars(histogram: EncodedHistogram, columns: number): string[] {
  const { count, minMs, maxMs } = histogram;
  const topMs = quantileMs(histogram, TAIL_QUANTILE) ?? 0;
  const lowMs = Math.max(minMs, topMs / 1e6);
  if (count < MIN_VALUES || lowMs <= 0 || topMs / lowMs < MIN_SPREAD) return [];
  const edge = (row: number) => lowMs * (topMs / lowMs) ** (row / ROWS);
  const counts = new Array<number>(ROWS + 1).fill(0);
  for (const bucket of filledBuckets(histogram)) {
    const ms = Math.min(maxMs, bucketMidMs(bucket.index));
    const row = Math.floor((Math.log(ms / lowMs) / Math.log(topMs / lowMs)) * ROWS);
    const at = ms > topMs ? ROWS : Math.min(ROWS - 1, Math.max(0, row));
    counts[at] = (counts[at] ?? 0) + bucket.count;
  }
  const most = Math.max(...counts);
  const ranges = counts.map((_, row) =>
    row < ROWS
      ? `${toThreeDigits(edge(row))} – ${toThreeDigits(edge(row + 1))}`
      : `above ${toThreeDigits(topMs)}`,
  );
  const width = Math.max(...ranges.map((range) => range.length));
  const labelWidth = width + ' ms   '.length + formatCount(most).length;
  const barWidth = Math.min(MAX_BAR_WIDTH, columns - labelWidth);
  if (barWidth < MIN_BAR_WIDTH) return [];
  return counts.flatMap((value, row) =>
    row === ROWS && value === 0
      ? []
      : [
          `${(ranges[row] ?? '').padStart(width)} ms  ${bar((value / most) * barWidth)} ${formatCount(value)}`,
        ],
  );
}

/** A bar of a length in characters. */
function bar(length: number): string {
  const eighths = Math.round(length * EIGHTHS.length);
  const whole = Math.floor(eighths / EIGHTHS.length);
  return `${'█'.repeat(whole)}${EIGHTHS[eighths % EIGHTHS.length] ?? ''}`;
}
