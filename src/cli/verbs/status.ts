import type { Command } from 'commander';
import type { Host } from '../host.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type SelectorOptions,
  withOutput,
  withSelectors,
} from '../shared-options.ts';
import { toSelector } from '../to-options.ts';

/** Adds the verb `status`. */
export function addStatus(program: Command, host: Host): void {
  const status = program
    .command('status')
    .description('show what is deployed, where, and whether it answers');
  withOutput(withSelectors(status)).action(async (options: OutputOptions & SelectorOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { status } = await import('../../commands/status.ts');
      const { renderStatus } = await import('../../render/deployment.ts');
      const { exitCode, data } = await status(toSelector(options), deps);
      return { exitCode, data, text: renderStatus };
    });
  });
  examples(status, ['shedbench status', 'shedbench status --local --json']);
}
