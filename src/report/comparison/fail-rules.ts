import { usageError } from '../../errors.ts';
import { didYouMean } from '../../model/closest.ts';
import {
  COMPARED_METRICS,
  type ComparedFunction,
  type ComparedMetric,
  type FailRuleOutcome,
  type MetricChange,
} from '../../model/comparison.ts';
import { formatChangeWithin } from '../../model/number-text.ts';
import { percentileName } from '../../model/percentiles.ts';
import type { Temperature } from '../../model/report.ts';
import { runLabel } from '../../model/run-name.ts';

/** One `--fail-if` of `compare`. */
export interface FailRule {
  /** The rule as typed, without spaces. */
  readonly text: string;
  /** The label, runtime or route to which the rule is limited. */
  readonly scope?: string;
  /** Undefined for `errors`, which counts cold and warm calls. */
  readonly temperature?: Temperature;
  readonly metric: ComparedMetric;
  /** The limit. `change`: relative, 0.1 for `+10%`. `value`: of the later side, in ms, MB or (errors) as a share. */
  readonly limit: { readonly of: 'change' | 'value'; readonly above: number };
}

/** The percentiles that the rules name, in (0, 100]. */
export function percentilesOf(rules: readonly FailRule[]): number[] {
  return rules.flatMap(({ metric }) => (metric.startsWith('p') ? [Number(metric.slice(1))] : []));
}

/** Reads the name of a metric: one of the list, or a percentile such as `p95`. */
function metricOf(name: string): ComparedMetric | undefined {
  const known = COMPARED_METRICS.find((metric) => metric === name);
  if (known !== undefined) return known;
  const percent = /^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(name)?.[1];
  return percent === undefined || Number(percent) === 0 ? undefined : percentileName(Number(percent));
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000 };
const EXAMPLES = "--fail-if 'p99>+10%', 'cold.init>+5%', 'wolf:billed>+3%', 'errors>0', 'p50>250ms'";

function badRule(text: string, why: string): Error {
  return usageError('bad-fail-if', `--fail-if '${text}' ${why}`, EXAMPLES);
}

/**
 * Reads a rule: `[scope:][warm.|cold.]metric>limit`. The limit is a change (`+10%`) or a value with its unit
 * (`250ms`, `100MB`; for errors a share, `0` or `0.5%`). Metrics: percentiles (p50, p99.9), avg and max of the
 * duration; init, billed, memory (means); errors. The default temperature is warm, and cold for init.
 * @throws usageError `bad-fail-if`
 */
export function parseFailRule(typed: string): FailRule {
  const text = typed.replace(/\s+/g, '');
  const parts = /^(?:([a-z0-9-]+):)?(?:(warm|cold)\.)?([a-z0-9.]+)>(\+?)(\d+(?:\.\d+)?)(%|ms|s|MB)?$/i.exec(
    text,
  );
  if (parts === null) throw badRule(typed, 'does not have the form metric>limit');
  const [, scope, temperatureText, name = '', sign, number, unit] = parts;
  const metric = metricOf(name.toLowerCase());
  if (metric === undefined) {
    throw badRule(
      typed,
      `names no metric: the metrics are percentiles such as p99, and ${COMPARED_METRICS.join(', ')}`,
    );
  }
  const amount = Number(number);
  const head = { text, metric, ...(scope === undefined ? {} : { scope }) };
  if (metric === 'errors') {
    if (sign !== '' || (unit !== undefined && unit !== '%') || temperatureText !== undefined) {
      throw badRule(typed, 'needs a share for errors: errors>0, errors>0.5%');
    }
    if (unit === undefined && amount !== 0) throw badRule(typed, `needs a unit: errors>${amount}%`);
    return { ...head, limit: { of: 'value', above: amount / 100 } };
  }
  if (metric === 'init' && temperatureText === 'warm')
    throw badRule(typed, 'asks for the init of warm calls, which have none');
  const temperature = metric === 'init' || temperatureText === 'cold' ? 'cold' : 'warm';
  if (metric === 'max' && unit === '%') {
    throw badRule(
      typed,
      'asks for the change of a maximum, which no measurement can show; max>1.5s sets a limit',
    );
  }
  if (unit === '%') return { ...head, temperature, limit: { of: 'change', above: amount / 100 } };
  const factor = metric === 'memory' ? (unit === 'MB' ? 1 : undefined) : MS_PER_UNIT[unit ?? ''];
  if (factor === undefined || sign !== '') {
    throw badRule(typed, `needs a change (+10%) or a value in ${metric === 'memory' ? 'MB' : 'ms or s'}`);
  }
  return { ...head, temperature, limit: { of: 'value', above: amount * factor } };
}

/** A function that is measured: its runtime, and one of the shed's routes or `invoke`. */
export interface MeasuredCell {
  readonly runtime: string;
  readonly route: string;
}

/** The words that limit a rule to one of these functions: a runtime, a route, or a function's label. */
function scopesOf(cells: readonly MeasuredCell[]): string[] {
  return [...new Set(cells.flatMap((cell) => [cell.runtime, cell.route, runLabel(cell)]))];
}

/**
 * Refuses a rule that is limited to a function, runtime or route that it can't judge, before the work begins.
 *
 * @param measured what will be measured
 * @param judged the part of it that rules judge. Of several builds these are the ones that are compared with a base.
 * @throws usageError `unknown-scope`, `scope-not-judged`
 */
export function checkScopes(
  rules: readonly FailRule[],
  measured: readonly MeasuredCell[],
  judged: readonly MeasuredCell[] = measured,
): void {
  const [known, fitting] = [scopesOf(measured), scopesOf(judged)];
  for (const { text, scope } of rules) {
    if (scope === undefined || fitting.includes(scope)) continue;
    const names = [...new Set([...judged.map((cell) => cell.runtime), ...judged.map((cell) => cell.route)])];
    if (known.includes(scope)) {
      throw usageError(
        'scope-not-judged',
        `--fail-if '${text}' is about ${scope}, which is not compared with a base, so the rule can't judge it.`,
        `Builds and routes that rules can judge: ${names.join(', ')}`,
      );
    }
    throw usageError(
      'unknown-scope',
      `--fail-if '${text}' is about ${scope}, which is not measured.${didYouMean(scope, known)}`,
      `Runtimes and routes here: ${names.join(', ')}`,
    );
  }
}

function isMeant(rule: FailRule, { label, runtime, route, temperature }: ComparedFunction): boolean {
  return (
    (rule.temperature === undefined || rule.temperature === temperature) &&
    (rule.scope === undefined || [label, runtime, route].includes(rule.scope))
  );
}

/**
 * Compares a figure with a limit. A limit in ms, MB or as a share of failures applies to the measured value. A limit
 * of a change applies to the interval: the rule fails if the whole interval lies beyond the limit, and passes if no
 * part of it does. It also fails if a side did not do its work, because nothing can then be said about the change.
 */
function judge(
  rule: FailRule,
  { notCompared }: ComparedFunction,
  { after, interval }: MetricChange,
): FailRuleOutcome['state'] {
  const { of, above } = rule.limit;
  if (of === 'value') return after > above ? 'failed' : 'passed';
  if (notCompared !== undefined) return 'failed';
  if (interval === undefined) return 'unsure';
  return interval.low > above ? 'failed' : interval.high <= above ? 'passed' : 'unsure';
}

/** The unit of a metric in the texts of rules. Errors are a share. */
function unitOf(metric: ComparedMetric): string {
  return metric === 'errors' ? '' : metric === 'memory' ? ' MB' : ' ms';
}

/**
 * The figure that decided a rule: `p50 12 → 15 ms (+25.0 % [+18.0, +33.0])`. A limit of a value is about the later side
 * alone: `p50 15 ms`.
 */
function hitText({ limit }: FailRule, { metric, before, after, change, interval }: MetricChange): string {
  const digits = (value: number) => Number(value.toPrecision(4)).toString();
  if (limit.of === 'value') return `${metric} ${digits(after)}${unitOf(metric)}`;
  const relative = change === undefined ? '' : ` (${formatChangeWithin(change, interval)})`;
  return `${metric} ${digits(before)} → ${digits(after)}${unitOf(metric)}${relative}`;
}

/**
 * Applies rules to the functions of a comparison. A rule is `failed` if one of its figures surely lies beyond the
 * limit, and `unsure` if one may lie beyond it. A rule that fits no function fails, because nothing was checked.
 */
export function judgeRules(
  rules: readonly FailRule[],
  functions: readonly ComparedFunction[],
): FailRuleOutcome[] {
  return rules.map((rule) => {
    const seen = functions
      .filter((compared) => isMeant(rule, compared))
      .flatMap((compared) =>
        compared.changes
          .filter(({ metric }) => metric === rule.metric)
          .map((change) => ({ compared, change, state: judge(rule, compared, change) })),
      );
    if (seen.length === 0) {
      return {
        rule: rule.text,
        state: 'failed',
        hits: [
          { label: rule.scope ?? 'all', temperature: rule.temperature ?? 'warm', text: 'nothing to compare' },
        ],
      };
    }
    const state = seen.some((one) => one.state === 'failed')
      ? 'failed'
      : seen.some((one) => one.state === 'unsure')
        ? 'unsure'
        : 'passed';
    return {
      rule: rule.text,
      state,
      hits: seen
        .filter((one) => one.state === state && state !== 'passed')
        .map(({ compared, change }) => ({
          label: compared.label,
          temperature: compared.temperature,
          text:
            rule.limit.of === 'change' && compared.notCompared !== undefined
              ? `not compared (${compared.notCompared})`
              : hitText(rule, change),
        })),
    };
  });
}
