import { availableParallelism } from 'node:os';
import type { CommandDeps } from '../../model/command.ts';
import type { Emit } from '../../model/events.ts';
import type { PricedLoad } from '../../model/priced-load.ts';
import type { Architecture } from '../../model/target.ts';
import { leftUntilApartMs } from '../../spacing/wait-apart.ts';
import { listRuns } from '../../store/runs.ts';
import type { LoadJob } from '../load-runs.ts';
import { type MachinePace, measurePace, REFERENCE_PACE } from '../measure/machine-pace.ts';
import { expectedTotalMs } from './estimate-time.ts';
import { type ExpectedJob, expectLoads } from './expect-loads.ts';
import { followWork } from './follow-work.ts';
import { type LoadsPlayed, loadsMs } from './loads-time.ts';
import { reportTimeMs } from './report-time.ts';

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
  loads: readonly PricedLoad[],
  region: string | undefined,
  loaders?: LoadersToPrice,
) => number | undefined;

/** The parts of the work that are not among its jobs. */
export interface WorkOptions extends LoadsPlayed {
  /** The local cloud enforces Lambda's CPU share; false by default. */
  readonly isAsLambda?: boolean;
  /** The report of a local bench, which follows the loads. Undefined: the estimate ends with the last call. */
  readonly report?: { readonly calibrates: boolean } | undefined;
  /** When the local cloud started, epoch ms. Undefined if the loads go elsewhere. */
  readonly localSinceEpochMs?: number | undefined;
}

/**
 * Before loads that are shorter than this and that no report follows, the pace is not measured, because the measurement
 * takes 0.2 s itself.
 */
const SHORT_MS = 2000;

/**
 * Announces, before the first call, how long all jobs will take, and on AWS their cost. For the local cloud it first
 * measures the pace of this machine. Returns an `emit` for the loads. It adds the progress of the whole work to the
 * progress events of each load.
 */
export async function announceWork(
  jobs: readonly LoadJob[],
  priceLoads: PriceLoads,
  deps: CommandDeps,
  { isAsLambda = false, report, localSinceEpochMs, ...played }: WorkOptions,
): Promise<Emit> {
  // The list of runs warns of unreadable runs. Here they only mean that the estimate uses typical figures.
  const earlier = await listRuns(deps.cwd, () => {});
  const expectAt = (pace: MachinePace) =>
    expectLoads(
      jobs.map((job) => ({ ...job, isAsLambda })),
      earlier,
      { cores: availableParallelism(), pace, cloudSinceEpochMs: localSinceEpochMs },
      played.rounds,
    );
  const quiet = expectAt(REFERENCE_PACE);
  if (quiet.some(({ basis }) => basis === 'unknown')) return deps.emit;
  const isLocal = jobs.some(({ about }) => about?.target.kind === 'local');
  const quietMs = loadsMs(quiet, played, earlier, REFERENCE_PACE);
  const isWorthIt = isLocal && (report !== undefined || quietMs > SHORT_MS);
  const pace = isWorthIt ? await measurePace(quietMs) : REFERENCE_PACE;
  const expected = expectAt(pace);
  const calls = expected.reduce((sum, load) => sum + (load.calls ?? 0), 0);
  const rows = calls + expected.length * (played.cold?.asked ?? 0);
  const reportMs = report === undefined ? 0 : reportTimeMs({ ...report, runs: expected.length, rows }, pace);
  const [first] = jobs;
  const apartMs = await leftUntilApartMs(
    namesOf(jobs.filter(({ plan }) => plan.route === first?.plan.route)),
    deps,
    localSinceEpochMs,
  );
  const expectedUsd = priceOf(expected, loadersOf(jobs, expected), priceLoads);
  deps.emit({
    type: 'work-estimate',
    loads: jobs.length,
    ...(expected.some((load) => load.calls === undefined) ? {} : { calls }),
    expectedMs: apartMs + loadsMs(expected, played, earlier, pace) + reportMs,
    until: report === undefined ? 'last-call' : 'report',
    ...(expectedUsd === undefined ? {} : { expectedUsd }),
    basis: expected.every(({ basis }) => basis === 'earlier-run') ? 'earlier-run' : 'typical',
  });
  return followWork(expected, deps.emit);
}

function namesOf(jobs: readonly LoadJob[]): string[] {
  return jobs.flatMap(({ about }) => about?.functionName ?? []);
}

/** Undefined if the loads do not go to AWS, or if a load is bounded by time, because its number of calls is unknown. */
function priceOf(
  expected: readonly ExpectedJob[],
  loaders: LoadersToPrice | undefined,
  priceLoads: PriceLoads,
): number | undefined {
  const [target] = expected.map(({ job }) => job.about?.target);
  if (target?.kind !== 'aws') return undefined;
  const loads: PricedLoad[] = [];
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
