import { DEFAULT_PROJECT } from '../../model/project.ts';
import type { Route } from '../../model/route.ts';
import type { Architecture } from '../../model/target.ts';
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

/** The options of a deploy for this bench. */
export function deployOptionsOf(options: BenchOptions): DeployCommandOptions {
  return { ...options, project: options.project ?? DEFAULT_PROJECT, planOnly: false, probe: true };
}
