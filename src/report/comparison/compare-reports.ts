import { usageError } from '../../errors.ts';
import { COMPARISON_SCHEMA, type ComparedSide, type Comparison } from '../../model/comparison.ts';
import { computedPercentiles } from '../../model/percentiles.ts';
import { type Report, type ReportedRun, TEMPERATURES } from '../../model/report.ts';
import { compareFunction, type Method } from './compare-function.ts';
import { differencesOf } from './differences.ts';
import { type FailRule, judgeRules, percentilesOf } from './fail-rules.ts';
import { placeOf } from './place-of.ts';
import { machineDiffers } from './same-machine.ts';

/** A report with the name by which the user chose it: a file, a run or a bench. */
export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

/**
 * The changes between two reports, per function and temperature, as later divided by earlier. Each run of a function
 * in a report counts as one bench of its side. `compareBuilds` detects much smaller changes, because it compares
 * builds of one bench.
 *
 * @throws usageError `not-comparable` where target, memory size or architecture differ, unless `force`
 */
export function compareReports(
  before: NamedReport,
  after: NamedReport,
  options: { readonly rules: readonly FailRule[]; readonly force: boolean },
): Comparison {
  const [labelsBefore, labelsAfter] = [labelsOf(before.report), labelsOf(after.report)];
  const shared = labelsBefore.filter((label) => labelsAfter.includes(label));
  if (!options.force) refuseUnlike(before, after, shared);
  const noVerdict = machineDiffers(before.report, after.report);
  const method: Method = {
    of: 'benches',
    hosts: hostsOf(after.report),
    percentiles: computedPercentiles(percentilesOf(options.rules)),
    isVoid: noVerdict !== undefined,
  };
  const functions = shared.flatMap((label) =>
    TEMPERATURES.flatMap((temperature) =>
      compareFunction(runsOf(before.report, label), runsOf(after.report, label), temperature, method),
    ),
  );
  return {
    schema: COMPARISON_SCHEMA,
    of: 'benches',
    ...(noVerdict === undefined ? {} : { noVerdict }),
    before: sideOf(before),
    after: sideOf(after),
    functions,
    differences: differencesOf(before.report, after.report, shared),
    onlyBefore: labelsBefore.filter((label) => !shared.includes(label)),
    onlyAfter: labelsAfter.filter((label) => !shared.includes(label)),
    rules: judgeRules(options.rules, functions),
  };
}

/** The place where the environments of a report's functions run. */
export function hostsOf(report: Report): Method['hosts'] {
  return report.target.kind === 'local' ? 'one' : 'many';
}

/** 1 if a rule failed, or if one could not be decided and `failIfUnsure` is set; otherwise 0. */
export function comparisonExitCode({ rules }: Comparison, failIfUnsure: boolean): 0 | 1 {
  return rules.some(({ state }) => state === 'failed' || (failIfUnsure && state === 'unsure')) ? 1 : 0;
}

function labelsOf(report: Report): string[] {
  return [...new Set(report.runs.map(({ label }) => label))];
}

/** Describes a report as one side of a comparison. */
export function sideOf({ name, report }: NamedReport): ComparedSide {
  return {
    name,
    createdAtEpochMs: report.createdAtEpochMs,
    measured: report.measured,
    toolVersion: report.toolVersion,
    targetKind: report.target.kind,
    ...(report.target.region === undefined ? {} : { region: report.target.region }),
  };
}

function refuseUnlike(before: NamedReport, after: NamedReport, shared: readonly string[]): void {
  const refuse = (what: string, left: string, right: string) =>
    usageError(
      'not-comparable',
      `${before.name} and ${after.name} are of different ${what} (${left}; ${right}): their difference says nothing about the code`,
      '--force compares them all the same',
    );
  const [placeBefore, placeAfter] = [placeOf(before.report), placeOf(after.report)];
  if (placeBefore !== placeAfter) throw refuse('targets', placeBefore, placeAfter);
  for (const label of shared) {
    const texts = (value: (run: ReportedRun) => string) =>
      [before.report, after.report].map((report) =>
        [...new Set(runsOf(report, label).map(value))].join(', '),
      ) as [string, string];
    const memory = texts(({ memorySizeMB }) =>
      memorySizeMB === undefined ? 'unknown' : `${memorySizeMB} MB`,
    );
    if (memory[0] !== memory[1]) throw refuse('memory sizes', ...memory);
    const architecture = texts((run) => run.architecture ?? 'unknown');
    if (architecture[0] !== architecture[1]) throw refuse('architectures', ...architecture);
  }
}

function runsOf(report: Report, label: string): ReportedRun[] {
  return report.runs.filter((run) => run.label === label);
}
