import { Command, CommanderError, type Help } from 'commander';
import { type ShedbenchError, usageError } from '../errors.ts';
import { closest } from '../model/closest.ts';
import { ROUTES } from '../model/route.ts';
import { wrapText } from '../model/wrap-text.ts';
import { addEnvironmentHelp } from './environment-help.ts';
import type { Host } from './host.ts';
import { namedAsTyped, toKnownForms } from './typed-flags.ts';
import { addBench } from './verbs/bench.ts';
import { addCompare } from './verbs/compare.ts';
import { addCompletion } from './verbs/completion.ts';
import { addDeploy } from './verbs/deploy.ts';
import { addDoctor } from './verbs/doctor.ts';
import { addForecast } from './verbs/forecast.ts';
import { addLoad } from './verbs/load.ts';
import { addLocal } from './verbs/local.ts';
import { addMerge } from './verbs/merge.ts';
import { addReport } from './verbs/report.ts';
import { addReset } from './verbs/reset.ts';
import { addRuns } from './verbs/runs.ts';
import { addStatus } from './verbs/status.ts';
import { addTeardown } from './verbs/teardown.ts';
import { addVerify } from './verbs/verify.ts';

/** The verbs in the order of the help. */
const VERBS = [
  addDeploy,
  addStatus,
  addReset,
  addVerify,
  addTeardown,
  addLoad,
  addMerge,
  addBench,
  addReport,
  addForecast,
  addCompare,
  addRuns,
  addLocal,
  addDoctor,
  addCompletion,
];

/** Words of other tools for shedbench's verbs. */
const OTHER_VERBS: Readonly<Record<string, string>> = {
  destroy: 'teardown',
  delete: 'teardown',
  remove: 'teardown',
  down: 'teardown',
  up: 'deploy',
  create: 'deploy',
  run: 'bench',
  benchmark: 'bench',
  start: 'local start',
  stop: 'local stop',
  logs: 'local logs',
  list: 'runs',
  ls: 'runs',
  diff: 'compare',
  test: 'verify',
  check: 'doctor',
};

/** Commander's codes after it printed a help or version text. They are no errors. */
const PRINTED_AS_ASKED = new Set(['commander.helpDisplayed', 'commander.version']);

/**
 * Reads the command line and runs the verb it names.
 *
 * @param argv the arguments after the program's name
 * @throws ShedbenchError with exit code 2 for text that can't be acted on, and whatever the verb throws
 */
export async function runCommandLine(argv: readonly string[], host: Host): Promise<void> {
  const program = createProgram(host);
  try {
    await program.parseAsync(toKnownForms(argv), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (PRINTED_AS_ASKED.has(error.code)) return;
      // Without a verb, `shedbench` and `shedbench local` show their help and exit 0.
      if (error.code === 'commander.help') {
        commandAt(program, argv).outputHelp();
        return;
      }
      throw toUsageError(error, argv, program);
    }
    throw namedAsTyped(error, argv);
  }
}

/** Creates commander's description of the whole command line. It does not load the code of the verbs. */
function createProgram(host: Host): Command {
  const program = new Command('shedbench');
  program
    .description(
      'What does the language of an AWS Lambda cost? Deploys the same small API in Rust, Go, Node and Python, loads it, reads the REPORT lines from CloudWatch Logs, prints the table, and tears everything down.',
    )
    .version(host.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `
Without an AWS account, on this machine alone:
  $ shedbench bench --local --teardown

On AWS, with the credentials of your shell:
  $ shedbench deploy
  $ shedbench load --route wolf -p 100 -c 1000
  $ shedbench report
  $ shedbench teardown`,
    );
  for (const addVerb of VERBS) addVerb(program, host);
  addEnvironmentHelp(program, host.columns);
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .configureHelp({
        sortSubcommands: false,
        showGlobalOptions: false,
        subcommandTerm: (verb) => verb.name(),
        ...(host.columns < BESIDE_FROM_COLUMNS ? { formatItem: belowEachOther } : {}),
      })
      .configureOutput({
        writeOut: (text) => host.writeOut(text),
        // Only `main` prints errors.
        writeErr: () => {},
        getOutHelpWidth: () => host.columns,
        getErrHelpWidth: () => host.columns,
      })
      .showSuggestionAfterError(true);
  }
  return program;
}

/** The least width of a terminal on which an option's description is beside the option. */
const BESIDE_FROM_COLUMNS = 80;
const BELOW_INDENT = '      ';

/** One option or command of a help text, with its description below it. */
function belowEachOther(term: string, _termWidth: number, description: string, helper: Help): string {
  const columns = helper.helpWidth ?? BESIDE_FROM_COLUMNS;
  if (description === '') return `  ${term}`;
  return `  ${term}\n${wrapText(description, columns, { first: BELOW_INDENT, rest: BELOW_INDENT })}`;
}

function commandAt(program: Command, argv: readonly string[]): Command {
  return argv.reduce((at, word) => at.commands.find((verb) => verb.name() === word) ?? at, program);
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function toUsageError(error: CommanderError, argv: readonly string[], program: Command): ShedbenchError {
  const verb = argv.find((word) => !word.startsWith('-'));
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!]$/.test(first) ? '' : '.'}`;
  const isVerb = program.commands.some((command) => command.name() === verb);
  const help = verb === undefined || !isVerb ? 'shedbench --help' : `shedbench ${verb} --help`;
  const meant = readingOf(error, argv, program) ?? suggestion?.replace(/[()]/g, '');
  return usageError(
    error.code.replace('commander.', '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    message,
    meant === undefined ? help : `${meant} See ${help}`,
  );
}

/** A hint about a word that is no valid argument: `load wolf`, `bench rust`, `remove`. */
function readingOf(error: CommanderError, argv: readonly string[], program: Command): string | undefined {
  const words = argv.filter((word) => !word.startsWith('-'));
  const [verb = '', extra = ''] = words;
  if (error.code === 'commander.unknownCommand') {
    const other = OTHER_VERBS[verb.toLowerCase()];
    return other === undefined ? undefined : `Did you mean shedbench ${other}?`;
  }
  if (error.code !== 'commander.excessArguments') return undefined;
  const command = program.commands.find((each) => each.name() === verb);
  const takes = (flag: string): boolean => command?.options.some(({ long }) => long === flag) === true;
  const route = closest(extra, ROUTES);
  if (route !== undefined && takes('--route')) return `Did you mean shedbench ${verb} --route ${route}?`;
  if (takes('--runtime')) return `Did you mean shedbench ${verb} --runtime ${extra}?`;
  return undefined;
}
