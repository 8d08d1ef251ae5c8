import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { type DeployedOptions, examples, outputChoice, withDeployed } from '../shared-options.ts';
import { toDeployed } from '../to-options.ts';

/** Adds the verb `reset`. */
export function addReset(program: Command, host: Host): void {
  const reset = program.command('reset').description('empty the tables, as bench does before a load');
  withDeployed(reset, 'runtimes separated by commas (default: all deployed)').action(
    async (options: DeployedOptions) => {
      await host.run(outputChoice(options), async (deps) => {
        const { reset } = await import('../../commands/reset.ts');
        const { renderReset } = await import('../../render/deployment.ts');
        const { exitCode, data } = await reset(toDeployed(options), deps);
        return { exitCode, data, text: renderReset };
      });
    },
  );
  examples(reset, ['shedbench reset', 'shedbench reset --runtime rust']);
}
