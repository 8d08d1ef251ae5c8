import { type Command, Option } from 'commander';
import { FUNCTION_DEFAULTS } from '../model/defaults.ts';
import type { Host } from './host.ts';
import { parseArchitecture, parseMemory, parseRetention } from './parse-values.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withRuntimes,
  withSelectors,
  withTarget,
} from './shared-options.ts';
import { defined, toRuntimes, toSelector } from './to-options.ts';

/** Options of `deploy` that `bench` has too, since it deploys where nothing is. */
export interface DeployFlags {
  readonly handlers?: string[];
  readonly arch?: 'arm64' | 'x86_64';
  readonly memory?: number;
  readonly allowOrigin?: string;
  readonly logRetention?: number;
}

export function withDeployFlags(command: Command): Command {
  return command
    .option(
      '--handlers <dir>',
      'a folder with a runtime of your own (may be repeated; two of one runtime are compared)',
      (dir: string, before: string[] = []) => [...before, dir],
    )
    .addOption(
      new Option(
        '--arch <architecture>',
        "arm64 or x86_64 (default: arm64; locally the machine's)",
      ).argParser(parseArchitecture),
    )
    .addOption(
      new Option(
        '--memory <MB>',
        `memory of every function (default: ${FUNCTION_DEFAULTS.memorySizeMB})`,
      ).argParser(parseMemory),
    )
    .option(
      '--allow-origin <origin>',
      `Access-Control-Allow-Origin of every answer (default: ${FUNCTION_DEFAULTS.allowOrigin})`,
    )
    .addOption(
      new Option(
        '--log-retention <days>',
        `retention of the log groups (default: ${FUNCTION_DEFAULTS.logRetentionDays})`,
      ).argParser(parseRetention),
    );
}

export function toDeployFlags(flags: DeployFlags) {
  return {
    ...defined({
      architecture: flags.arch,
      memorySizeMB: flags.memory,
      allowOrigin: flags.allowOrigin,
      logRetentionDays: flags.logRetention,
    }),
    handlerDirs: flags.handlers ?? [],
  };
}

/** `deploy`, `status`, `reset`, `verify` and `teardown`. */
export function addLifecycleVerbs(program: Command, host: Host): void {
  const deploy = program
    .command('deploy')
    .description('create or update the sheep shed of each runtime with CloudFormation');
  withOutput(
    withDeployFlags(
      withRuntimes(withTarget(deploy), 'runtimes separated by commas (default: all that can be built here)'),
    ),
  )
    .option('--plan', 'print what would be done and do nothing')
    .option('--no-probe', 'do not ask the routes afterwards whether they answer')
    .option('-y, --yes', 'do not ask before an update that loses data')
    .action(
      async (
        options: OutputOptions &
          SelectorOptions &
          RuntimeOptions &
          DeployFlags & { plan?: true; probe: boolean; yes?: true },
      ) => {
        await host.run(outputChoice(options), async (deps) => {
          const { deploy } = await import('../commands/deploy.ts');
          const { renderDeploy } = await import('../render/deployment.ts');
          const { exitCode, data } = await deploy(
            {
              ...toSelector(options),
              ...toRuntimes(options),
              ...toDeployFlags(options),
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

  const status = program.command('status').description('say what is deployed, where, and whether it answers');
  withOutput(withSelectors(status)).action(async (options: OutputOptions & SelectorOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { status } = await import('../commands/status.ts');
      const { renderStatus } = await import('../render/deployment.ts');
      const { exitCode, data } = await status(toSelector(options), deps);
      return { exitCode, data, text: renderStatus };
    });
  });
  examples(status, ['shedbench status', 'shedbench status --local --json']);

  const reset = program.command('reset').description('empty the tables, as between two benches');
  withOutput(
    withRuntimes(withSelectors(reset), 'runtimes separated by commas (default: all deployed)'),
  ).action(async (options: OutputOptions & SelectorOptions & RuntimeOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { reset } = await import('../commands/reset.ts');
      const { renderReset } = await import('../render/deployment.ts');
      const { exitCode, data } = await reset({ ...toSelector(options), ...toRuntimes(options) }, deps);
      return { exitCode, data, text: renderReset };
    });
  });
  examples(reset, ['shedbench reset', 'shedbench reset --runtime rust']);

  const verify = program
    .command('verify')
    .description("hold every deployed API against the shed's contract, rule by rule (empties the tables)");
  withOutput(withRuntimes(withSelectors(verify), 'runtimes separated by commas (default: all deployed)'))
    .option('-y, --yes', 'empty tables that have sheep without asking')
    .option('--all', 'list the rules that hold too')
    .action(
      async (options: OutputOptions & SelectorOptions & RuntimeOptions & { yes?: true; all?: true }) => {
        await host.run(outputChoice(options), async (deps) => {
          const { verify } = await import('../commands/verify.ts');
          const { renderVerify } = await import('../render/contract.ts');
          const { exitCode, data } = await verify(
            { ...toSelector(options), ...toRuntimes(options), assumeYes: options.yes === true },
            deps,
          );
          return {
            exitCode,
            data,
            text: (shown: typeof data, style) => renderVerify(shown, style, options.all === true),
          };
        });
      },
    );
  examples(verify, ['shedbench verify', 'shedbench verify --local --runtime rust,python,node']);

  const teardown = program
    .command('teardown')
    .description('delete everything that deploy made, and prove it');
  withOutput(withRuntimes(withSelectors(teardown), 'only these runtimes (default: all, and the bucket)'))
    .option('-y, --yes', 'do not ask; needed on AWS where there is no terminal')
    .option(
      '--retain <logical-id>',
      'give up a resource that can not be deleted (may be repeated)',
      (id: string, before: string[] = []) => [...before, id],
    )
    .action(
      async (
        options: OutputOptions & SelectorOptions & RuntimeOptions & { yes?: true; retain?: string[] },
      ) => {
        await host.run(outputChoice(options), async (deps) => {
          const { teardown } = await import('../commands/teardown.ts');
          const { renderTeardown } = await import('../render/deployment.ts');
          const { exitCode, data } = await teardown(
            {
              ...toSelector(options),
              ...toRuntimes(options),
              assumeYes: options.yes === true,
              retain: options.retain ?? [],
            },
            deps,
          );
          return { exitCode, data, text: renderTeardown };
        });
      },
    );
  examples(teardown, ['shedbench teardown', 'shedbench teardown --project my-shed --region eu-west-3 --yes']);
}
