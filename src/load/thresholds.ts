import { usageError } from '../errors.ts';
import { type EncodedHistogram, quantileMs } from '../model/histogram.ts';
import { groupThousands } from '../model/number-text.ts';
import type { RunRecord } from '../model/run.ts';

/** The part of a run that thresholds use. A partial result has it too. */
export type Judged = Pick<RunRecord, 'accounting' | 'latency' | 'elapsedMs'>;

type Comparison = '>' | '>=' | '<' | '<=';

/** A condition such as `p99>250ms`. It holds if the measured value compares to the limit in this way. */
export interface Threshold {
  /** As typed, without spaces. */
  readonly expression: string;
  readonly metric: string;
  readonly comparison: Comparison;
  /** In the metric's unit: ms, calls per second, calls, or for `share` the part of the whole, 0 to 1. */
  readonly limit: number;
  readonly unit: 'ms' | 'per-second' | 'calls' | 'share';
}

export interface ThresholdOutcome {
  readonly expression: string;
  readonly failed: boolean;
  /** The measured value in the threshold's unit. Undefined if nothing was measured, which fails. */
  readonly actual?: number;
  /** The measured value for people: `312.4 ms`, `0.25 %`, `no successful call`. */
  readonly actualText: string;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, '': 1 };
const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|999|9999|100)$/;
const LATENCY_METRICS = ['min', 'max', 'mean', 'avg', 'stddev'];
/** Metrics that are counts. `errors` are all calls that were not a success. */
const CALL_METRICS: Readonly<Record<string, (run: Judged) => number>> = {
  errors: ({ accounting }) => accounting.errors + accounting.unexpected,
  unexpected: ({ accounting }) => accounting.unexpected,
  unanswered: ({ accounting }) => accounting.errors,
  throttled: ({ accounting }) => accounting.throttled.apiGateway + accounting.throttled.lambda,
  retries: ({ accounting }) => accounting.retries,
  'not-sent': ({ accounting }) => accounting.notSent,
  late: ({ accounting }) => accounting.sentLate,
  successes: ({ accounting }) => accounting.successes,
};
/** With `%`, the whole of which a count is a share. For metrics that are not listed it is the number of calls. */
const WHOLES: Readonly<Record<string, (run: Judged) => number>> = {
  throttled: ({ accounting }) => accounting.attempts,
  retries: ({ accounting }) => accounting.attempts,
  'not-sent': ({ accounting }) => accounting.calls + accounting.notSent,
};
/** The relative difference below which two numbers are the same decimal: 7 of 1,000 is 0.7 %. */
const ROUNDING = 1e-12;
const EXAMPLES = "--fail-if 'errors>0.1%', 'p99>250ms', 'rate<100/s'";

/**
 * Reads a `--fail-if` expression: a metric, a comparison (`>`, `>=`, `<`, `<=`), and a limit with its unit.
 * - Counts, or with `%` shares of the calls: `errors` (all calls that were not a success), `unexpected` (status),
 *   `unanswered` (no complete answer), `late`, `successes`. `not-sent` is a share of the planned calls, `throttled` and
 *   `retries` are shares of the attempts.
 * - Success latencies in us, ms or s: `p50`, `p99.9`, …, `min`, `mean`, `max`, `stddev`.
 * - `rate`: successes per second.
 * @param flag and `examples`: for the message
 * @throws usageError `bad-threshold`
 */
export function parseThreshold(text: string, flag = '--fail-if', examples = EXAMPLES): Threshold {
  const badThreshold = (why: string) => usageError('bad-threshold', `${flag} '${text}' ${why}.`, examples);
  const expression = text.replace(/\s+/g, '');
  const parts = /^([a-z][a-z0-9.-]*)(>=|<=|>|<)(\d+(?:\.\d+)?)(%|us|µs|ms|s|\/s)?$/i.exec(expression);
  if (parts === null) throw badThreshold('is not metric, comparison, limit');
  const [, name = '', comparison, value, unit = ''] = parts;
  const metric = name.toLowerCase();
  const base = { expression, metric, comparison: comparison as Comparison };
  if (CALL_METRICS[metric] !== undefined) {
    if (unit === '%') return { ...base, limit: Number(value) / 100, unit: 'share' };
    if (unit === '') return { ...base, limit: Number(value), unit: 'calls' };
    throw badThreshold(`compares ${metric} with '${unit}': give a count, or a share with %`);
  }
  if (metric === 'rate') {
    if (unit === '' || unit === '/s') return { ...base, limit: Number(value), unit: 'per-second' };
    throw badThreshold(`compares the rate with '${unit}': give calls per second`);
  }
  if (PERCENTILE.test(metric) || LATENCY_METRICS.includes(metric)) {
    const msPerUnit = MS_PER_UNIT[unit.toLowerCase()];
    if (msPerUnit !== undefined) return { ...base, limit: Number(value) * msPerUnit, unit: 'ms' };
    throw badThreshold(`compares a latency with '${unit}': give us, ms or s`);
  }
  throw badThreshold(`names no metric of a load`);
}

/**
 * Judges a run by thresholds. A threshold that can't be measured (a percentile without a success, a share of no calls)
 * fails, so that a check without data does not pass.
 */
export function evaluateThresholds(thresholds: readonly Threshold[], run: Judged): ThresholdOutcome[] {
  return thresholds.map((threshold) => {
    const { actual, missing } = measure(threshold, run);
    if (actual === undefined) {
      return { expression: threshold.expression, failed: true, actualText: missing };
    }
    return {
      expression: threshold.expression,
      failed: compare(actual, threshold.comparison, threshold.limit),
      actual,
      actualText: describe(actual, threshold.unit),
    };
  });
}

function measure(threshold: Threshold, run: Judged): { actual: number | undefined; missing: string } {
  const count = CALL_METRICS[threshold.metric]?.(run);
  if (count !== undefined) {
    const whole = WHOLES[threshold.metric]?.(run) ?? run.accounting.calls;
    if (whole === 0) return { actual: undefined, missing: 'no call was made' };
    return { actual: threshold.unit === 'share' ? count / whole : count, missing: '' };
  }
  if (threshold.metric === 'rate') {
    return {
      actual: run.elapsedMs > 0 ? (run.accounting.successes / run.elapsedMs) * 1000 : undefined,
      missing: 'no time was measured',
    };
  }
  return { actual: latencyMs(threshold.metric, run.latency.success), missing: 'no successful call' };
}

function latencyMs(metric: string, histogram: EncodedHistogram): number | undefined {
  if (histogram.count === 0) return undefined;
  switch (metric) {
    case 'min':
      return histogram.minMs;
    case 'max':
      return histogram.maxMs;
    case 'mean':
    case 'avg':
      return histogram.meanMs;
    case 'stddev':
      return histogram.stddevMs;
    default:
      return quantileMs(histogram, quantileOf(metric));
  }
}

/**
 * The share that a percentile stands for: `p99` is 0.99, `p99.9` 0.999. `p999` and `p9999` are accepted for 99.9 and
 * 99.99, as many people write them.
 */
export function quantileOf(metric: string): number {
  const digits = metric.slice(1);
  if (digits === '999' || digits === '9999') return Number(`0.${digits}`);
  return Number(digits) / 100;
}

function compare(actual: number, comparison: Comparison, limit: number): boolean {
  const isSame = Math.abs(actual - limit) <= Math.abs(limit) * ROUNDING;
  switch (comparison) {
    case '>':
      return !isSame && actual > limit;
    case '>=':
      return isSame || actual > limit;
    case '<':
      return !isSame && actual < limit;
    case '<=':
      return isSame || actual < limit;
  }
}

function describe(actual: number, unit: Threshold['unit']): string {
  switch (unit) {
    case 'ms':
      return `${Number(actual.toPrecision(4))} ms`;
    case 'per-second':
      return `${Number(actual.toPrecision(4))}/s`;
    case 'calls':
      return groupThousands(actual);
    case 'share':
      return `${Number((actual * 100).toPrecision(3))} %`;
  }
}
