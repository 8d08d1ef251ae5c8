/** The name of a percentile, as fields and headings have it: `p50`, `p99.9`. */
export type PercentileName = `p${number}`;

/** The percentiles that a report shows unless `--percentiles` says otherwise. */
export const DEFAULT_PERCENTILES: readonly number[] = [50, 90, 99];

/** `p50` for 50, `p99.9` for 99.9. */
export function percentileName(percent: number): PercentileName {
  return `p${percent}`;
}

/** The percentiles to compute when these are shown: they and the default ones, ascending, each once. */
export function computedPercentiles(shown: readonly number[]): number[] {
  return [...new Set([...DEFAULT_PERCENTILES, ...shown])].sort((a, b) => a - b);
}

/** Whether the percentile of this many values is their maximum, because its nearest rank is the last. */
export function isMaximum(percent: number, count: number): boolean {
  return count > 0 && count * (100 - percent) < 100 - 1e-9;
}
