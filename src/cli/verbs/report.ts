import { type Command, Option } from 'commander';
import type { Host } from '../host.ts';
import { parseRoutes } from '../parse-values.ts';
import {
  collect,
  examples,
  type OutputOptions,
  outputChoice,
  type ReportFlags,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withReport,
  withRuntimes,
  withSelectors,
} from '../shared-options.ts';
import { defined, toReportTerms, toRuntimes, toSelector } from '../to-options.ts';

/** Adds the verb `report`. */
export function addReport(program: Command, host: Host): void {
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
      collect,
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
          const { report } = await import('../../commands/report.ts');
          const { checkReportFlags, presentReport } = await import('../present-report.ts');
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
}
