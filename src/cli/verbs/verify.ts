import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { type DeployedOptions, examples, outputChoice, withDeployed } from '../shared-options.ts';
import { toDeployed } from '../to-options.ts';

/** Adds the verb `verify`. */
export function addVerify(program: Command, host: Host): void {
  const verify = program
    .command('verify')
    .description("check every deployed API against the shed's contract, rule by rule (empties the tables)");
  withDeployed(verify, 'runtimes separated by commas (default: all deployed)')
    .option('-y, --yes', 'empty tables that have sheep without asking')
    .option('--all', 'also list the rules that hold')
    .action(async (options: DeployedOptions & { yes?: true; all?: true }) => {
      await host.run(outputChoice(options), async (deps) => {
        const { verify } = await import('../../commands/verify.ts');
        const { renderVerify } = await import('../../render/contract.ts');
        const { exitCode, data } = await verify(
          { ...toDeployed(options), assumeYes: options.yes === true },
          deps,
        );
        return {
          exitCode,
          data,
          text: (shown: typeof data, style) => renderVerify(shown, style, options.all === true),
        };
      });
    });
  examples(verify, ['shedbench verify', 'shedbench verify --local --runtime rust,go,node,python']);
}
