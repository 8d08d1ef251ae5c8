import type { Command } from 'commander';
import { usageError } from '../../errors.ts';
import type { Host } from '../host.ts';
import { examples, type OutputOptions, outputChoice, withOutput } from '../shared-options.ts';

/** Adds the verb `merge`. */
export function addMerge(program: Command, host: Host): void {
  const merge = program
    .command('merge')
    .description(
      'merge loads that ran on different machines at the same time into one, without approximation',
    )
    .argument('<files...>', 'the output of load --json on each machine');
  withOutput(merge).action(async (files: string[], options: OutputOptions) => {
    if (files.length < 2) {
      throw usageError('one-load', 'merge needs at least two files.', 'shedbench merge a.json b.json');
    }
    await host.run(outputChoice(options), async (deps) => {
      const { merge } = await import('../../commands/merge.ts');
      const { renderLoad } = await import('../../render/load.ts');
      const { exitCode, data } = await merge({ files }, deps);
      return { exitCode, data, text: renderLoad };
    });
  });
  examples(merge, [
    'shedbench load --route dog --duration 1m --json > a.json   (on each machine, at the same time)',
    'shedbench merge a.json b.json',
    'shedbench merge a.json b.json --json > both.json',
  ]);
}
