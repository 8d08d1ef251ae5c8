import type { ComparedMetric, Comparison } from '../../src/model/report.ts';

/** What comparisons said of their figures: one figure is one metric of one function at one temperature. */
export interface Judgement {
  readonly comparisons: number;
  /** Comparisons without a verdict, since the machine was not the same. */
  readonly withoutVerdict: number;
  /** All figures but maxima and failures, which never get a verdict. */
  readonly figures: number;
  readonly withInterval: number;
  /** Called better or worse. */
  readonly changed: number;
  /** `changed` over `withInterval`, 0 to 1; 0 where there was no interval. */
  readonly changedShare: number;
}

const NEVER_JUDGED: ReadonlySet<ComparedMetric> = new Set(['max', 'errors']);

/** Counts what comparisons called changed. Of two equal builds, at most 5 % of the figures should be. */
export function judgeComparisons(comparisons: readonly Comparison[]): Judgement {
  const changes = comparisons.flatMap(({ functions }) =>
    functions.flatMap((one) => one.changes.filter(({ metric }) => !NEVER_JUDGED.has(metric))),
  );
  const withInterval = changes.filter(({ interval }) => interval !== undefined).length;
  const changed = changes.filter(({ verdict }) => verdict !== 'unclear').length;
  return {
    comparisons: comparisons.length,
    withoutVerdict: comparisons.filter(({ noVerdict }) => noVerdict !== undefined).length,
    figures: changes.length,
    withInterval,
    changed,
    changedShare: withInterval === 0 ? 0 : changed / withInterval,
  };
}

/**
 * In how many of the comparisons of a slower build the slowness was noticed: the power, 0 to 1, of each function's warm
 * metric, over all functions and comparisons; NaN without any.
 */
export function noticedShare(comparisons: readonly Comparison[], metric: ComparedMetric = 'p50'): number {
  const verdicts = comparisons.flatMap(({ functions }) =>
    functions
      .filter(({ temperature }) => temperature === 'warm')
      .flatMap(({ changes }) => changes.filter((change) => change.metric === metric)),
  );
  return verdicts.filter(({ verdict }) => verdict === 'worse').length / verdicts.length;
}
