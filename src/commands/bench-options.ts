import type { AsLambdaChoice } from '../model/as-lambda.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import type { Route } from '../model/route.ts';
import type { Selector } from '../model/selector.ts';
import type { Architecture } from '../model/target.ts';
import type { DeployCommandOptions } from './deploy.ts';

export interface BenchOptions extends Selector {
  readonly runtimes?: readonly string[];
  readonly handlerDirs: readonly string[];
  /** A folder of builds to hold the others against. */
  readonly againstDir?: string;
  /** As typed: `node=nodejs22.x,nodejs24.x`. */
  readonly lambdaRuntimes?: readonly string[];
  readonly architecture?: Architecture;
  readonly memorySizeMB?: number;
  /** Several architectures or memory sizes: every function is measured in each combination. Absent: one setting. */
  readonly grid?: {
    readonly architectures: readonly Architecture[];
    readonly memorySizesMB: readonly number[];
  };
  /** Goes on with the grid of this folder that was cut short, with its options. */
  readonly resumes: boolean;
  /** Leaves out larger memory sizes once one made no function faster. */
  readonly stopWhenFlat: boolean;
  readonly allowOrigin?: string;
  readonly logRetentionDays?: number;
  /** The local cloud alone: functions run at the speed that Lambda gives them. */
  readonly asLambda?: AsLambdaChoice;
  readonly routes: readonly Route[];
  readonly parallel: number;
  /** Per route and runtime, over all rounds. */
  readonly calls: number;
  readonly rounds?: number;
  /** What the person calls the runs. */
  readonly name?: string;
  /** Forced cold starts per function after its rounds; undefined: none. */
  readonly coldStarts?: number;
  readonly m: number;
  readonly n: number;
  readonly startAt: string;
  /** Calls or time before the first round, as typed; undefined: as many calls as are in flight, or a tenth of `calls`. */
  readonly warmup?: string;
  readonly timeoutSeconds?: number;
  /** Loaders in the region send the load; undefined: this machine does. */
  readonly from?: { readonly loaders?: number };
  /** As typed: rules of `compare`. */
  readonly failIf: readonly string[];
  readonly failIfUnsure: boolean;
  readonly waitSeconds?: number;
  readonly baseline?: string;
  readonly priceRegion?: string;
  /** Those to show; each in (0, 100). */
  readonly percentiles?: readonly number[];
  readonly teardown: boolean;
  readonly assumeYes: boolean;
}

/** What a deploy for this bench is asked for. */
export function deployOptionsOf(options: BenchOptions): DeployCommandOptions {
  return { ...options, project: options.project ?? DEFAULT_PROJECT, planOnly: false, probe: true };
}
