import { type Command, Option } from 'commander';
import { COMPARISON_FORMATS, type ComparisonFormat } from './comparison-formats.ts';
import type { Host } from './host.ts';
import { parseChoice, parseRoutes, parseWholeNumber } from './parse-values.ts';
import {
  examples,
  type OutputOptions,
  outputChoice,
  type ReportFormat,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withReportOutput,
  withRuntimes,
  withSelectors,
} from './shared-options.ts';
import { defined, toRuntimes, toSelector } from './to-options.ts';

/** Half an hour is beyond the worst ingestion lag that anyone reported. */
const MAX_WAIT_S = 1800;

/** `report`, `compare` and `runs`. */
export function addResultVerbs(program: Command, host: Host): void {
  const report = program
    .command('report')
    .description('query the REPORT lines of the latest runs, wait until all are there, print the table');
  withOutput(
    withReportOutput(
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
    .addOption(
      new Option('--wait <seconds>', 'wait at most this long for missing rows').argParser((text) =>
        parseWholeNumber('--wait', text, 0, MAX_WAIT_S),
      ),
    )
    .option('--baseline <runtime>', 'the runtime that ratios are against (default: the slowest)')
    .option('--price-region <region>', "the region whose prices to use (default: the deployment's)")
    .action(
      async (
        options: OutputOptions &
          SelectorOptions &
          RuntimeOptions & {
            routes?: ReturnType<typeof parseRoutes>;
            run?: string[];
            since?: string;
            wait?: number;
            baseline?: string;
            priceRegion?: string;
            format?: ReportFormat;
            output?: string;
            wide?: true;
          },
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
                waitSeconds: options.wait,
                baseline: options.baseline,
                priceRegion: options.priceRegion,
              }),
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
    .description('what changed between two reports, function by function, with intervals')
    .argument('<before>', 'a report file (JSON), or the id of a run or bench')
    .argument('<after>', 'the same');
  withOutput(withSelectors(compare))
    .option(
      '--fail-if <condition>',
      "exit 1 when it holds for any function: 'p99>+10%' (may be repeated)",
      (text: string, before: string[] = []) => [...before, text],
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
        after: string,
        options: OutputOptions &
          SelectorOptions & { failIf?: string[]; force?: true; format: ComparisonFormat },
      ) => {
        await host.run(outputChoice(options), async (deps) => {
          const { compare } = await import('../commands/compare.ts');
          const { presentComparison } = await import('./present-report.ts');
          const { exitCode, data } = await compare(
            {
              ...toSelector(options),
              before,
              after,
              failIf: options.failIf ?? [],
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
