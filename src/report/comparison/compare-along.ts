import { usageError } from '../../errors.ts';
import { COMPARISON_SCHEMA, type ComparedFunction, type Comparison } from '../../model/comparison.ts';
import { computedPercentiles } from '../../model/percentiles.ts';
import { type Report, type ReportedRun, TEMPERATURES } from '../../model/report.ts';
import { runLabel } from '../../model/run-name.ts';
import { compareFunction, type Method } from './compare-function.ts';
import { hostsOf, type NamedReport, sideOf } from './compare-reports.ts';
import { type FailRule, judgeRules, percentilesOf } from './fail-rules.ts';
import { machineDiffers } from './same-machine.ts';

/** A dimension of a bench over several settings. */
export const DIMENSIONS = ['memory', 'arch'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const VALUE_OF: Readonly<Record<Dimension, (run: PlacedRun) => string>> = {
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
  const [first, ...others] = valuesAlong(report.runs, dimension);
  if (first === undefined || others.length === 0) throw oneValue(named.name, dimension, first);
  const noVerdict = unlikeMachines(report, dimension, first, others);
  const functions = functionsAlong(report.runs, dimension, first, {
    of: 'benches',
    hosts: hostsOf(report),
    percentiles: computedPercentiles(percentilesOf(options.rules)),
    isVoid: noVerdict !== undefined,
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

/** The part of a run that determines its function and its setting. */
type PlacedRun = Pick<ReportedRun, 'runtime' | 'route' | 'memorySizeMB' | 'architecture'>;

/** Refuses runs that have one value along a dimension, before rows are read. @throws usageError `one-value` */
export function refuseOneValue(name: string, runs: readonly PlacedRun[], dimension: Dimension): void {
  const [first, ...others] = valuesAlong(runs, dimension);
  if (others.length === 0) throw oneValue(name, dimension, first);
}

function oneValue(name: string, dimension: Dimension, value: string | undefined) {
  const [noun, bench] =
    dimension === 'memory'
      ? ['memory size', 'shedbench bench --memory 128,512,1024']
      : ['architecture', 'shedbench bench --arch arm64,x86_64'];
  return usageError(
    'one-value',
    `${name} contains only one ${noun} (${value ?? 'none'}): nothing changes along ${dimension}.`,
    bench,
  );
}

/**
 * Why this machine, which ran the functions, was not in the same state for the first value and one of the others.
 * Undefined if it was, or if it did not run them.
 */
function unlikeMachines(
  report: Report,
  dimension: Dimension,
  first: string,
  others: readonly string[],
): string | undefined {
  const at = (wanted: string): Report => ({
    ...report,
    runs: report.runs.filter((run) => VALUE_OF[dimension](run) === wanted),
  });
  const [difference] = others.flatMap((other) => {
    const found = machineDiffers(at(first), at(other));
    return found === undefined ? [] : [`${first} → ${other}: ${found}`];
  });
  return difference;
}

/** The changes of each run from the run of the same function at the first value. */
function functionsAlong(
  runs: readonly ReportedRun[],
  dimension: Dimension,
  first: string,
  method: Method,
): ComparedFunction[] {
  const [value, fixed] = [VALUE_OF[dimension], VALUE_OF[OTHER[dimension]]];
  const isFixedTold = new Set(runs.map(fixed)).size > 1;
  return runs
    .filter((run) => value(run) !== first)
    .flatMap((run) => {
      const earlier = runs.find(
        (other) =>
          value(other) === first &&
          other.route === run.route &&
          other.runtime === run.runtime &&
          fixed(other) === fixed(run),
      );
      if (earlier === undefined) return [];
      const label = [run.label, ...(isFixedTold ? [fixed(run)] : []), value(run)].join(' ');
      return TEMPERATURES.flatMap((temperature) =>
        compareFunction([earlier], [run], temperature, method).map((compared) => ({ ...compared, label })),
      );
    });
}

/** The values of a report along a dimension: memory sizes ascending, architectures in their order of appearance. */
function valuesAlong(runs: readonly PlacedRun[], dimension: Dimension): string[] {
  const ordered =
    dimension === 'memory'
      ? runs.toSorted((a, b) => (a.memorySizeMB ?? 0) - (b.memorySizeMB ?? 0))
      : [...runs];
  return [...new Set(ordered.map(VALUE_OF[dimension]))];
}

/**
 * Refuses to compare runs of a function in several settings with another report, because the figures would mix the
 * settings. It needs no rows.
 *
 * @throws usageError `mixed-settings`, which names the function and the settings
 */
export function refuseMixture(name: string, runs: readonly PlacedRun[]): void {
  for (const label of new Set(runs.map(runLabel))) {
    const own = runs.filter((run) => runLabel(run) === label);
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
