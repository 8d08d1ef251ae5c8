import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { collect, type DeployedOptions, examples, outputChoice, withDeployed } from '../shared-options.ts';
import { toDeployed } from '../to-options.ts';

/** Adds the verb `teardown`. */
export function addTeardown(program: Command, host: Host): void {
  const teardown = program
    .command('teardown')
    .description('delete everything that deploy created, and check that it is gone');
  withDeployed(teardown, 'only these runtimes (default: all, and the bucket)')
    .option('-y, --yes', 'do not ask; needed on AWS where there is no terminal')
    .option('--retain <logical-id>', 'keep a resource that cannot be deleted (may be repeated)', collect)
    .action(async (options: DeployedOptions & { yes?: true; retain?: string[] }) => {
      await host.run(outputChoice(options), async (deps) => {
        const { teardown } = await import('../../commands/teardown.ts');
        const { renderTeardown } = await import('../../render/deployment.ts');
        const { exitCode, data } = await teardown(
          {
            ...toDeployed(options),
            assumeYes: options.yes === true,
            retain: options.retain ?? [],
          },
          deps,
        );
        return { exitCode, data, text: renderTeardown };
      });
    });
  examples(teardown, ['shedbench teardown', 'shedbench teardown --project my-shed --region eu-west-3 --yes']);
}
