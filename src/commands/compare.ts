import { usageError } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { Comparison } from '../model/comparison.ts';
import type { RunRecord } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import {
  compareAlong,
  type Dimension,
  refuseMixture,
  refuseOneValue,
} from '../report/comparison/compare-along.ts';
import { compareBuilds, refuseWithoutBuilds } from '../report/comparison/compare-builds.ts';
import {
  compareReports,
  comparisonExitCode,
  type NamedReport,
} from '../report/comparison/compare-reports.ts';
import { type FailRule, parseFailRule } from '../report/comparison/fail-rules.ts';
import { openReportFile, readReport, reportFileText } from '../store/report-document.ts';
import { reportOnRecords, runsToReport } from './report.ts';

export interface CompareOptions extends Selector {
  /** A report's file, or a word for `findRuns`: an id or its beginning, a name, `latest`, `previous`. */
  readonly before: string;
  /** Undefined means to compare the builds in `before` with each other. */
  readonly after?: string;
  /** Compares along this dimension within `before`, which was measured in several settings. */
  readonly along?: Dimension;
  /** As typed. */
  readonly failIf: readonly string[];
  readonly failIfUnsure: boolean;
  readonly force: boolean;
}

/**
 * Compares two reports, or the builds within one, function by function. Exit 1 if a rule of `failIf` is certainly
 * true, and with `failIfUnsure` if that can't be decided.
 *
 * With `along` it compares the settings of one report.
 *
 * @throws ShedbenchError exit 2 for an invalid report or rule and for reports that are not comparable; as `report`
 * for ids
 */
export async function compare(
  options: CompareOptions,
  deps: CommandDeps,
): Promise<CommandResult<Comparison>> {
  const rules = options.failIf.map(parseFailRule);
  if (options.along !== undefined && options.after !== undefined) {
    throw usageError(
      'along-one-report',
      '--along compares the settings of one report, and two were named.',
      `shedbench compare ${options.before} --along ${options.along}`,
    );
  }
  const [first, second] = inOrder(options);
  // Both sides are found and checked before the rows of the first are read, which can take minutes.
  const before = await find(first, options, deps);
  const after = second === undefined ? undefined : await find(second, options, deps);
  const compareFound = comparisonOf(before, after, options, rules);
  const data = await compareFound();
  return { exitCode: comparisonExitCode(data, options.failIfUnsure), data };
}

/**
 * Checks that the runs of the sides can be compared, and returns how to read their rows and to compare them.
 *
 * @throws usageError `one-value`, `no-builds`, `unknown-scope`, `scope-not-judged`, `mixed-settings`
 */
function comparisonOf(
  before: Side,
  after: Side | undefined,
  { along, force }: CompareOptions,
  rules: readonly FailRule[],
): () => Promise<Comparison> {
  if (along !== undefined) {
    refuseOneValue(before.name, before.runs, along);
    return async () => compareAlong(await before.open(), along, { rules });
  }
  if (after === undefined) {
    refuseWithoutBuilds(before.name, before.runs, rules);
    return async () => compareBuilds(await before.open(), { rules });
  }
  for (const { name, runs } of [before, after]) refuseMixture(name, runs);
  return async () => compareReports(await before.open(), await after.open(), { rules, force });
}

/** `latest previous` compares the later with the earlier, in both orders of the two words. */
function inOrder({ before, after }: CompareOptions): [string, string | undefined] {
  return before === 'latest' && after === 'previous' ? [after, before] : [before, after];
}

/** One side of a comparison, before its rows are read. */
interface Side {
  readonly name: string;
  readonly runs: readonly Pick<
    RunRecord,
    'runtime' | 'route' | 'benchId' | 'memorySizeMB' | 'architecture'
  >[];
  /** Returns its report. Reads rows unless the side is a file. */
  open(): Promise<NamedReport>;
}

/**
 * Finds the file or the runs of a side.
 *
 * @throws usageError for a file that is no report, and for a word that selects no runs
 */
async function find(name: string, options: CompareOptions, deps: CommandDeps): Promise<Side> {
  const text = await reportFileText(name, deps.cwd);
  if (text !== undefined || /[/\\]|\.json$/.test(name)) {
    const report = text === undefined ? await openReportFile(name, deps.cwd) : readReport(text, name);
    return { name, runs: report.runs, open: async () => ({ name, report }) };
  }
  const asked = { ...options, runIds: [name] };
  const runs = await runsToReport(asked, deps);
  return {
    name,
    runs,
    open: async () => ({ name, report: (await reportOnRecords(runs, asked, deps)).data }),
  };
}
