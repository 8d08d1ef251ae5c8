import { type Command, Option } from 'commander';
import { ARCHITECTURES } from '../../model/target.ts';
import type { Host } from '../host.ts';
import { parseArchitecture, parseChoice, parseMemory } from '../parse-values.ts';
import { parseList } from '../setting-flags.ts';
import {
  collect,
  examples,
  FORECAST_FORMATS,
  type OutputOptions,
  outputChoice,
  type ReportFormat,
  type RouteOptions,
  type RuntimeOptions,
  type SelectorOptions,
  withOutput,
  withRoutes,
  withRuntimes,
  withSelectors,
} from '../shared-options.ts';
import { defined, toDeployed } from '../to-options.ts';

interface ForecastFlags {
  readonly run?: string[];
  readonly memory?: number[];
  readonly arch?: ReturnType<typeof parseArchitecture>;
  readonly priceRegion?: string;
  readonly format?: ReportFormat;
  readonly output?: string[];
}

/** Adds the verb `forecast`. */
export function addForecast(program: Command, host: Host): void {
  const forecast = program
    .command('forecast')
    .description('forecast the time and cost on Lambda at each memory size from runs on the local cloud');
  withForecastFlags(forecast).action(
    async (options: OutputOptions & SelectorOptions & RuntimeOptions & RouteOptions & ForecastFlags) => {
      await host.run(outputChoice(options), async (deps) => {
        const { forecast } = await import('../../commands/forecast.ts');
        const { checkReportFlags, singleOutput } = await import('../present-report.ts');
        const { presentForecast } = await import('../present-forecast.ts');
        checkReportFlags(options, host.outIsTerminal);
        singleOutput(options);
        const { exitCode, data } = await forecast(
          {
            ...toDeployed(options),
            ...defined({
              routes: options.route,
              sizesMB: options.memory,
              architecture: options.arch,
              priceRegion: options.priceRegion,
            }),
            runIds: options.run ?? [],
          },
          deps,
        );
        return await presentForecast(exitCode, data, options, deps);
      });
    },
  );
  examples(forecast, [
    'shedbench forecast',
    'shedbench forecast --memory 128,512,1769 --arch arm64',
    'shedbench forecast -o forecast.html',
  ]);
}

function withForecastFlags(forecast: Command): Command {
  return withOutput(
    withRoutes(
      withRuntimes(withSelectors(forecast), 'runtimes separated by commas (default: all that have runs)'),
      'routes separated by commas (default: all that have runs)',
    ),
  )
    .option(
      '--run <id>',
      'this run or bench (may be repeated; default: the latest of each route and runtime)',
      collect,
    )
    .addOption(
      new Option(
        '--memory <MB,…>',
        'memory sizes separated by commas (default: twelve from 128 to 3008)',
      ).argParser((text) => parseList('--memory', text, parseMemory).sort((a, b) => a - b)),
    )
    .addOption(
      new Option('--arch <architecture>', `${ARCHITECTURES.join(' or ')} (default: the machine's)`).argParser(
        parseArchitecture,
      ),
    )
    .option('--price-region <region>', "the region whose prices to use (default: the deployment's)")
    .addOption(
      new Option('--format <format>', `${FORECAST_FORMATS.join(', ')} (default: table)`).argParser(
        parseChoice('--format', FORECAST_FORMATS),
      ),
    )
    .option('-o, --output <file>', 'write the forecast to a file; its ending picks the format', collect);
}
