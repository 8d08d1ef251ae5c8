import { Command, CommanderError } from 'commander';
import { type ShedbenchError, usageError } from '../errors.ts';
import type { Host } from './host.ts';
import { addBench } from './verbs/bench.ts';
import { addCompare } from './verbs/compare.ts';
import { addDeploy } from './verbs/deploy.ts';
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
];

/** Commander's codes for a help or version text that was printed as asked. They are no errors. */
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
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (PRINTED_AS_ASKED.has(error.code)) return;
      // Without a verb, `shedbench` and `shedbench local` show their help and exit 0.
      if (error.code === 'commander.help') {
        commandAt(program, argv).outputHelp();
        return;
      }
      throw toUsageError(error, argv);
    }
    throw error;
  }
}

/** The whole command line as commander sees it; nothing of a verb's work is loaded. */
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
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .configureHelp({
        sortSubcommands: false,
        showGlobalOptions: false,
        subcommandTerm: (verb) => verb.name(),
      })
      .configureOutput({
        writeOut: (text) => host.writeOut(text),
        // Errors reach the person once, through `main`.
        writeErr: () => {},
        getOutHelpWidth: () => host.columns,
        getErrHelpWidth: () => host.columns,
      })
      .showSuggestionAfterError(true);
  }
  return program;
}

function commandAt(program: Command, argv: readonly string[]): Command {
  return argv.reduce((at, word) => at.commands.find((verb) => verb.name() === word) ?? at, program);
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function toUsageError(error: CommanderError, argv: readonly string[]): ShedbenchError {
  const verb = argv.find((word) => !word.startsWith('-'));
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!]$/.test(first) ? '' : '.'}`;
  const help =
    error.code === 'commander.unknownCommand' || verb === undefined
      ? 'shedbench --help'
      : `shedbench ${verb} --help`;
  return usageError(
    error.code.replace('commander.', '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    message,
    suggestion === undefined ? help : `${suggestion.replace(/[()]/g, '')} See ${help}`,
  );
}
