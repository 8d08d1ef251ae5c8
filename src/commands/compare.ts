import { usageError } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { Comparison } from '../model/comparison.ts';
import type { Selector } from '../model/selector.ts';
import { compareAlong, type Dimension, refuseMixture } from '../report/comparison/compare-along.ts';
import { compareBuilds } from '../report/comparison/compare-builds.ts';
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
  const openBefore = await find(first, options, deps);
  // Both sides are found before the rows of the first are read, which can take minutes.
  const openAfter = second === undefined ? undefined : await find(second, options, deps);
  const before = await openBefore();
  const data =
    options.along !== undefined
      ? compareAlong(before, options.along, { rules })
      : openAfter === undefined
        ? compareBuilds(before, { rules })
        : compareTwo(before, await openAfter(), options, rules);
  return { exitCode: comparisonExitCode(data, options.failIfUnsure), data };
}

function compareTwo(
  before: NamedReport,
  after: NamedReport,
  { force }: CompareOptions,
  rules: readonly FailRule[],
): Comparison {
  for (const side of [before, after]) refuseMixture(side);
  return compareReports(before, after, { rules, force });
}

/** `latest previous` compares the later with the earlier, in both orders of the two words. */
function inOrder({ before, after }: CompareOptions): [string, string | undefined] {
  return before === 'latest' && after === 'previous' ? [after, before] : [before, after];
}

/**
 * Finds the file or the runs of a side, and returns how to read its report.
 *
 * @throws usageError for a file that is no report, and for a word that selects no runs
 */
async function find(
  name: string,
  options: CompareOptions,
  deps: CommandDeps,
): Promise<() => Promise<NamedReport>> {
  const text = await reportFileText(name, deps.cwd);
  if (text !== undefined) {
    const report = readReport(text, name);
    return async () => ({ name, report });
  }
  if (/[/\\]|\.json$/.test(name)) {
    const report = await openReportFile(name, deps.cwd);
    return async () => ({ name, report });
  }
  const asked = { ...options, runIds: [name] };
  const runs = await runsToReport(asked, deps);
  return async () => ({ name, report: (await reportOnRecords(runs, asked, deps)).data });
}
