import { usageError } from '../../errors.ts';
import { cellOf } from '../../model/cell.ts';
import { COMPARISON_SCHEMA, type Comparison } from '../../model/comparison.ts';
import { computedPercentiles } from '../../model/percentiles.ts';
import { type ReportedRun, TEMPERATURES } from '../../model/report.ts';
import { compareFunction, type Method } from './compare-function.ts';
import { hostsOf, type NamedReport, sideOf } from './compare-reports.ts';
import { checkScopes, type FailRule, judgeRules, percentilesOf } from './fail-rules.ts';

/** The labels of two builds of one runtime in one bench. */
export interface BuildPair {
  readonly before: string;
  readonly after: string;
}

/**
 * The pairs of builds among runtimes, found by the labels that `bench` gives them: `node-against` and `node`, `node-a`
 * and `node-b`, or the versions `node22` and `node24`. Further letters and versions are compared with the first.
 */
export function buildPairs(labels: readonly string[]): BuildPair[] {
  const runtimes = [...new Set(labels)];
  return runtimes.flatMap((after): BuildPair[] => {
    const version = /^(.*\D)(\d+)$/.exec(after);
    if (version !== null) {
      const oldest = oldestVersion(version[1] ?? '', runtimes);
      return oldest === undefined || oldest === after ? [] : [{ before: oldest, after }];
    }
    const letter = /^(.+)-([b-z])$/.exec(after);
    const before = letter === null ? `${after}-against` : `${letter[1]}-a`;
    return runtimes.includes(before) ? [{ before, after }] : [];
  });
}

/** The label with the lowest digits among labels that are a name and digits: `node22` of `node22` and `node24`. */
function oldestVersion(name: string, runtimes: readonly string[]): string | undefined {
  return runtimes
    .filter((label) => label.startsWith(name) && /^\d+$/.test(label.slice(name.length)))
    .sort((a, b) => Number(a.slice(name.length)) - Number(b.slice(name.length)))[0];
}

/** The part of a run that determines with which other run it is compared. */
type PlacedRun = Pick<ReportedRun, 'runtime' | 'route' | 'benchId' | 'memorySizeMB' | 'architecture'>;

/** Every run of a later build, with the run of its base from the same bench, route and setting. */
function pairedRuns<R extends PlacedRun>(runs: readonly R[]): { readonly earlier: R; readonly run: R }[] {
  return buildPairs(runs.map(({ runtime }) => runtime)).flatMap(({ before, after }) =>
    runs
      .filter(({ runtime }) => runtime === after)
      .flatMap((run) => {
        const earlier = runs.find(
          (other) =>
            other.runtime === before &&
            other.route === run.route &&
            other.benchId === run.benchId &&
            cellOf(other) === cellOf(run),
        );
        return earlier === undefined ? [] : [{ earlier, run }];
      }),
  );
}

function noBuilds(name: string) {
  return usageError(
    'no-builds',
    `${name} does not contain two builds of one runtime`,
    'shedbench bench --against DIR measures two builds in one bench. compare also accepts two reports',
  );
}

/**
 * Refuses runs among which no builds can be compared, and rules that can judge none of them, before rows are read.
 *
 * @throws usageError `no-builds`, and as `checkScopes`
 */
export function refuseWithoutBuilds(
  name: string,
  runs: readonly PlacedRun[],
  rules: readonly FailRule[],
): void {
  const pairs = pairedRuns(runs);
  if (pairs.length === 0) throw noBuilds(name);
  checkScopes(
    rules,
    runs,
    pairs.map(({ run }) => run),
  );
}

/**
 * The changes between two builds that one bench measured in the same rounds, per route and temperature. The rounds are
 * paired, so that a disturbance of the machine in a round affects both builds.
 *
 * @throws usageError `no-builds` if the report has no pair of builds measured in one bench
 */
export function compareBuilds(
  named: NamedReport,
  options: { readonly rules: readonly FailRule[] },
): Comparison {
  const { report } = named;
  const pairs = buildPairs(report.runs.map(({ runtime }) => runtime));
  const method: Method = {
    of: 'builds',
    hosts: hostsOf(report),
    percentiles: computedPercentiles(percentilesOf(options.rules)),
    isVoid: false,
  };
  const measured = pairedRuns(report.runs);
  if (measured.length === 0) throw noBuilds(named.name);
  const functions = measured.flatMap(({ earlier, run }) =>
    TEMPERATURES.flatMap((temperature) => compareFunction([earlier], [run], temperature, method)),
  );
  const side = (of: keyof BuildPair) => ({
    ...sideOf(named),
    name: pairs.map((pair) => pair[of]).join(', '),
  });
  return {
    schema: COMPARISON_SCHEMA,
    of: 'builds',
    before: side('before'),
    after: side('after'),
    functions,
    differences: [],
    onlyBefore: [],
    onlyAfter: [],
    rules: judgeRules(options.rules, functions),
  };
}
