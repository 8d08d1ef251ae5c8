import { usageError } from '../errors.ts';
import { bucketLowMs, type EncodedHistogram, filledBuckets, mergeHistograms } from '../model/histogram.ts';
import type { LoadPlan } from '../model/run.ts';
import type { Engine, Snapshot } from './engine/engine.ts';
import { parseThreshold, quantileOf, type Threshold } from './thresholds.ts';

/** How often the conditions are checked. */
const EVERY_MS = 100;
/** Fewer calls are judged by the exact binomial test, because Wilson's interval is too narrow for them. */
const EXACT_BELOW = 100;
/** There the calls so far may be so probable at most, if the share were within the limit. */
const MAX_PROBABILITY = 0.0001;
/** The one-sided 99.9 % quantile of a normal distribution. */
const Z = 3.09;
const FLAG = '--stop-when';
const EXAMPLES = "--stop-when 'errors>5%', 'unanswered>10', 'p99>2s'";
/** Calls that have ended, by outcome. */
export type Outcomes = Pick<Snapshot, 'successes' | 'unexpected' | 'errors'>;

/** Counts that never decrease. */
const COUNTS: Readonly<Record<string, (so: Outcomes) => number>> = {
  errors: ({ errors, unexpected }) => errors + unexpected,
  unexpected: ({ unexpected }) => unexpected,
  unanswered: ({ errors }) => errors,
  successes: ({ successes }) => successes,
};

/**
 * Reads a `--stop-when` condition. It accepts the conditions of `--fail-if` that can be certain before the end and that
 * are counted during the load: `errors`, `unexpected`, `unanswered` and `successes` (a count or a share), and a
 * percentile or `max` of the latency, each with `>` or `>=`.
 * @throws usageError `bad-threshold`, `bad-stop-condition`
 */
export function parseStopCondition(text: string): Threshold {
  const threshold = parseThreshold(text, FLAG, EXAMPLES);
  const { metric, comparison } = threshold;
  const isKnown = COUNTS[metric] !== undefined || metric === 'max' || /^p\d/.test(metric);
  if (isKnown && comparison.startsWith('>')) return threshold;
  throw usageError(
    'bad-stop-condition',
    `${FLAG} takes errors, unexpected, unanswered, successes, max or a percentile, with > or >=, and not '${text}'.`,
    EXAMPLES,
  );
}

/**
 * Whether a condition is certain to hold at the end of the load, whatever the remaining calls bring.
 *
 * With a planned number of calls this is exact: the condition holds even if every remaining call succeeds at once. A
 * load that only time bounds has no such number. There the share so far must exceed the limit by its one-sided 99.9 %
 * confidence bound (Wilson's interval). With fewer than a hundred calls, a share within the limit must make them less
 * probable than 0.01 % (exact binomial test).
 * @param plannedCalls undefined if only time bounds the load
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
  // The percentile counts successes only, and every planned call may still be one.
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
  if (done < EXACT_BELOW) return done > 0 && probabilityOfAtLeast(count, done, limit) < MAX_PROBABILITY;
  return wilsonLowerBound(count, done) > limit;
}

/** The probability of at least `count` of `total` independent events that have the probability `share` each. */
function probabilityOfAtLeast(count: number, total: number, share: number): number {
  if (count <= 0 || share >= 1) return 1;
  if (share <= 0) return 0;
  let probability = (1 - share) ** total;
  let sum = 0;
  for (let k = 0; k < total; k++) {
    if (k >= count) sum += probability;
    probability *= ((total - k) / (k + 1)) * (share / (1 - share));
  }
  return sum + probability;
}

function exceeds(value: number, { comparison }: Pick<Threshold, 'comparison'>, limit: number): boolean {
  return comparison === '>=' ? value >= limit && value > 0 : value > limit;
}

/** The lower confidence bound of a share, after `count` of `total`. @see E. B. Wilson, JASA 22 (1927), 209–212 */
function wilsonLowerBound(count: number, total: number): number {
  const share = count / total;
  const centre = share + Z ** 2 / (2 * total);
  const spread = Z * Math.sqrt((share * (1 - share)) / total + (Z / (2 * total)) ** 2);
  return (centre - spread) / (1 + Z ** 2 / total);
}

/** How many values lie in buckets that are completely above the limit. */
function callsAbove(histogram: EncodedHistogram, limitMs: number): number {
  let above = 0;
  for (const { index, count } of filledBuckets(histogram)) if (bucketLowMs(index) > limitMs) above += count;
  return above;
}

/** Checks the plan's conditions during a load and stops it once one is certain to hold. */
export class EarlyStop {
  /** The condition that was certain to hold, as typed. Undefined while there is none. */
  crossed: string | undefined;
  readonly #conditions: readonly Threshold[];
  readonly #plannedCalls: number | undefined;
  readonly #engine: Engine;
  /** The measurements of earlier rounds. */
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
   * Starts to check ten times a second.
   * @param counts and `latency`: the measurements of earlier rounds
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
