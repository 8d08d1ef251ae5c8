import { type Command, Option } from 'commander';
import { usageError } from '../../errors.ts';
import { DEFAULT_LOCAL_REGION } from '../../model/defaults.ts';
import { type AsLambdaFlags, toAsLambda, withAsLambda } from '../as-lambda-flags.ts';
import type { Host } from '../host.ts';
import { parsePort, parseWholeNumber } from '../parse-values.ts';
import { examples, type OutputOptions, outputChoice, withOutput } from '../shared-options.ts';
import { defined } from '../to-options.ts';

const MAX_LOG_LINES = 100_000;

/** Adds `local start|stop|status|logs`, which control the local cloud by hand. */
export function addLocal(program: Command, host: Host): void {
  const local = program
    .command('local')
    .description(
      'start, stop and inspect the local cloud, the AWS inside this package (deploy --local starts it by itself)',
    );
  addLocalStart(local, host);
  addLocalStop(local, host);
  addLocalStatus(local, host);
  addLocalLogs(local, host);
}

function addLocalStart(local: Command, host: Host): void {
  const start = local.command('start').description('start the local cloud of this folder');
  withOutput(withAsLambda(start))
    .addOption(
      new Option('--port <port>', 'its port on 127.0.0.1 (default: any free one)').argParser(parsePort),
    )
    .option('--region <region>', `its region (default: ${DEFAULT_LOCAL_REGION})`)
    .action(async (options: OutputOptions & AsLambdaFlags & { port?: number; region?: string }) => {
      await host.run(outputChoice(options), async (deps) => {
        const { localStart } = await import('../../commands/local.ts');
        const { renderLocalStatus } = await import('../../render/local.ts');
        const { exitCode, data } = await localStart(
          { ...defined({ port: options.port, region: options.region }), ...toAsLambda(options) },
          deps,
        );
        return { exitCode, data, text: renderLocalStatus };
      });
    });
  examples(start, [
    'shedbench local start',
    'shedbench local start --port 4566',
    'shedbench local start --as-lambda',
  ]);
}

function addLocalStop(local: Command, host: Host): void {
  const stop = local.command('stop').description('stop it and delete everything in it');
  withOutput(stop).action(async (options: OutputOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { localStop } = await import('../../commands/local.ts');
      const { renderLocalStatus } = await import('../../render/local.ts');
      const { exitCode, data } = await localStop(deps);
      return { exitCode, data, text: renderLocalStatus };
    });
  });
  examples(stop, ['shedbench local stop']);
}

function addLocalStatus(local: Command, host: Host): void {
  const status = local.command('status').description('show whether it runs, where, and on what machine');
  withOutput(status).action(async (options: OutputOptions) => {
    await host.run(outputChoice(options), async (deps) => {
      const { localStatus } = await import('../../commands/local.ts');
      const { renderLocalStatus } = await import('../../render/local.ts');
      const { exitCode, data } = await localStatus(deps);
      return { exitCode, data, text: renderLocalStatus };
    });
  });
  examples(status, ['shedbench local status', 'shedbench local status --json']);
}

function addLocalLogs(local: Command, host: Host): void {
  const logs = local.command('logs').description("print the local cloud's own log");
  withOutput(logs)
    .option('-f, --follow', 'continue printing until Ctrl-C')
    .addOption(
      new Option('-l, --lines <n>', 'the last lines')
        .argParser((text) => parseWholeNumber('--lines', text, 1, MAX_LOG_LINES))
        .default(100),
    )
    .action(async (options: OutputOptions & { follow?: true; lines: number }) => {
      if (options.follow === true && options.json === true) {
        throw usageError('endless-json', '--follow has no end and --json is one document.', 'Leave one out');
      }
      await host.run(outputChoice(options), async (deps) => {
        const { localLogs } = await import('../../commands/local.ts');
        const follow = options.follow === true;
        const { exitCode, data } = await localLogs(
          {
            follow,
            lines: options.lines,
            ...(options.json === true ? {} : { write: (text: string) => host.writeOut(text) }),
            until: host.outGone,
          },
          deps,
        );
        return { exitCode, data, text: () => '' };
      });
    });
  examples(logs, ['shedbench local logs', 'shedbench local logs -f']);
}
