import { Argument, type Command, type Option } from 'commander';
import { FUNCTION_DEFAULTS } from '../../model/defaults.ts';
import { ROUTES } from '../../model/route.ts';
import { ARCHITECTURES } from '../../model/target.ts';
import type { CompletedCommand } from '../completion-script.ts';
import type { Host } from '../host.ts';
import { parseChoice } from '../parse-values.ts';
import { COLOR_CHOICES, examples, REPORT_FORMATS } from '../shared-options.ts';

/** The shells in the order of the help; `completion-script.ts` has a script for each. */
const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The values of options with a fixed list, or mostly so. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--arch': ARCHITECTURES,
  '--color': COLOR_CHOICES,
  '--format': REPORT_FORMATS,
  '--route': ROUTES,
  '--runtime': ['rust', 'go', 'node', 'python'],
  '--memory': [String(FUNCTION_DEFAULTS.memorySizeMB), '512', '1024', '1769', '3008'],
};

/** Adds the verb `completion`. */
export function addCompletion(program: Command, host: Host): void {
  const completion = program
    .command('completion')
    .description('print a script that completes commands and options in bash, zsh or fish')
    .addArgument(new Argument('<shell>', SHELLS.join(', ')).argParser(parseChoice('completion', SHELLS)))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import('../completion-script.ts');
      host.writeOut(completionScript(shell, completedCommand(program)));
    });
  examples(completion, [
    'source <(shedbench completion bash)',
    'shedbench completion fish > ~/.config/fish/completions/shedbench.fish',
  ]);
}

/** The words that arguments take, by the names that the help has for them. */
const ARGUMENT_WORDS: Readonly<Record<string, readonly string[]>> = {
  shell: SHELLS,
  before: ['latest', 'previous'],
  after: ['latest', 'previous'],
};

function completedCommand(command: Command): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.filter(({ hidden }) => !hidden).map(completedOption),
    commands: command.commands.map(completedCommand),
    words: [
      ...new Set(command.registeredArguments.flatMap((argument) => ARGUMENT_WORDS[argument.name()] ?? [])),
    ],
  };
}

function completedOption(option: Option): CompletedCommand['options'][number] {
  const { short, long, description, required, optional } = option;
  const name = long ?? short ?? '';
  return {
    ...(short === undefined || short === name ? {} : { short }),
    long: name,
    description,
    takesValue: required || optional,
    values: VALUES[name] ?? [],
  };
}
