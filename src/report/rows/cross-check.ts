import type { CrossCheck, CrossCheckDifference, Summary } from '../../model/report.ts';
import { TEMPERATURES } from '../../model/report.ts';
import type { Groups } from './samples.ts';

/**
 * The tolerance of a value. Insights prints about four decimals, so it is half of the last one, and a little more for
 * binary fractions.
 */
const PRINTED_EXACTLY = 0.000_051;
/** The tolerance of a mean, because Insights computes means in its own arithmetic. */
const MEAN_TOLERANCE = 0.001;

/** Formats a figure for a message, without the digits that come from binary fractions. */
const readable = (value: number) => Math.round(value * 1e6) / 1e6;

const QUANTITIES = ['durationMs', 'initMs', 'billedMs', 'memoryMB'] as const;

/**
 * Whether the aggregate query and the raw rows agree on every group: counts exactly, minima and maxima to the last
 * printed digit, means within 0.001. Percentiles and deviations are not compared, because AWS does not say how Insights
 * computes them.
 */
export function crossCheck(aggregate: Groups, rows: Groups): CrossCheck {
  const differences: CrossCheckDifference[] = [];
  for (const temperature of TEMPERATURES) {
    const [left, right] = [aggregate[temperature], rows[temperature]];
    const compare = (statistic: string, a: number | undefined, b: number | undefined, tolerance: number) => {
      if (a === undefined || b === undefined || Math.abs(a - b) <= tolerance) return;
      differences.push({ temperature, statistic, aggregate: readable(a), rows: readable(b) });
    };
    compare('count', left?.count ?? 0, right?.count ?? 0, 0);
    if (left === undefined || right === undefined) continue;
    compare('timeouts', left.timeouts, right.timeouts, 0);
    compare('errors', left.errors, right.errors, 0);
    for (const quantity of QUANTITIES) {
      const [a, b]: (Summary | undefined)[] = [left[quantity], right[quantity]];
      if (a === undefined || b === undefined) continue;
      compare(`${quantity}.min`, a.min, b.min, PRINTED_EXACTLY);
      compare(`${quantity}.max`, a.max, b.max, PRINTED_EXACTLY);
      compare(`${quantity}.mean`, a.mean, b.mean, MEAN_TOLERANCE);
    }
  }
  return differences.length === 0 ? { state: 'agrees' } : { state: 'disagrees', differences };
}
