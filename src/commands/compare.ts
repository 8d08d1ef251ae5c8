import { usageError } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { Comparison } from '../model/comparison.ts';
import type { Report } from '../model/report.ts';
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
import { report } from './report.ts';

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
  const before = await open(first, options, deps);
  const data =
    options.along !== undefined
      ? compareAlong(before, options.along, { rules })
      : second === undefined
        ? compareBuilds(before, { rules })
        : await compareTwo(before, second, options, rules, deps);
  return { exitCode: comparisonExitCode(data, options.failIfUnsure), data };
}

async function compareTwo(
  before: NamedReport,
  name: string,
  options: CompareOptions,
  rules: readonly FailRule[],
  deps: CommandDeps,
): Promise<Comparison> {
  const after = await open(name, options, deps);
  for (const side of [before, after]) refuseMixture(side);
  return compareReports(before, after, { rules, force: options.force });
}

/** `latest previous` compares the later with the earlier, in both orders of the two words. */
function inOrder({ before, after }: CompareOptions): [string, string | undefined] {
  return before === 'latest' && after === 'previous' ? [after, before] : [before, after];
}

async function open(
  name: string,
  options: CompareOptions,
  deps: CommandDeps,
): Promise<{ readonly name: string; readonly report: Report }> {
  const text = await reportFileText(name, deps.cwd);
  if (text !== undefined) return { name, report: readReport(text, name) };
  if (/[/\\]|\.json$/.test(name)) return { name, report: await openReportFile(name, deps.cwd) };
  const { data } = await report({ ...options, runIds: [name] }, deps);
  return { name, report: data };
}
