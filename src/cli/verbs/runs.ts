import { type Command, Option } from 'commander';
import type { Host } from '../host.ts';
import { parseWholeNumber } from '../parse-values.ts';
import { examples, type OutputOptions, outputChoice, withOutput } from '../shared-options.ts';

/** Adds the verb `runs`. */
export function addRuns(program: Command, host: Host): void {
  const runs = program.command('runs').description('list the runs that are on disk, the latest first');
  withOutput(runs)
    .addOption(
      new Option('--limit <n>', 'at most this many')
        .argParser((text) => parseWholeNumber('--limit', text, 1, 100_000))
        .default(20),
    )
    .action(async (options: OutputOptions & { limit: number }) => {
      await host.run(outputChoice(options), async (deps) => {
        const { runs } = await import('../../commands/runs.ts');
        const { renderRuns } = await import('../../render/runs.ts');
        const { exitCode, data } = await runs({ limit: options.limit }, deps);
        return { exitCode, data, text: renderRuns };
      });
    });
  examples(runs, ['shedbench runs', 'shedbench runs --json --limit 100']);
}
