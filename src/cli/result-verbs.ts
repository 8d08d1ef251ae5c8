import { type Command, Option } from 'commander';
import { COMPARISON_FORMATS, type ComparisonFormat } from './comparison-formats.ts';
import type { Host } from './host.ts';
import { parseChoice, parseRoutes, parseWholeNumber } from './parse-values.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type ReportFlags,
  type RuleFlags,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withReport,
  withRules,
  withRuntimes,
  withSelectors,
} from './shared-options.ts';
import { defined, toReportTerms, toRules, toRuntimes, toSelector } from './to-options.ts';

/** `report`, `compare` and `runs`. */
export function addResultVerbs(program: Command, host: Host): void {
  const report = program
    .command('report')
    .description('query the REPORT lines of the latest runs, wait until all are there, print the table');
  withOutput(
    withReport(
      withRuntimes(withSelectors(report), 'runtimes separated by commas (default: all that have runs)'),
    ),
  )
    .addOption(
      new Option('--routes <names>', 'routes separated by commas (default: all that have runs)').argParser(
        parseRoutes,
      ),
    )
    .option(
      '--run <id>',
      'this run or bench (may be repeated; default: the latest of each route and runtime)',
      (id: string, before: string[] = []) => [...before, id],
    )
    .option('--since <time>', 'all runs since: 2h, 3d')
    .action(
      async (
        options: OutputOptions &
          SelectorOptions &
          RuntimeOptions & {
            routes?: ReturnType<typeof parseRoutes>;
            run?: string[];
            since?: string;
          } & ReportFlags,
      ) => {
        await host.run(outputChoice(options), async (deps) => {
          const { report } = await import('../commands/report.ts');
          const { checkReportFlags, presentReport } = await import('./present-report.ts');
          checkReportFlags(options);
          const { exitCode, data } = await report(
            {
              ...toSelector(options),
              ...toRuntimes(options),
              ...defined({
                routes: options.routes,
                since: options.since,
              }),
              ...toReportTerms(options),
              runIds: options.run ?? [],
            },
            deps,
          );
          return presentReport(exitCode, data, options, deps);
        });
      },
    );
  examples(report, [
    'shedbench report',
    'shedbench report -o bench.html',
    'shedbench report --since 2h --format csv',
  ]);

  const compare = program
    .command('compare')
    .description('what changed between two reports, or two builds in one bench, with 95 % intervals')
    .argument('<before>', 'a report file (JSON), or the id of a run or bench')
    .argument('[after]', 'the same; without it, the builds that one bench --against measured');
  withRules(
    withOutput(withSelectors(compare)),
    "exit 1 when it surely holds for any function: 'p99>+10%' (may be repeated)",
  )
    .option('--force', 'compare what differs in target, memory or architecture')
    .addOption(
      new Option('--format <format>', COMPARISON_FORMATS.join(', '))
        .argParser(parseChoice('--format', COMPARISON_FORMATS))
        .default('table'),
    )
    .action(
      async (
        before: string,
        after: string | undefined,
        options: OutputOptions &
          SelectorOptions &
          RuleFlags & {
            force?: true;
            format: ComparisonFormat;
          },
      ) => {
        await host.run(outputChoice(options), async (deps) => {
          const { compare } = await import('../commands/compare.ts');
          const { presentComparison } = await import('./present-report.ts');
          const { exitCode, data } = await compare(
            {
              ...toSelector(options),
              before,
              ...defined({ after }),
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
    "shedbench compare before.json after.json --fail-if 'p99>+10%'",
    "shedbench compare bench-with-against.json --fail-if 'p50>+10%'",
  ]);

  const runs = program.command('runs').description('list the runs that are on disk, the latest first');
  withOutput(runs)
    .addOption(
      new Option('--limit <n>', 'at most this many')
        .argParser((text) => parseWholeNumber('--limit', text, 1, 100_000))
        .default(20),
    )
    .action(async (options: OutputOptions & { limit: number }) => {
      await host.run(outputChoice(options), async (deps) => {
        const { runs } = await import('../commands/runs.ts');
        const { renderRuns } = await import('../render/runs.ts');
        const { exitCode, data } = await runs({ limit: options.limit }, deps);
        return { exitCode, data, text: renderRuns };
      });
    });
  examples(runs, ['shedbench runs', 'shedbench runs --json --limit 100']);
}
