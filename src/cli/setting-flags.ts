import { type Command, Option } from 'commander';
import { usageError } from '../errors.ts';
import { FUNCTION_DEFAULTS } from '../model/defaults.ts';
import { ARCHITECTURES, type Architecture } from '../model/target.ts';
import { parseArchitecture, parseMemory } from './parse-values.ts';
import { defined } from './to-options.ts';

const ARCHITECTURE_HELP = `${ARCHITECTURES.join(' or ')} (default: ${FUNCTION_DEFAULTS.architecture}; locally the machine's)`;
const MEMORY_HELP = `memory of every function (default: ${FUNCTION_DEFAULTS.memorySizeMB})`;

/** The settings of every function of a deploy. */
export interface SettingFlags {
  readonly arch?: Architecture;
  readonly memory?: number;
}

/** Options of `deploy`: one setting for all functions. */
export function withSetting(command: Command): Command {
  return command
    .addOption(new Option('--arch <architecture>', ARCHITECTURE_HELP).argParser(parseArchitecture))
    .addOption(new Option('--memory <MB>', MEMORY_HELP).argParser(parseMemory));
}

export function toSetting({ arch, memory }: SettingFlags) {
  return defined({ architecture: arch, memorySizeMB: memory });
}

/** The settings in which a bench measures every function. */
export interface GridFlags {
  readonly arch?: Architecture[];
  readonly memory?: number[];
  readonly stopWhenFlat?: true;
  readonly resume?: true;
}

/** Options of `bench`: one setting for all functions, or several that are measured one after the other. */
export function withGrid(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--arch <architectures>',
        `${ARCHITECTURE_HELP}; both, separated by a comma, are measured one after the other`,
      ).argParser((text) => parseList('--arch', text, parseArchitecture)),
    )
    .addOption(
      new Option(
        '--memory <MB>',
        `${MEMORY_HELP}; several, separated by commas, are measured one after the other`,
      ).argParser((text) => parseList('--memory', text, parseMemory)),
    )
    .option('--stop-when-flat', 'leave out larger memory sizes after one that made no function 5 % faster')
    .option('--resume', 'continue the interrupted bench over several settings of this folder');
}

/** Returns one setting, or a grid if several sizes or architectures were given. @throws usageError `no-grid` */
export function toGrid({ arch = [], memory = [], stopWhenFlat, resume }: GridFlags) {
  const isGrid = arch.length > 1 || memory.length > 1;
  if (stopWhenFlat === true && memory.length < 2) {
    throw usageError(
      'no-grid',
      '--stop-when-flat needs several memory sizes.',
      'shedbench bench --memory 128,512,1024,1769 --stop-when-flat',
    );
  }
  return {
    ...(isGrid
      ? { grid: { architectures: arch, memorySizesMB: memory } }
      : defined({ architecture: arch[0], memorySizeMB: memory[0] })),
    stopWhenFlat: stopWhenFlat === true,
    resumes: resume === true,
  };
}

/**
 * Options that concern only the command itself. A resumed bench takes these from its own command line, and all others
 * from that of the interrupted bench.
 */
const OF_THE_COMMAND: ReadonlySet<string> = new Set([
  'resume',
  'yes',
  'json',
  'quiet',
  'verbose',
  'debug',
  'color',
  'format',
  'output',
]);

/** Refuses options beside `--resume` that would change the bench in the middle. @throws usageError `fixed-by-resume` */
export function refuseBesideResume(command: Command): void {
  if (command.getOptionValueSource('resume') !== 'cli') return;
  const typed = command.options.find((option) => {
    const name = option.attributeName();
    return !OF_THE_COMMAND.has(name) && command.getOptionValueSource(name) === 'cli';
  });
  if (typed === undefined) return;
  throw usageError(
    'fixed-by-resume',
    `--resume goes on with the options that the bench was started with; ${typed.long ?? typed.flags} can't be changed in the middle.`,
    `Leave ${typed.long ?? typed.flags} out, or start a new bench without --resume`,
  );
}

/** Values separated by commas, each once. @throws usageError `bad-list` for none, and what `parse` throws */
export function parseList<T>(flag: string, text: string, parse: (item: string) => T): T[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw usageError('bad-list', `${flag} takes a list, not '${text}'.`);
  return [...new Set(items.map(parse))];
}
