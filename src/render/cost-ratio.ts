import { formatRatio, NO_VALUE } from '../model/number-text.ts';
import type { Report, ReportedRun } from '../model/report.ts';

/** The heading of the column of cost ratios. */
export const COST_RATIO_HEAD = 'compute cost';

/** Explains the column of cost ratios. */
export const COST_RATIO_NOTE =
  "compute cost: the baseline's price of Lambda's compute over the own one, at the measured share of cold starts; API Gateway's price, the same for all, is left out.";

/**
 * Formats a cost ratio: `44.1×` if a run's compute costs 1/44.1 of the baseline's, `0.5×` if it costs twice as much.
 * `–` for the baseline itself, and if one of the two has no price.
 */
export function costRatioText({ cost, baseline, runs }: Report, run: ReportedRun): string {
  if (cost.state === 'unpriced' || baseline === undefined || run.runtime === baseline) return NO_VALUE;
  const base = runs.find(
    (other) =>
      other.runtime === baseline &&
      other.route === run.route &&
      other.memorySizeMB === run.memorySizeMB &&
      other.architecture === run.architecture,
  );
  const priceOf = (of: ReportedRun | undefined) =>
    cost.rows.find(({ runId }) => runId === of?.runId)?.lambdaComputeUsd;
  const [own, others] = [priceOf(run), priceOf(base)];
  return own === undefined || others === undefined || own === 0 ? NO_VALUE : formatRatio(others / own);
}
