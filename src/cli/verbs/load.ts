import { type Command, Option } from 'commander';
import { usageError } from '../../errors.ts';
import { ROUTES, type Route } from '../../model/route.ts';
import type { Host } from '../host.ts';
import { parseRoute, parseUrl, parseWholeNumber } from '../parse-values.ts';
import {
  type BenchLoadOptions,
  collect,
  examples,
  type OutputOptions,
  outputChoice,
  type RuntimeOptions,
  type SelectorOptions,
  withBenchLoad,
  withOutput,
  withRuntimes,
  withSelectors,
} from '../shared-options.ts';
import { defined, toRuntimes, toSelector } from '../to-options.ts';

const MAX_RETRIES = 10;
const MAX_THREADS = 64;

interface LoadFlags extends OutputOptions, SelectorOptions, RuntimeOptions, BenchLoadOptions {
  readonly route?: Route;
  readonly duration?: string;
  readonly rate?: string;
  readonly ramp?: string;
  readonly retry: number;
  readonly failIf?: string[];
  readonly threads: number;
  readonly url?: string;
  readonly insecure?: true;
  readonly header?: string[];
  readonly sigv4?: true;
  readonly stopWhen?: string[];
  readonly callsOut?: string;
  readonly keepalive: boolean;
}

/** Adds the verb `load`. */
export function addLoad(program: Command, host: Host): void {
  const load = program
    .command('load')
    .description('drive concurrent calls at one route and record every one');
  withLoadFlags(load).action(async (options: LoadFlags) => {
    const { route, ...flags } = options;
    if (route === undefined) throw noRoute();
    checkBounds(options);
    await host.run(outputChoice(options), async (deps) => {
      const { load } = await import('../../commands/load.ts');
      const { renderLoad } = await import('../../render/load.ts');
      const { exitCode, data } = await load({ route, ...toLoadOptions(flags) }, deps);
      return { exitCode, data, text: renderLoad };
    });
  });
  examples(load, [
    'shedbench load --route wolf -p 100 -c 1000',
    'shedbench load --route dog --runtime rust --rate 50 --duration 2m',
    "shedbench load --route cat --fail-if 'errors>0.1%' --fail-if 'p99>250ms'",
  ]);
}

function withLoadFlags(load: Command): Command {
  load.addOption(new Option('--route <route>', `${ROUTES.join(', ')} (needed)`).argParser(parseRoute));
  return withOutput(
    withBenchLoad(withRuntimes(withSelectors(load), 'runtimes separated by commas (default: all deployed)')),
  )
    .option('--duration <time>', 'load for a time instead of a count: 30s, 5m')
    .option('--rate <n>', 'open loop: calls per second on a schedule, whatever the answers take')
    .option('--ramp <stages>', 'open loop in stages, time:rate: 30s:0-200,1m:200')
    .addOption(
      new Option('--retry <n>', 'attempts after a failed one, each recorded')
        .argParser((text) => parseWholeNumber('--retry', text, 0, MAX_RETRIES))
        .default(0),
    )
    .option(
      '--fail-if <condition>',
      "exit 1 when it holds: 'errors>0.1%', 'p99>250ms' (may be repeated)",
      collect,
    )
    .option(
      '--stop-when <condition>',
      "end early once it is certain to hold: 'errors>5%' (may be repeated)",
      collect,
    )
    .option('-H, --header <field>', "send this header field: 'x-api-key: …' (may be repeated)", collect)
    .option('--sigv4', 'sign requests for an API with IAM authorization, with the standard credentials')
    .option('--no-keepalive', 'open a connection for every call')
    .option('--calls-out <file>', 'write a line for every call: JSON lines, or CSV for a name in .csv')
    .addOption(
      new Option('--threads <n>', 'threads that share the load')
        .argParser((text) => parseWholeNumber('--threads', text, 1, MAX_THREADS))
        .default(1),
    )
    .addOption(
      new Option('--url <address>', 'any server with the same routes, without a deployment').argParser(
        parseUrl,
      ),
    )
    .option('--insecure', 'accept any TLS certificate (with --url)');
}

/** The error for a load without a route. */
function noRoute() {
  return usageError(
    'no-route',
    'load needs a route.',
    `shedbench load --route wolf (one of ${ROUTES.join(', ')})`,
  );
}

/** Refuses a load that a count and a time both bound. @throws usageError `two-bounds` */
function checkBounds(options: LoadFlags): void {
  if (options.callCount !== undefined && (options.duration ?? options.ramp) !== undefined) {
    throw usageError(
      'two-bounds',
      `-c/--call-count and --${options.duration === undefined ? 'ramp' : 'duration'} both bound the load.`,
      'Give one of the two.',
    );
  }
}

function toLoadOptions(options: Omit<LoadFlags, 'route'>) {
  return {
    ...toSelector(options),
    ...toRuntimes(options),
    ...defined({
      calls: options.callCount,
      rounds: options.rounds,
      coldStarts: options.cold,
      duration: options.duration,
      rate: options.rate,
      ramp: options.ramp,
      warmup: options.warmup,
      timeoutSeconds: options.timeout,
      url: options.url,
      headers: options.header,
      stopWhen: options.stopWhen,
      callsOut: options.callsOut,
    }),
    parallel: options.parallel,
    m: options.m,
    n: options.n,
    startAt: options.startAt,
    retries: options.retry,
    failIf: options.failIf ?? [],
    threads: options.threads,
    insecure: options.insecure === true,
    keepAlive: options.keepalive,
    sigv4: options.sigv4 === true,
  };
}
