import { type Command, Option } from 'commander';
import type { HistoryOptions } from '../../commands/report/history.ts';
import { usageError } from '../../errors.ts';
import { DEFAULT_SINCE } from '../../model/defaults.ts';
import type { Host } from '../host.ts';
import { parseFunctions } from '../parse-values.ts';
import {
  collect,
  examples,
  type OutputOptions,
  outputChoice,
  type ReportFlags,
  type RouteOptions,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withReport,
  withRoutes,
  withRuntimes,
  withSelectors,
} from '../shared-options.ts';
import { defined, toDeployed, toReportTerms } from '../to-options.ts';

/** The options that select the runs of a report. */
interface Choice {
  readonly run?: string[];
  readonly since?: string;
  readonly history?: true;
  readonly function?: string[];
  readonly logGroup?: string;
}

/** Adds the verb `report`. */
export function addReport(program: Command, host: Host): void {
  const report = program
    .command('report')
    .description('query the REPORT lines of the latest runs, wait until all are there, print the table')
    .argument('[file]', 'a report file (JSON), which is only printed in another format');
  withReportFlags(report).action(
    async (
      file: string | undefined,
      options: OutputOptions & SelectorOptions & RuntimeOptions & RouteOptions & Choice & ReportFlags,
    ) => {
      const choice = {
        ...toDeployed(options),
        ...defined({ routes: options.route, since: options.since }),
      };
      if (file !== undefined) refuseSelection(options);
      else checkWhose(options);
      if (options.history === true) {
        refuseBesideHistory(options);
        return await runHistory(choice, options, host);
      }
      await host.run(outputChoice(options), async (deps) => {
        const { report, reportOfFile } = await import('../../commands/report.ts');
        const { checkReportFlags, presentReport } = await import('../present-report.ts');
        checkReportFlags(options, host.outIsTerminal);
        const whose = defined({
          functions: options.function,
          logGroups: options.logGroup?.split(',').filter((name) => name !== ''),
        });
        const { exitCode, data } =
          file === undefined
            ? await report(
                { ...choice, ...whose, ...toReportTerms(options), runIds: options.run ?? [] },
                deps,
              )
            : await reportOfFile(file, deps);
        return presentReport(exitCode, data, options, deps);
      });
    },
  );
  examples(report, [
    'shedbench report',
    'shedbench report -o bench.html',
    'shedbench report --since 2h --format csv',
    'shedbench report bench.json --format github',
    'shedbench report --history --since 30d -o history.html',
    'shedbench report --function my-function,my-other-function --since 1d',
  ]);
}

function withReportFlags(report: Command): Command {
  return withOutput(
    withReport(
      withRoutes(
        withRuntimes(withSelectors(report), 'runtimes separated by commas (default: all that have runs)'),
        'routes separated by commas (default: all that have runs)',
      ),
    ),
  )
    .option(
      '--run <id>',
      'this run or bench: its id or the beginning of it, its name, latest or previous (may be repeated; default: the latest of each route and runtime)',
      collect,
    )
    .option(
      '--since <time>',
      `all runs since: 2h, 3d (with --function: its invocations; default ${DEFAULT_SINCE})`,
    )
    .option('--history', 'the medians of all runs on disk over time, a chart for each route (-o FILE.html)')
    .addOption(
      new Option(
        '--function <names>',
        'all invocations of these Lambda functions, whoever made them: names or ARNs separated by commas',
      ).argParser(parseFunctions),
    )
    .option('--log-group <names>', 'the same for log groups, separated by commas');
}

/** `report --history`. */
async function runHistory(
  choice: HistoryOptions,
  options: OutputOptions & ReportFlags,
  host: Host,
): Promise<void> {
  await host.run(outputChoice(options), async (deps) => {
    const { history } = await import('../../commands/report/history.ts');
    const { checkReportFlags } = await import('../present-report.ts');
    const { checkHistoryFormat, presentHistory } = await import('../present-history.ts');
    checkReportFlags(options, host.outIsTerminal);
    checkHistoryFormat(options);
    const { exitCode, data } = await history(choice, deps);
    return await presentHistory(exitCode, data, options, deps);
  });
}

/** Options without effect on a report file, because its content was chosen and computed when it was made. */
function refuseSelection(
  options: SelectorOptions & RuntimeOptions & RouteOptions & ReportFlags & Choice,
): void {
  const given = CHOOSING.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw usageError(
    'file-is-chosen',
    `A report file is printed as it is, so ${flagOf(given)} has no effect.`,
    'Leave it out, or leave the file out',
  );
}

/**
 * Refuses options without effect on a history, which shows the medians of the kept reports, reads no logs and has no
 * columns that a terminal can be too narrow for.
 * @throws usageError `no-effect`
 */
function refuseBesideHistory(options: SelectorOptions & ReportFlags & Choice): void {
  const given = WITHOUT_HISTORY.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw usageError(
    'no-effect',
    `${flagOf(given)} has no effect on --history, which shows the medians of kept reports.`,
    'Leave it out; --since, --runtime and --route choose among them',
  );
}

const WITHOUT_HISTORY = [
  'profile',
  'run',
  'function',
  'logGroup',
  'wait',
  'baseline',
  'priceRegion',
  'percentiles',
  'wide',
] as const;

/** `--price-region` for the member `priceRegion`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const CHOOSING = [
  'project',
  'local',
  'region',
  'profile',
  'runtime',
  'route',
  'run',
  'since',
  'function',
  'logGroup',
  'history',
  'wait',
  'baseline',
  'priceRegion',
  'percentiles',
] as const;

/**
 * Refuses flags that select runs together with flags that select functions.
 * @throws usageError `two-subjects`
 */
function checkWhose(options: {
  readonly function?: unknown;
  readonly logGroup?: unknown;
  readonly run?: unknown;
  readonly route?: unknown;
  readonly runtime?: unknown;
  readonly project?: unknown;
}): void {
  const ofRuns = (['run', 'route', 'runtime', 'project'] as const).find(
    (flag) => options[flag] !== undefined,
  );
  const ofFunctions = options.function === undefined ? 'log-group' : 'function';
  if (ofRuns === undefined || (options.function ?? options.logGroup) === undefined) return;
  throw usageError(
    'two-subjects',
    `--${ofRuns} picks runs of this folder, --${ofFunctions} all invocations in a window.`,
    'Give one of the two',
  );
}
