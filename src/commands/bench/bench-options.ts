import { MAX_LOADERS } from '../../load/fleet/fleet-size.ts';
import type { AsLambdaChoice, DynamodbLatencyChoice } from '../../model/as-lambda.ts';
import { DEFAULT_PROJECT, PROJECT_NAME_PATTERN } from '../../model/project.ts';
import { ROUTES, type Route } from '../../model/route.ts';
import { MAX_PARALLEL, MAX_ROUNDS } from '../../model/run.ts';
import type { Architecture } from '../../model/target.ts';
import {
  amount,
  architecture,
  calls,
  choice,
  count,
  divisor,
  exactly,
  flag,
  list,
  object,
  oneOf,
  optional,
  percent,
  positive,
  positiveUpTo,
  type Shape,
  startAt,
  text,
  textLike,
} from '../../store/shapes.ts';
import type { DeployCommandOptions, StackOptions } from '../deploy.ts';

export interface BenchOptions extends StackOptions {
  /** Several architectures or memory sizes: every function is measured in each combination. Absent: one setting. */
  readonly grid?: {
    readonly architectures: readonly Architecture[];
    readonly memorySizesMB: readonly number[];
  };
  /** Continues the interrupted grid of this folder with its options. */
  readonly resumes: boolean;
  /** Leaves out larger memory sizes after one that made no function faster. */
  readonly stopWhenFlat: boolean;
  readonly routes: readonly Route[];
  readonly parallel: number;
  /** Calls per route and runtime, over all rounds. */
  readonly calls: number;
  readonly rounds?: number;
  /** The user's name for the runs. */
  readonly name?: string;
  /** Forced cold starts per function after its rounds. Undefined means none. */
  readonly coldStarts?: number;
  readonly m: number;
  readonly n: number;
  readonly startAt: string;
  /** Calls or time before the first round, as typed. Undefined means 3 % of `calls`. */
  readonly warmup?: string;
  readonly timeoutSeconds?: number;
  /** Loaders in the region that send the load. Undefined means this machine. */
  readonly from?: { readonly loaders?: number };
  /** Rules of `compare`, as typed. */
  readonly failIf: readonly string[];
  readonly failIfUnsure: boolean;
  readonly waitSeconds?: number;
  readonly baseline?: string;
  readonly priceRegion?: string;
  /** The percentiles to show, each in (0, 100). */
  readonly percentiles?: readonly number[];
  /** The report is shown as curves over memory, which need several memory sizes. */
  readonly showsCurves?: boolean;
  readonly teardown: boolean;
  readonly assumeYes: boolean;
}

type Latency<Kind extends DynamodbLatencyChoice['kind']> = Extract<DynamodbLatencyChoice, { kind: Kind }>;

const dynamodbLatency: Shape<DynamodbLatencyChoice> = choice<DynamodbLatencyChoice>('kind', {
  fixed: object<Latency<'fixed'>>({ kind: exactly('fixed'), ms: amount }),
  scaled: object<Latency<'scaled'>>({ kind: exactly('scaled'), factor: amount }),
});

/** The shape of the options in the record of a grid. The command line has checked them before they were written. */
export const benchOptions: Shape<BenchOptions> = object<BenchOptions>({
  project: optional(textLike(PROJECT_NAME_PATTERN, "a project's name")),
  region: optional(text),
  profile: optional(text),
  local: flag,
  runtimes: optional(list(text)),
  handlerDirs: list(text),
  againstDir: optional(text),
  lambdaRuntimes: optional(list(text)),
  architecture: optional(architecture),
  memorySizeMB: optional(positive),
  allowOrigin: optional(text),
  logRetentionDays: optional(positive),
  asLambda: optional(object<AsLambdaChoice>({ dynamodbLatency: optional(dynamodbLatency) })),
  grid: optional(
    object<NonNullable<BenchOptions['grid']>>({
      architectures: list(architecture),
      memorySizesMB: list(positive),
    }),
  ),
  resumes: flag,
  stopWhenFlat: flag,
  routes: list(oneOf(ROUTES)),
  parallel: positiveUpTo(MAX_PARALLEL),
  calls,
  rounds: optional(positiveUpTo(MAX_ROUNDS)),
  name: optional(text),
  coldStarts: optional(positive),
  m: count,
  n: count,
  startAt,
  warmup: optional(text),
  timeoutSeconds: optional(divisor),
  from: optional(object<NonNullable<BenchOptions['from']>>({ loaders: optional(positiveUpTo(MAX_LOADERS)) })),
  failIf: list(text),
  failIfUnsure: flag,
  waitSeconds: optional(amount),
  baseline: optional(text),
  priceRegion: optional(text),
  percentiles: optional(list(percent)),
  showsCurves: optional(flag),
  teardown: flag,
  assumeYes: flag,
});

/** The options of a deploy for this bench. */
export function deployOptionsOf(options: BenchOptions): DeployCommandOptions {
  return { ...options, project: options.project ?? DEFAULT_PROJECT, planOnly: false, probe: true };
}
