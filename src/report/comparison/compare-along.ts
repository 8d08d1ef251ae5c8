import { usageError } from '../../errors.ts';
import { COMPARISON_SCHEMA, type Comparison } from '../../model/comparison.ts';
import { computedPercentiles } from '../../model/percentiles.ts';
import { type ReportedRun, TEMPERATURES } from '../../model/report.ts';
import { compareFunction, type Method } from './compare-function.ts';
import { hostsOf, type NamedReport, sideOf } from './compare-reports.ts';
import { type FailRule, judgeRules, percentilesOf } from './fail-rules.ts';
import { machineDiffers } from './same-machine.ts';

/** A dimension of a bench over several settings. */
export const DIMENSIONS = ['memory', 'arch'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const VALUE_OF: Readonly<Record<Dimension, (run: ReportedRun) => string>> = {
  memory: ({ memorySizeMB }) => (memorySizeMB === undefined ? 'unknown' : `${memorySizeMB} MB`),
  arch: ({ architecture }) => architecture ?? 'unknown',
};
const OTHER: Readonly<Record<Dimension, Dimension>> = { memory: 'arch', arch: 'memory' };

/**
 * Compares the values of one dimension within one report. Each function at its smallest memory size (or on the first
 * architecture) is compared with each other value; the other dimension stays fixed. The values were measured one after
 * the other, so the intervals are those of benches at different times. There are none where this machine, which ran
 * the functions, was not in the same state for all values.
 *
 * @throws usageError `one-value` if the report has one value along the dimension
 */
export function compareAlong(
  named: NamedReport,
  dimension: Dimension,
  options: { readonly rules: readonly FailRule[] },
): Comparison {
  const { report } = named;
  const values = valuesAlong(report.runs, dimension);
  const [first, ...others] = values;
  if (first === undefined || others.length === 0) {
    throw usageError(
      'one-value',
      `${named.name} contains only one ${dimension === 'memory' ? 'memory size' : 'architecture'} (${first ?? 'none'}): nothing changes along ${dimension}.`,
      dimension === 'memory'
        ? 'shedbench bench --memory 128,512,1024'
        : 'shedbench bench --arch arm64,x86_64',
    );
  }
  const [value, fixed] = [VALUE_OF[dimension], VALUE_OF[OTHER[dimension]]];
  const at = (wanted: string) => ({ ...report, runs: report.runs.filter((run) => value(run) === wanted) });
  const [noVerdict] = others.flatMap((other) => {
    const difference = machineDiffers(at(first), at(other));
    return difference === undefined ? [] : [`${first} → ${other}: ${difference}`];
  });
  const method: Method = {
    of: 'benches',
    hosts: hostsOf(report),
    percentiles: computedPercentiles(percentilesOf(options.rules)),
    isVoid: noVerdict !== undefined,
  };
  const functions = report.runs
    .filter((run) => value(run) !== first)
    .flatMap((run) => {
      const earlier = report.runs.find(
        (other) =>
          value(other) === first &&
          other.route === run.route &&
          other.runtime === run.runtime &&
          fixed(other) === fixed(run),
      );
      if (earlier === undefined) return [];
      const isFixedTold = new Set(report.runs.map(fixed)).size > 1;
      const label = [run.label, isFixedTold ? fixed(run) : '', value(run)]
        .filter((part) => part !== '')
        .join(' ');
      return TEMPERATURES.flatMap((temperature) =>
        compareFunction([earlier], [run], temperature, method).map((compared) => ({ ...compared, label })),
      );
    });
  return {
    schema: COMPARISON_SCHEMA,
    of: 'benches',
    ...(noVerdict === undefined ? {} : { noVerdict }),
    before: { ...sideOf(named), name: first },
    after: { ...sideOf(named), name: others.join(', ') },
    functions,
    differences: [],
    onlyBefore: [],
    onlyAfter: [],
    rules: judgeRules(options.rules, functions),
  };
}

/** The values of a report along a dimension: memory sizes ascending, architectures in their order of appearance. */
function valuesAlong(runs: readonly ReportedRun[], dimension: Dimension): string[] {
  const ordered =
    dimension === 'memory'
      ? runs.toSorted((a, b) => (a.memorySizeMB ?? 0) - (b.memorySizeMB ?? 0))
      : [...runs];
  return [...new Set(ordered.map(VALUE_OF[dimension]))];
}

/**
 * Refuses to compare a report that contains a function in several settings with another report, because its figures
 * would mix the settings.
 *
 * @throws usageError `mixed-settings`, which names the function and the settings
 */
export function refuseMixture({ name, report }: NamedReport): void {
  for (const label of new Set(report.runs.map((run) => run.label))) {
    const own = report.runs.filter((run) => run.label === label);
    for (const dimension of DIMENSIONS) {
      const values = valuesAlong(own, dimension);
      if (values.length < 2) continue;
      throw usageError(
        'mixed-settings',
        `${name} contains ${label} in several settings (${values.join(', ')}). Figures over several settings can't be compared.`,
        `shedbench compare ${name} --along ${dimension}`,
      );
    }
  }
}
