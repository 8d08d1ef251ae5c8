import { availableParallelism } from 'node:os';
import type { CommandDeps } from '../../model/command.ts';
import type { Emit } from '../../model/events.ts';
import type { Route } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import type { Architecture } from '../../model/target.ts';
import { listRuns } from '../../store/runs.ts';
import type { LoadJob } from '../load-runs.ts';
import { type ColdPlan, coldTimeMs } from './cold-time.ts';
import { expectedTotalMs } from './estimate-time.ts';
import { type ExpectedJob, expectLoads } from './expect-loads.ts';
import { followWork } from './follow-work.ts';

/** What the price of a load is computed from. */
export interface LoadToPrice {
  /** The route of the shed; undefined for a function that is no part of it, of which Lambda alone is priced. */
  readonly route?: Route;
  readonly calls: number;
  readonly billedMs: number;
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
  /** Sheep that the loads before put into the shed; undefined where none of them does. */
  readonly sheep?: number;
}

/** What the price of the loaders in the region is computed from, where there are any. */
export interface LoadersToPrice {
  readonly billedMs: number;
  readonly invocations: number;
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
}

/** The cost of loads and of their loaders in a region, US dollars; undefined where it has no prices. */
export type PriceLoads = (
  loads: readonly LoadToPrice[],
  region: string | undefined,
  loaders?: LoadersToPrice,
) => number | undefined;

/** What of the work is not in its jobs. */
export interface WorkOptions {
  /** Cold starts that are forced after the rounds; undefined: none. */
  readonly cold?: ColdPlan | undefined;
  /** The local cloud enforces Lambda's CPU share; false by default. */
  readonly isAsLambda?: boolean;
}

/**
 * Tells before the first call how long all jobs will take, and on AWS what they will cost. Returns an `emit` for the
 * loads, which adds to their progress how far the whole is.
 */
export async function announceWork(
  jobs: readonly LoadJob[],
  priceLoads: PriceLoads,
  deps: CommandDeps,
  { cold, isAsLambda = false }: WorkOptions = {},
): Promise<Emit> {
  // What can't be read is told where runs are listed; here it only makes the estimate a typical one.
  const earlier = await listRuns(deps.cwd, () => {});
  const expected = expectLoads(
    jobs.map((job) => ({ ...job, isAsLambda })),
    earlier,
    availableParallelism(),
  );
  if (expected.some(({ basis }) => basis === 'unknown')) return deps.emit;
  const calls = expected.reduce((sum, load) => sum + (load.calls ?? 0), 0);
  const expectedUsd = priceOf(expected, loadersOf(jobs, expected), priceLoads);
  deps.emit({
    type: 'work-estimate',
    loads: jobs.length,
    ...(expected.some((load) => load.calls === undefined) ? {} : { calls }),
    expectedMs: expectedTotalMs(expected) + coldMsOf(jobs, cold, earlier),
    ...(expectedUsd === undefined ? {} : { expectedUsd }),
    basis: expected.every(({ basis }) => basis === 'earlier-run') ? 'earlier-run' : 'typical',
  });
  return followWork(expected, deps.emit);
}

function coldMsOf(
  jobs: readonly LoadJob[],
  cold: ColdPlan | undefined,
  earlier: readonly RunRecord[],
): number {
  const [kind] = jobs.flatMap(({ about }) => {
    const found = about?.target.kind;
    return found === undefined || found === 'url' ? [] : [found];
  });
  if (cold === undefined || kind === undefined) return 0;
  const functions = jobs.map(({ plan, runtime }) => ({ route: plan.route, runtime }));
  return coldTimeMs(functions, kind, cold, earlier);
}

/** Undefined where the loads do not go to AWS, and where time bounds one of them: its calls are not known. */
function priceOf(
  expected: readonly ExpectedJob[],
  loaders: LoadersToPrice | undefined,
  priceLoads: PriceLoads,
): number | undefined {
  const [target] = expected.map(({ job }) => job.about?.target);
  if (target?.kind !== 'aws') return undefined;
  const loads: LoadToPrice[] = [];
  for (const { job, calls, billedMs } of expected) {
    const { memorySizeMB, architecture } = job.about ?? {};
    if (memorySizeMB === undefined || architecture === undefined || calls === undefined) return undefined;
    const sheep = sheepOf(job.runtime, expected);
    loads.push({
      ...(job.shed === undefined ? {} : { route: job.shed.route }),
      calls,
      billedMs,
      memorySizeMB,
      architecture,
      ...(sheep === undefined ? {} : { sheep }),
    });
  }
  return priceLoads(loads, target.region, loaders);
}

/** What a loader is billed for beside the time of its load: it comes up, meets the others and waits for the start. */
const LOADER_OVERHEAD_MS = 5000;

function loadersOf(jobs: readonly LoadJob[], expected: readonly ExpectedJob[]): LoadersToPrice | undefined {
  const [fleet] = jobs.flatMap((job) => job.fleet ?? []);
  if (fleet === undefined) return undefined;
  const { loaders, memorySizeMB, architecture } = fleet;
  return {
    billedMs: loaders * (expectedTotalMs(expected) + LOADER_OVERHEAD_MS * expected.length),
    invocations: loaders * expected.length,
    memorySizeMB,
    architecture,
  };
}

function sheepOf(runtime: string, expected: readonly ExpectedJob[]): number | undefined {
  return expected.find(({ job }) => job.runtime === runtime && job.plan.route === 'sheep')?.calls;
}
