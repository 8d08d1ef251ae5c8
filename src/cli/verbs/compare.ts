import { type Command, Option } from 'commander';
import { COMPARISON_FORMATS, type ComparisonFormat } from '../comparison-formats.ts';
import type { Host } from '../host.ts';
import { parseChoice } from '../parse-values.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type RuleFlags,
  type SelectorOptions,
  withOutput,
  withRules,
  withSelectors,
} from '../shared-options.ts';
import { defined, toRules, toSelector } from '../to-options.ts';
import { refuseUnsureAlone } from '../without-effect.ts';

/** Adds the verb `compare`. */
export function addCompare(program: Command, host: Host): void {
  const compare = program
    .command('compare')
    .description('show the changes between two reports, or two builds in one bench, with 95 % intervals')
    .argument(
      '<before>',
      'a report file (JSON), an id of a run or bench or its beginning, a --name, latest or previous',
    )
    .argument('[after]', 'the same; without it, the builds that one bench --against measured');
  withCompareFlags(compare).action(
    async (
      before: string,
      after: string | undefined,
      options: OutputOptions &
        SelectorOptions &
        RuleFlags & {
          force?: true;
          along?: 'memory' | 'arch';
          format: ComparisonFormat;
        },
    ) => {
      refuseUnsureAlone(options);
      await host.run(outputChoice(options), async (deps) => {
        const { compare } = await import('../../commands/compare.ts');
        const { presentComparison } = await import('../present-report.ts');
        const { exitCode, data } = await compare(
          {
            ...toSelector(options),
            before,
            ...defined({ after, along: options.along }),
            ...toRules(options),
            force: options.force === true,
          },
          deps,
        );
        return presentComparison(exitCode, data, options.format);
      });
    },
  );
  examples(compare, [
    'shedbench compare before.json after.json',
    'shedbench compare latest previous',
    "shedbench compare before.json after.json --fail-if 'p99>+10%'",
    'shedbench compare sweep.json --along memory',
    "shedbench compare bench-with-against.json --fail-if 'p50>+10%'",
  ]);
}

function withCompareFlags(compare: Command): Command {
  return withRules(
    withOutput(withSelectors(compare)),
    "exit 1 if it is certain for a function: 'p99>+10%' (may be repeated)",
  )
    .option('--force', 'compare reports that differ in target, memory or architecture')
    .addOption(
      new Option('--along <dimension>', 'compare the settings of one report: memory or arch').argParser(
        parseChoice('--along', ['memory', 'arch']),
      ),
    )
    .addOption(
      new Option('--format <format>', COMPARISON_FORMATS.join(', '))
        .argParser(parseChoice('--format', COMPARISON_FORMATS))
        .default('table'),
    );
}
