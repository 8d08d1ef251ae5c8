import { type Command, Option } from 'commander';
import { LOAD_DEFAULTS } from '../model/defaults.ts';
import { DEFAULT_PERCENTILES } from '../model/percentiles.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import type { Route } from '../model/route.ts';
import { MAX_ROUNDS } from '../model/run.ts';
import { PLACES } from '../store/places.ts';
import type { OutputChoice } from './host.ts';
import {
  parseCallCount,
  parseChoice,
  parseFunctions,
  parseM,
  parseN,
  parseParallel,
  parsePercentiles,
  parseProject,
  parseRoutes,
  parseRunsName,
  parseRuntimes,
  parseStartAt,
  parseTimeout,
  parseWholeNumber,
} from './parse-values.ts';

/** Options that every verb has. */
export interface OutputOptions {
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly debug?: true;
  /** False for `--no-color`. */
  readonly color?: (typeof COLOR_CHOICES)[number] | false;
}

export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;

/** The options that select a deployment. */
export interface SelectorOptions {
  readonly project?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly local?: true;
}

export interface RuntimeOptions {
  readonly runtime?: string[];
}

export interface RouteOptions {
  readonly route?: Route[];
}

/** The classic options of a load, with the names and defaults of the original scripts. */
export interface BenchLoadOptions {
  readonly parallel: number;
  readonly callCount?: number;
  readonly rounds?: number;
  readonly cold?: number;
  readonly warmup?: string;
  readonly name?: string;
  readonly timeout?: number;
  readonly m: number;
  readonly n: number;
  readonly startAt: string;
}

/** The largest number of forced cold starts. The interval of a median over a thousand is only a few percent wide. */
const MAX_COLD_STARTS = 1000;
/** The longest wait for rows. No delay of half an hour is known. */
const MAX_WAIT_S = 1800;

/** Collects the values of an option that may be repeated. */
export const collect = (text: string, before: string[] = []): string[] => [...before, text];

export function withOutput(command: Command): Command {
  return command
    .option('--json', 'print the result as JSON on stdout, progress as JSON lines on stderr')
    .addOption(new Option('-q, --quiet', 'show only warnings and errors').conflicts(['verbose', 'debug']))
    .option('--verbose', 'show every event on a line of its own')
    .option('--debug', 'the same with the time of day, and errors with their stacks')
    .addOption(
      new Option('--color <when>', `${COLOR_CHOICES.join(', ')} (default: auto)`).argParser(
        parseChoice('--color', COLOR_CHOICES),
      ),
    )
    .addOption(new Option('--no-color', 'no colour').hideHelp());
}

export function outputChoice(options: OutputOptions): OutputChoice {
  const { json, quiet, verbose, debug, color } = options;
  return {
    json: json === true,
    color: color === false ? 'never' : (color ?? 'auto'),
    verbosity: debug ? 'debug' : verbose ? 'verbose' : quiet ? 'quiet' : 'normal',
  };
}

/** Options of the verbs that create a deployment. Only flags select it. */
export function withTarget(command: Command): Command {
  return withSelectorDefaults(command, {
    project: DEFAULT_PROJECT,
    aws: "the SDK's own chain",
  });
}

/** Options of the verbs that use a deployment. Flags or the record of this folder select it. */
export function withSelectors(command: Command): Command {
  return withSelectorDefaults(command, {
    project: "this folder's deployment, else sheepshed",
    aws: "the deployment's, else the SDK's own chain",
  });
}

function withSelectorDefaults(
  command: Command,
  defaults: { readonly project: string; readonly aws: string },
): Command {
  return command
    .addOption(
      new Option('--project <name>', `the project (default: ${defaults.project})`).argParser(parseProject),
    )
    .option('--local', 'the local cloud on this machine instead of AWS')
    .option('--region <region>', `the AWS region (default: ${defaults.aws})`)
    .option('--profile <profile>', `the AWS profile (default: ${defaults.aws})`);
}

export function withRuntimes(command: Command, help: string): Command {
  return command.addOption(new Option('--runtime <names>', help).argParser(parseRuntimes));
}

/** Options of every verb that works on runtimes of a deployment. */
export type DeployedOptions = OutputOptions & SelectorOptions & RuntimeOptions;

/** Adds `DeployedOptions` to a verb. @param runtimes the help of `--runtime` */
export function withDeployed(command: Command, runtimes: string): Command {
  return withOutput(withRuntimes(withSelectors(command), runtimes));
}

/** Functions that are invoked directly. */
export interface InvokeFlags {
  readonly function?: string[];
  readonly qualifier?: string;
  readonly payload?: string;
}

/** The options of the verbs that invoke functions. */
export function withInvoke(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--function <names>',
        'Lambda functions to invoke, names or ARNs separated by commas',
      ).argParser(parseFunctions),
    )
    .option('--qualifier <version>', 'the version or alias of --function (default: $LATEST)')
    .option('--payload <file|json>', 'what --function is invoked with (default: {})');
}

export function withRoutes(command: Command, help: string): Command {
  return command.addOption(new Option('--route <names>', help).argParser(parseRoutes));
}

/** @param per the unit of the count of calls: `runtime`, `route and runtime` */
export function withBenchLoad(command: Command, per: string): Command {
  return command
    .addOption(
      new Option('-p, --parallel <n>', 'calls in flight at once')
        .argParser(parseParallel)
        .default(LOAD_DEFAULTS.parallel),
    )
    .addOption(
      new Option('-c, --call-count <n>', `calls per ${per} (default: ${LOAD_DEFAULTS.calls})`).argParser(
        parseCallCount,
      ),
    )
    .addOption(
      new Option(
        '--rounds <n>',
        `rounds that the calls are divided into; in each, the runtimes take turns (default: ${LOAD_DEFAULTS.rounds}; 1 for a load of one runtime)`,
      ).argParser((text) => parseWholeNumber('--rounds', text, 1, MAX_ROUNDS)),
    )
    .option(
      '--warmup <n>',
      `calls or time before the first round, reported separately: 100, 10s (default: none for load; for bench ${LOAD_DEFAULTS.benchWarmupShare * 100} % of the calls)`,
    )
    .addOption(
      new Option(
        '--cold <n>',
        'force n cold starts of every function after its rounds; its settings are put back afterwards',
      ).argParser((text) => parseWholeNumber('--cold', text, 1, MAX_COLD_STARTS)),
    )
    .addOption(
      new Option('--name <name>', 'a name for the runs, for report and compare').argParser(parseRunsName),
    )
    .addOption(
      new Option(
        '--timeout <time>',
        `give up an attempt after this long: 5, 5s, 500ms, at most 15m (default: ${LOAD_DEFAULTS.timeoutMs / 1000}s)`,
      ).argParser(parseTimeout),
    )
    .addOption(
      new Option('-m <m>', "cat: Ackermann's first argument, 0 to 4")
        .argParser(parseM)
        .default(LOAD_DEFAULTS.m),
    )
    .addOption(
      new Option('-n <n>', "cat: Ackermann's second argument, 0 to 50000")
        .argParser(parseN)
        .default(LOAD_DEFAULTS.n),
    )
    .addOption(
      new Option('-s, --start-at <number>', 'the number of the first call: of the sheep its tattoo')
        .argParser(parseStartAt)
        .default(LOAD_DEFAULTS.startAt),
    );
}

export const REPORT_FORMATS = [
  'table',
  'json',
  'csv',
  'markdown',
  'html',
  'insights',
  'power-tuning',
  'github',
  'github-benchmark',
] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
/** The formats of a forecast. */
export const FORECAST_FORMATS = ['table', 'json', 'csv', 'markdown', 'html'] as const;

/** The option of `compare` and `bench` for rules. */
export interface RuleFlags {
  readonly failIf?: string[];
  readonly failIfUnsure?: true;
}

export function withRules(command: Command, help: string): Command {
  return command
    .option('--fail-if <condition>', help, collect)
    .option('--fail-if-unsure', 'exit 1 as well when the interval cannot tell');
}

/** The options of `report` and `bench` for reading and writing a report. */
export interface ReportFlags {
  readonly wait?: number;
  readonly baseline?: string;
  readonly priceRegion?: string;
  readonly percentiles?: number[];
  readonly format?: ReportFormat;
  /** The output files. The ending of each determines its format if there is no `--format`. */
  readonly output?: string[];
  readonly wide?: true;
  readonly open?: boolean;
  readonly json?: true;
}

export function withReport(command: Command): Command {
  return command
    .addOption(
      new Option('--wait <seconds>', 'wait at most this long for missing rows').argParser((text) =>
        parseWholeNumber('--wait', text, 0, MAX_WAIT_S),
      ),
    )
    .option('--baseline <runtime>', 'the runtime with which the others are compared (default: the slowest)')
    .option('--price-region <region>', "the region of the prices (default: the deployment's)")
    .addOption(
      new Option(
        '--percentiles <list>',
        `the percentiles to show, separated by commas (default: ${DEFAULT_PERCENTILES.join(',')})`,
      ).argParser(parsePercentiles),
    )
    .addOption(
      new Option('--format <format>', `${REPORT_FORMATS.join(', ')} (default: table)`).argParser(
        parseChoice('--format', REPORT_FORMATS),
      ),
    )
    .option(
      '-o, --output <file>',
      'write the report to a file; its ending picks the format (may be repeated)',
      collect,
    )
    .option('--open', `write the page, to ${PLACES.openedPage} without -o, and show it in the browser`)
    .option('--wide', 'every column, whatever the width of the terminal');
}

/** Appends examples to a verb's help, each a whole command. */
export function examples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`,
  );
}
