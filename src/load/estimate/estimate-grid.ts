import { availableParallelism } from 'node:os';
import { LAMBDA_DEFAULTS } from '../../model/defaults.ts';
import { isRoute } from '../../model/route.ts';
import type { LoadPlan, RunRecord } from '../../model/run.ts';
import type { Setting } from '../../model/setting.ts';
import type { TargetKind } from '../../model/target.ts';
import { type MachinePace, slowdown } from '../measure/machine-pace.ts';
import type { PriceLoads } from './announce-work.ts';
import type { ColdPlan } from './cold-time.ts';
import { type ExpectedJob, expectLoads, type LoadToExpect } from './expect-loads.ts';
import { loadsMs } from './loads-time.ts';
import { reportTimeMs } from './report-time.ts';

/** The work of a bench over a grid. */
export interface GridWork {
  readonly settings: readonly Setting[];
  readonly runtimes: readonly string[];
  /** One plan for each route. */
  readonly plans: readonly LoadPlan[];
  /** How many rounds the calls of each load are divided into, at least 1. */
  readonly rounds: number;
  readonly target: { readonly kind: TargetKind; readonly region: string };
  /** The local cloud enforces Lambda's CPU share. */
  readonly isAsLambda?: boolean;
  /** Forced cold starts of each function in each setting, and how many start at once; undefined: none. */
  readonly cold?: ColdPlan | undefined;
  /** The pace of this machine; that of the reference machine if the target is elsewhere. */
  readonly pace: MachinePace;
  /** Whether the report of a local bench measures the speed of this machine's core. */
  readonly calibrates: boolean;
}

export interface GridEstimate {
  /** Loads of one function in one setting. */
  readonly loads: number;
  readonly calls: number;
  readonly expectedMs: number;
  /**
   * Where the estimated time ends: with the report on the local cloud, otherwise with the last call. How long a report
   * waits for its rows on AWS is not known.
   */
  readonly until: 'report' | 'last-call';
  /** The expected cost, US dollars. Only on AWS, and only if the prices of the region are known. */
  readonly expectedUsd?: number;
  readonly basis: 'earlier-run' | 'typical';
}

/**
 * What a setting takes beside its loads, ms: the update of the stacks, empty tables, and waits. Local: printed by
 * `npm run bench:estimate`. Elsewhere: not measured; an update of a stack takes about a minute.
 */
const SETTING_MS: Readonly<Record<TargetKind, number>> = { local: 1500, endpoint: 30_000, aws: 75_000 };

/**
 * Estimates how long a bench over a grid takes, and on AWS what it costs. Uses earlier runs of this folder, otherwise
 * typical figures.
 */
export function estimateGrid(
  work: GridWork,
  earlier: readonly RunRecord[],
  priceLoads: PriceLoads,
): GridEstimate {
  const { settings, runtimes, plans, target, isAsLambda = false, pace } = work;
  const jobs = settings.flatMap((setting) =>
    plans.flatMap((plan) =>
      runtimes.map(
        (runtime): LoadToExpect => ({
          plan,
          runtime,
          url: '',
          about: { target, ...setting },
          ...(isRoute(plan.route) ? { shed: { route: plan.route } } : {}),
          isAsLambda,
        }),
      ),
    ),
  );
  const expected = expectLoads(jobs, earlier, { cores: availableParallelism(), pace }, work.rounds);
  // The rows of the local cloud are read after each setting, because they are lost if the cloud fails later.
  const readings = target.kind === 'local' ? settings.length : 0;
  return estimateOf(expected, { ...work, settings: settings.length, readings }, earlier, priceLoads);
}

type SettingsWork = Pick<GridWork, 'rounds' | 'target' | 'cold' | 'pace' | 'calibrates'> & {
  readonly settings: number;
  /** How many times rows are read before the report, each time those of one setting. */
  readonly readings: number;
};

/**
 * Makes the same estimate for the loads of several settings, of the shed or of other functions. Undefined if nothing is
 * known about one of them.
 */
export function estimateSettings(
  jobs: readonly LoadToExpect[],
  work: SettingsWork,
  earlier: readonly RunRecord[],
  priceLoads: PriceLoads,
): GridEstimate | undefined {
  const expected = expectLoads(
    jobs,
    earlier,
    { cores: availableParallelism(), pace: work.pace },
    work.rounds,
  );
  if (expected.some(({ basis }) => basis === 'unknown')) return undefined;
  return estimateOf(expected, work, earlier, priceLoads);
}

function estimateOf(
  expected: readonly ExpectedJob[],
  work: SettingsWork,
  earlier: readonly RunRecord[],
  priceLoads: PriceLoads,
): GridEstimate {
  const { settings, rounds, target, cold, pace } = work;
  const calls =
    expected.reduce((sum, load) => sum + (load.calls ?? 0), 0) + (cold?.asked ?? 0) * expected.length;
  const usd =
    target.kind === 'aws'
      ? priceLoads(
          expected.map(({ job, calls: own = 0, billedMs }) => ({
            ...(job.shed === undefined ? {} : { route: job.shed.route }),
            calls: own + (cold?.asked ?? 0),
            billedMs,
            memorySizeMB: job.about?.memorySizeMB ?? LAMBDA_DEFAULTS.memorySizeMB,
            architecture: job.about?.architecture ?? LAMBDA_DEFAULTS.architecture,
          })),
          target.region,
        )
      : undefined;
  const settingsMs = settings * SETTING_MS[target.kind] * slowdown(pace);
  const reportsMs = target.kind === 'local' ? reportsTimeMs(expected.length, calls, work) : 0;
  return {
    loads: expected.length,
    calls,
    expectedMs: loadsMs(expected, { rounds, cold }, earlier, pace) + settingsMs + reportsMs,
    until: target.kind === 'local' ? 'report' : 'last-call',
    ...(usd === undefined ? {} : { expectedUsd: usd }),
    basis: expected.every(({ basis }) => basis === 'earlier-run') ? 'earlier-run' : 'typical',
  };
}

/** The report of all settings, and the readings of rows before it. */
function reportsTimeMs(
  runs: number,
  rows: number,
  { settings, readings, pace, calibrates }: SettingsWork,
): number {
  const reading = { runs: runs / settings, rows: rows / settings, calibrates: false };
  return reportTimeMs({ runs, rows, calibrates }, pace) + readings * reportTimeMs(reading, pace);
}
