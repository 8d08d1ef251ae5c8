import { availableParallelism } from 'node:os';
import type { CommandDeps } from '../../model/command.ts';
import type { Emit } from '../../model/events.ts';
import type { Route } from '../../model/route.ts';
import type { Architecture } from '../../model/target.ts';
import { listRuns } from '../../store/runs.ts';
import type { LoadJob } from '../load-runs.ts';
import { expectedTotalMs } from './estimate-time.ts';
import { type ExpectedJob, expectLoads } from './expect-loads.ts';
import { followWork } from './follow-work.ts';
import { type LoadsPlayed, loadsMs } from './loads-time.ts';

/** The facts from which the price of a load is computed. */
export interface LoadToPrice {
  /** The route of the shed. Undefined for other functions; of these only Lambda is priced. */
  readonly route?: Route;
  readonly calls: number;
  readonly billedMs: number;
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
  /** How many sheep earlier loads put into the shed. Undefined if none of them does. */
  readonly sheep?: number;
}

/** The facts from which the price of the loaders in the region is computed. Absent without loaders. */
export interface LoadersToPrice {
  readonly billedMs: number;
  readonly invocations: number;
  readonly memorySizeMB: number;
  readonly architecture: Architecture;
}

/**
 * The cost of loads and of their loaders in a region, in US dollars. Undefined if the prices of the region are not
 * known.
 */
export type PriceLoads = (
  loads: readonly LoadToPrice[],
  region: string | undefined,
  loaders?: LoadersToPrice,
) => number | undefined;

/** The parts of the work that are not among its jobs. */
export interface WorkOptions extends LoadsPlayed {
  /** The local cloud enforces Lambda's CPU share; false by default. */
  readonly isAsLambda?: boolean;
}

/**
 * Announces, before the first call, how long all jobs will take, and on AWS their cost. Returns an `emit` for the
 * loads. It adds the progress of the whole work to the progress events of each load.
 */
export async function announceWork(
  jobs: readonly LoadJob[],
  priceLoads: PriceLoads,
  deps: CommandDeps,
  { isAsLambda = false, ...played }: WorkOptions,
): Promise<Emit> {
  // The list of runs warns of unreadable runs. Here they only mean that the estimate uses typical figures.
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
    expectedMs: loadsMs(expected, played, earlier),
    ...(expectedUsd === undefined ? {} : { expectedUsd }),
    basis: expected.every(({ basis }) => basis === 'earlier-run') ? 'earlier-run' : 'typical',
  });
  return followWork(expected, deps.emit);
}

/** Undefined if the loads do not go to AWS, or if a load is bounded by time, because its number of calls is unknown. */
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

/**
 * The billed time of a loader besides its load, ms: it starts up, its clock is compared, and it waits for the common
 * start.
 */
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
