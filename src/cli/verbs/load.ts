import { type Command, Option } from 'commander';
import { usageError } from '../../errors.ts';
import { LOAD_DEFAULTS } from '../../model/defaults.ts';
import { ROUTES, type Route } from '../../model/route.ts';
import { METHODS } from '../../model/subject.ts';
import { type FromFlag, withFrom } from '../from-flag.ts';
import type { Host } from '../host.ts';
import { parseChoice, parseRoute, parseStatuses, parseUrl, parseWholeNumber } from '../parse-values.ts';
import {
  type BenchLoadOptions,
  collect,
  examples,
  type InvokeFlags,
  type OutputOptions,
  outputChoice,
  type RuntimeOptions,
  type SelectorOptions,
  withBenchLoad,
  withInvoke,
  withOutput,
  withRuntimes,
  withSelectors,
} from '../shared-options.ts';
import { defined, toDeployed, toFunctions } from '../to-options.ts';
import { refuseInvokeAlone, refuseWithoutEffect } from '../without-effect.ts';

const MAX_RETRIES = 10;
const MAX_THREADS = 64;

interface LoadFlags
  extends OutputOptions,
    SelectorOptions,
    RuntimeOptions,
    BenchLoadOptions,
    InvokeFlags,
    FromFlag {
  readonly route?: Route;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly expect?: number[];
  readonly requests?: string;
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
    .description('send concurrent calls to a route, a URL or a function, and record every one');
  withFrom(withUrlFlags(withLoadFlags(load))).action(async (options: LoadFlags, command: Command) => {
    checkSubject(options);
    checkBounds(options);
    refuseWithoutEffect(command, options.route === undefined ? [] : [options.route]);
    await host.run(outputChoice(options), async (deps) => {
      const { startLoad } = await import('../../commands/load/start-load.ts');
      const { renderLoad } = await import('../../render/load.ts');
      const { exitCode, data } = await startLoad(toLoadOptions(options), deps);
      return { exitCode, data, text: renderLoad };
    });
  });
  examples(load, [
    'shedbench load --route wolf -p 100 -c 1000',
    'shedbench load --route dog --runtime rust --rate 50 --duration 2m',
    "shedbench load --url https://api.example.com --path '/orders/{n}' -p 20 --rate 100",
    'shedbench load --function my-function --payload event.json',
    "shedbench load --route cat --fail-if 'errors>0.1%' --fail-if 'p99>250ms'",
    'shedbench load --route dog --rate 5000 --duration 2m -p 2000 --from lambda=8',
  ]);
}

function withLoadFlags(load: Command): Command {
  load.addOption(
    new Option('--route <route>', `a route of the shed: ${ROUTES.join(', ')}`).argParser(parseRoute),
  );
  return withOutput(
    withInvoke(
      withBenchLoad(
        withRuntimes(withSelectors(load), 'runtimes separated by commas (default: all deployed)'),
        'runtime',
      ),
    ),
  )
    .option('--duration <time>', 'load for a time instead of a count: 30s, 5m')
    .option('--rate <n>', 'open loop: calls per second on a schedule, however long the answers take')
    .option('--ramp <stages>', 'open loop in stages, time:rate: 30s:0-200,1m:200')
    .addOption(
      new Option('--retry <n>', 'retries after a failed attempt, each recorded')
        .argParser((text) => parseWholeNumber('--retry', text, 0, MAX_RETRIES))
        .default(LOAD_DEFAULTS.retries),
    )
    .option(
      '--fail-if <condition>',
      "exit 1 if it is true: 'errors>0.1%', 'p99>250ms' (may be repeated)",
      collect,
    )
    .option('--stop-when <condition>', "end early when it is certain: 'errors>5%' (may be repeated)", collect)
    .option(
      '-H, --header <field>',
      "send this header field with every request: 'x-api-key: …' (may be repeated)",
      collect,
    )
    .option('--sigv4', 'sign requests for an API with IAM authorization, with the standard credentials')
    .option('--no-keepalive', 'open a connection for every call')
    .option('--calls-out <file>', 'write a line for every call: JSON lines, or CSV for a name in .csv')
    .addOption(
      new Option('--threads <n>', 'threads that share the load')
        .argParser((text) => parseWholeNumber('--threads', text, 1, MAX_THREADS))
        .default(LOAD_DEFAULTS.threads),
    );
}

/** Adds the options of a load of any server. */
function withUrlFlags(load: Command): Command {
  return load
    .addOption(
      new Option(
        '--url <address>',
        'any server; with --route, one that has the routes of the shed',
      ).argParser(parseUrl),
    )
    .addOption(
      new Option(
        '--method <method>',
        `${METHODS.join(', ')} (with --url; default: GET, or POST with --body)`,
      ).argParser(parseChoice('--method', METHODS)),
    )
    .option('--path <path>', 'the path below --url: {n} is the number of the call, {uuid} a fresh UUID')
    .option('--body <file|text>', 'the body of each request (with --url); {n} and {uuid} as in --path')
    .addOption(
      new Option(
        '--expect <statuses>',
        'the statuses that count as success: 200,201 (default: any 2xx)',
      ).argParser(parseStatuses),
    )
    .option('--requests <file>', 'a weighted mix of requests to --url, in YAML (docs/your-own.md)')
    .option('--insecure', 'accept any TLS certificate (with --url)');
}

/** The flags that describe one request of a URL. */
const OF_ONE_REQUEST = ['method', 'path', 'body', 'expect'] as const;

/**
 * Refuses flags that ask for different requests.
 * @throws usageError `two-subjects`, `needs-function`, `needs-url`
 */
function checkSubject(options: LoadFlags): void {
  const given = (['route', 'requests', 'function'] as const).filter((flag) => options[flag] !== undefined);
  const words = OF_ONE_REQUEST.filter((flag) => options[flag] !== undefined);
  const [first, second] = [...given, ...words.slice(0, 1)];
  if (first !== undefined && second !== undefined) {
    throw usageError(
      'two-subjects',
      `--${first} and --${second} both select what is called.`,
      'Give one of --route, --function, --requests, or --url with --method, --path, --body, --expect',
    );
  }
  if (options.function !== undefined && options.url !== undefined) {
    throw usageError(
      'two-subjects',
      '--function and --url both select what is called.',
      'Give one of the two',
    );
  }
  refuseInvokeAlone(options);
  const ofUrl = [...given.filter((flag) => flag === 'requests'), ...words];
  if (options.url === undefined && ofUrl[0] !== undefined) {
    throw usageError('needs-url', `--${ofUrl[0]} goes with --url.`, '--url https://api.example.com');
  }
}

/** Refuses a load that is bounded by both a count and a time. @throws usageError `two-bounds` */
function checkBounds(options: LoadFlags): void {
  if (options.callCount !== undefined && (options.duration ?? options.ramp) !== undefined) {
    throw usageError(
      'two-bounds',
      `-c/--call-count and --${options.duration === undefined ? 'ramp' : 'duration'} both bound the load.`,
      'Give one of the two.',
    );
  }
}

function toLoadOptions(options: LoadFlags) {
  return {
    ...toDeployed(options),
    ...toFunctions(options),
    ...defined({
      route: options.route,
      requestsFile: options.requests,
      calls: options.callCount,
      rounds: options.rounds,
      coldStarts: options.cold,
      name: options.name,
      duration: options.duration,
      rate: options.rate,
      ramp: options.ramp,
      warmup: options.warmup,
      timeoutSeconds: options.timeout,
      url: options.url,
      headers: options.header,
      stopWhen: options.stopWhen,
      callsOut: options.callsOut,
      from: options.from,
    }),
    request: defined({
      method: options.method,
      path: options.path,
      body: options.body,
      expect: options.expect,
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
