import type { Command } from 'commander';
import { type DeployFlags, toDeployFlags, withDeployFlags } from '../deploy-flags.ts';
import type { Host } from '../host.ts';
import { type SettingFlags, toSetting, withSetting } from '../setting-flags.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withRuntimes,
  withTarget,
} from '../shared-options.ts';
import { toDeployed } from '../to-options.ts';

/** Adds the verb `deploy`. */
export function addDeploy(program: Command, host: Host): void {
  const deploy = program
    .command('deploy')
    .description('create or update the sheep shed of each runtime with CloudFormation');
  withOutput(
    withDeployFlags(
      withSetting(
        withRuntimes(
          withTarget(deploy),
          'runtimes separated by commas (default: all that can be built here)',
        ),
      ),
    ),
  )
    .option('--plan', 'print what would be done and do nothing')
    .option('--no-probe', 'do not call the routes afterwards')
    .option('-y, --yes', 'do not ask before an update that loses data')
    .action(
      async (
        options: OutputOptions &
          SelectorOptions &
          RuntimeOptions &
          DeployFlags &
          SettingFlags & { plan?: true; probe: boolean; yes?: true },
      ) => {
        await host.run(outputChoice(options), async (deps) => {
          const { deploy } = await import('../../commands/deploy.ts');
          const { renderDeploy } = await import('../../render/deployment.ts');
          const { exitCode, data } = await deploy(
            {
              ...toDeployed(options),
              ...toDeployFlags(options),
              ...toSetting(options),
              planOnly: options.plan === true,
              probe: options.probe,
              assumeYes: options.yes === true,
            },
            deps,
          );
          return { exitCode, data, text: renderDeploy };
        });
      },
    );
  examples(deploy, ['shedbench deploy', 'shedbench deploy --local --runtime node,python']);
}
