import type { Command } from 'commander';
import { usageError } from '../../errors.ts';
import type { CommandResult } from '../../model/command.ts';
import { LOAD_DEFAULTS } from '../../model/defaults.ts';
import type { Report } from '../../model/report.ts';
import { ROUTES } from '../../model/route.ts';
import { type DeployFlags, toDeployFlags, withDeployFlags } from '../deploy-flags.ts';
import { type FromFlag, withFrom } from '../from-flag.ts';
import type { Host, Printable } from '../host.ts';
import { type GridFlags, refuseBesideResume, toGrid, withGrid } from '../setting-flags.ts';
import {
  type BenchLoadOptions,
  examples,
  type InvokeFlags,
  type OutputOptions,
  outputChoice,
  type ReportFlags,
  type RouteOptions,
  type RuleFlags,
  type RuntimeOptions,
  type SelectorOptions,
  withBenchLoad,
  withInvoke,
  withOutput,
  withReport,
  withRoutes,
  withRules,
  withRuntimes,
  withTarget,
} from '../shared-options.ts';
import { defined, toDeployed, toFunctions, toReportTerms, toRules } from '../to-options.ts';
import { refuseInvokeAlone, refuseUnsureAlone, refuseWithoutEffect } from '../without-effect.ts';

interface BenchFlags
  extends OutputOptions,
    SelectorOptions,
    RuntimeOptions,
    RouteOptions,
    DeployFlags,
    GridFlags,
    BenchLoadOptions,
    FromFlag,
    ReportFlags,
    RuleFlags,
    InvokeFlags {
  readonly teardown?: true;
  readonly yes?: true;
  readonly against?: string;
}

/** Adds the verb `bench`. */
export function addBench(program: Command, host: Host): void {
  const bench = program
    .command('bench')
    .description(
      'the standard bench: deploy if needed, load the four routes in order, report; or a bench of any functions',
    );
  withFrom(withBenchFlags(bench)).action(async (options: BenchFlags, command: Command) => {
    checkSubject(options);
    refuseWithoutEffect(command, options.function === undefined ? (options.route ?? ROUTES) : []);
    refuseBesideResume(command);
    refuseUnsureAlone(options);
    const { functions, ...invocation } = toFunctions(options);
    await host.run(
      outputChoice(options),
      async (deps, print: (report: Printable<Report>) => Promise<void>) => {
        const { bench } = await import('../../commands/bench.ts');
        const { checkReportFlags, presentReport } = await import('../present-report.ts');
        checkReportFlags(options, host.outIsTerminal);
        const show = async (report: CommandResult<Report>) => {
          await print(await presentReport(report.exitCode, report.data, options, deps));
        };
        if (functions === undefined) {
          return { exitCode: await bench(toBenchOptions(options), deps, show), isPrinted: true };
        }
        const { benchFunctions } = await import('../../commands/bench/bench-functions.ts');
        const report = await benchFunctions({ ...toBenchOptions(options), ...invocation, functions }, deps);
        await show(report);
        return { exitCode: report.exitCode, isPrinted: true };
      },
    );
  });
  examples(bench, [
    'shedbench bench --local --teardown',
    'shedbench bench -p 100 -c 1000 -o bench.html',
    'shedbench bench --local --cold 30',
    'shedbench bench --function my-function,my-other-function --payload event.json -c 600',
    "shedbench bench --local --handlers mine --against ../main/mine --fail-if 'p50>+10%'",
  ]);
}

function withBenchFlags(bench: Command): Command {
  const loaded = withInvoke(
    withBenchLoad(
      withDeployFlags(
        withGrid(
          withRoutes(
            withRuntimes(
              withTarget(bench),
              'runtimes separated by commas (default: all deployed, else all that can be built here)',
            ),
            'only these routes, separated by commas (default: all four)',
          ),
        ),
      ),
      'route and runtime',
    ),
  );
  return withRules(
    withOutput(withReport(loaded)),
    "exit 1 if it is certain for a function: 'p99>250ms', with two builds 'p99>+10%' (may be repeated)",
  )
    .option(
      '--against <dir>',
      'a folder with another build of a runtime: both are deployed, and compared round by round',
    )
    .option('--teardown', 'tear everything down afterwards')
    .option('-y, --yes', 'ask nothing');
}

/** @throws usageError `two-subjects`, `needs-function` */
function checkSubject(options: BenchFlags): void {
  refuseInvokeAlone(options);
  if (options.function === undefined || options.route === undefined) return;
  throw usageError(
    'two-subjects',
    '--route selects routes of the shed, and --function functions that exist already.',
    'Give one of the two',
  );
}

function toBenchOptions(options: BenchFlags) {
  return {
    ...toDeployed(options),
    ...toDeployFlags(options),
    ...toGrid(options),
    routes: options.route ?? ROUTES,
    parallel: options.parallel,
    calls: options.callCount ?? LOAD_DEFAULTS.calls,
    ...defined({
      rounds: options.rounds,
      coldStarts: options.cold,
      name: options.name,
      warmup: options.warmup,
      timeoutSeconds: options.timeout,
      againstDir: options.against,
      from: options.from,
    }),
    ...toReportTerms(options),
    ...toRules(options),
    m: options.m,
    n: options.n,
    startAt: options.startAt,
    teardown: options.teardown === true,
    assumeYes: options.yes === true,
  };
}
