import type { Command } from 'commander';
import type { Host } from '../host.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withRuntimes,
  withSelectors,
} from '../shared-options.ts';
import { toRuntimes, toSelector } from '../to-options.ts';

/** Adds the verb `reset`. */
export function addReset(program: Command, host: Host): void {
  const reset = program.command('reset').description('empty the tables, as bench does before a load');
  withOutput(
    withRuntimes(withSelectors(reset), 'runtimes separated by commas (default: all deployed)'),
  ).action(async (options: OutputOptions & SelectorOptions & RuntimeOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { reset } = await import('../../commands/reset.ts');
      const { renderReset } = await import('../../render/deployment.ts');
      const { exitCode, data } = await reset({ ...toSelector(options), ...toRuntimes(options) }, deps);
      return { exitCode, data, text: renderReset };
    });
  });
  examples(reset, ['shedbench reset', 'shedbench reset --runtime rust']);
}
