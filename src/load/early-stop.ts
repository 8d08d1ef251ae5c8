import { usageError } from '../errors.ts';
import { bucketLowMs, type EncodedHistogram, filledBuckets, mergeHistograms } from '../model/histogram.ts';
import type { LoadPlan } from '../model/run.ts';
import type { Engine, Snapshot } from './engine/engine.ts';
import { parseThreshold, quantileOf, type Threshold } from './thresholds.ts';

/** How often the conditions are looked at. */
const EVERY_MS = 100;
/** Without a planned count of calls, fewer than this prove nothing. */
const MIN_CALLS = 100;
/** One-sided 99.9 % of a normal distribution. */
const Z = 3.09;
const FLAG = '--stop-when';
const EXAMPLES = "--stop-when 'errors>5%', 'unanswered>10', 'p99>2s'";
/** Calls that have ended, by outcome. */
export type Outcomes = Pick<Snapshot, 'successes' | 'unexpected' | 'errors'>;

/** Counts that only ever grow. */
const COUNTS: Readonly<Record<string, (so: Outcomes) => number>> = {
  errors: ({ errors, unexpected }) => errors + unexpected,
  unexpected: ({ unexpected }) => unexpected,
  unanswered: ({ errors }) => errors,
};

/**
 * Reads a `--stop-when` condition: what `--fail-if` takes, as far as it can be sure before the end. That is `errors`,
 * `unexpected` and `unanswered` (a count or a share), and a percentile or `max` of the latency, with `>` or `>=`.
 * @throws usageError `bad-threshold`, `bad-stop-condition`
 */
export function parseStopCondition(text: string): Threshold {
  const threshold = parseThreshold(text, FLAG, EXAMPLES);
  const { metric, comparison } = threshold;
  const isKnown = COUNTS[metric] !== undefined || metric === 'max' || /^p\d/.test(metric);
  if (isKnown && comparison.startsWith('>')) return threshold;
  throw usageError(
    'bad-stop-condition',
    `${FLAG} '${text}' can't be sure before the end of the load.`,
    EXAMPLES,
  );
}

/**
 * Whether a condition is sure to hold at the end of the load, whatever the calls to come bring.
 *
 * With a planned count of calls it is certain: the calls that are over suffice even if every other one succeeds at once.
 * A load bounded by time has no such count; there the share so far must be above the limit by its one-sided 99.9 %
 * confidence bound (Wilson's interval).
 * @param plannedCalls undefined where time alone bounds the load
 */
export function isSurelyCrossed(
  threshold: Threshold,
  so: { readonly outcomes: Outcomes; readonly latency: EncodedHistogram },
  plannedCalls: number | undefined,
): boolean {
  const { outcomes, latency } = so;
  const done = outcomes.successes + outcomes.unexpected + outcomes.errors;
  const count = COUNTS[threshold.metric]?.(outcomes);
  if (count !== undefined && threshold.unit === 'calls') return exceeds(count, threshold, threshold.limit);
  if (count !== undefined) return isShareSure(count, done, threshold, threshold.limit, plannedCalls);
  const slower = callsAbove(latency, threshold.limit);
  if (threshold.metric === 'max') return slower > 0;
  const allowed = 1 - quantileOf(threshold.metric);
  // The percentile is of the successes: every planned call may still become one.
  return isShareSure(slower, latency.count, { comparison: '>' }, allowed, plannedCalls);
}

function isShareSure(
  count: number,
  done: number,
  threshold: Pick<Threshold, 'comparison'>,
  limit: number,
  plannedCalls: number | undefined,
): boolean {
  if (plannedCalls !== undefined) return exceeds(count, threshold, limit * plannedCalls);
  return done >= MIN_CALLS && wilsonLowerBound(count, done) > limit;
}

function exceeds(value: number, { comparison }: Pick<Threshold, 'comparison'>, limit: number): boolean {
  return comparison === '>=' ? value >= limit && value > 0 : value > limit;
}

/** The lower bound of a share of which `count` of `total` were seen. @see E. B. Wilson, JASA 22 (1927), 209–212 */
function wilsonLowerBound(count: number, total: number): number {
  const share = count / total;
  const centre = share + Z ** 2 / (2 * total);
  const spread = Z * Math.sqrt((share * (1 - share)) / total + (Z / (2 * total)) ** 2);
  return (centre - spread) / (1 + Z ** 2 / total);
}

/** How many values lie in buckets that are wholly above the limit. */
function callsAbove(histogram: EncodedHistogram, limitMs: number): number {
  let above = 0;
  for (const { index, count } of filledBuckets(histogram)) if (bucketLowMs(index) > limitMs) above += count;
  return above;
}

/** Watches a load for the conditions of its plan and stops it once one is sure to hold. */
export class EarlyStop {
  /** The condition that was sure to hold, as typed; undefined while none is. */
  crossed: string | undefined;
  readonly #conditions: readonly Threshold[];
  readonly #plannedCalls: number | undefined;
  readonly #engine: Engine;
  /** What the rounds before this one measured. */
  #before: { readonly counts: Outcomes; readonly latency: readonly EncodedHistogram[] } = {
    counts: { successes: 0, unexpected: 0, errors: 0 },
    latency: [],
  };
  #timer: NodeJS.Timeout | undefined;

  constructor(plan: LoadPlan, engine: Engine) {
    this.#conditions = (plan.stopWhen ?? []).map(parseStopCondition);
    this.#plannedCalls = plan.calls;
    this.#engine = engine;
  }

  /**
   * Looks ten times a second from now on.
   * @param counts and `latency`: what the rounds before this one measured
   */
  watch(counts: Outcomes, latency: readonly EncodedHistogram[]): void {
    if (this.#conditions.length === 0) return;
    this.#before = { counts, latency };
    this.#timer ??= setInterval(() => this.#look(), EVERY_MS);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#engine.snapshot();
    const { counts, latency: earlier } = this.#before;
    const outcomes = {
      successes: counts.successes + now.successes,
      unexpected: counts.unexpected + now.unexpected,
      errors: counts.errors + now.errors,
    };
    const needsLatency = this.#conditions.some(({ metric }) => COUNTS[metric] === undefined);
    const latency = mergeHistograms(needsLatency ? [...earlier, ...this.#engine.latencySoFar()] : []);
    const crossed = this.#conditions.find((condition) =>
      isSurelyCrossed(condition, { outcomes, latency }, this.#plannedCalls),
    );
    if (crossed === undefined) return;
    this.crossed = crossed.expression;
    this.pause();
    this.#engine.stop();
  }
}
