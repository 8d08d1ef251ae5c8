import { availableParallelism } from 'node:os';
import { isRoute } from '../../model/route.ts';
import type { LoadPlan, RunRecord } from '../../model/run.ts';
import type { Setting } from '../../model/setting.ts';
import type { TargetKind } from '../../model/target.ts';
import type { PriceLoads } from './announce-work.ts';
import { expectedTotalMs } from './estimate-time.ts';
import { expectLoads } from './expect-loads.ts';
import { typicalColdWaveMs } from './typical-calls.ts';

/** What a bench over a grid is going to do. */
export interface GridWork {
  readonly settings: readonly Setting[];
  readonly runtimes: readonly string[];
  /** One plan for each route. */
  readonly plans: readonly LoadPlan[];
  readonly target: { readonly kind: TargetKind; readonly region: string };
  /** Forced cold starts of each function in each setting, and how many start at once; undefined: none. */
  readonly cold?: { readonly asked: number; readonly atOnce: number };
}

export interface GridEstimate {
  readonly calls: number;
  readonly expectedMs: number;
  /** On AWS, where the region has prices. */
  readonly expectedUsd?: number;
  readonly basis: 'earlier-run' | 'typical';
}

/** What a setting takes beside its calls, ms: the update of the stacks, empty tables, waits, and the rows. */
const OVERHEAD_MS: Readonly<Record<TargetKind, number>> = { local: 6000, endpoint: 30_000, aws: 75_000 };
/** What a load takes beside its calls, ms: the first connections, and on AWS that the loads of a function lie apart. */
const PER_ROUTE_MS: Readonly<Record<TargetKind, number>> = { local: 900, endpoint: 3000, aws: 3000 };

/** How long a bench over a grid takes, and on AWS what it costs, by earlier runs of this folder, else by typical figures. */
export function estimateGrid(
  work: GridWork,
  earlier: readonly RunRecord[],
  priceLoads: PriceLoads,
): GridEstimate {
  const { settings, runtimes, plans, target, cold } = work;
  const expected = settings.flatMap((setting) =>
    expectLoads(
      plans.flatMap((plan) =>
        runtimes.map((runtime) => ({
          plan,
          runtime,
          url: '',
          about: { target, ...setting },
          ...(isRoute(plan.route) ? { shed: { route: plan.route } } : {}),
        })),
      ),
      earlier,
      availableParallelism(),
    ),
  );
  const coldMs = cold === undefined ? 0 : settings.length * coldTimeMs(work, cold, earlier);
  const calls = expected.reduce((sum, load) => sum + (load.calls ?? 0), 0);
  const usd =
    target.kind === 'aws'
      ? priceLoads(
          expected.map(({ job, calls: own = 0, billedMs }) => ({
            ...(job.shed === undefined ? {} : { route: job.shed.route }),
            calls: own + (cold?.asked ?? 0),
            billedMs,
            memorySizeMB: job.about?.memorySizeMB ?? 0,
            architecture: job.about?.architecture ?? 'arm64',
          })),
          target.region,
        )
      : undefined;
  return {
    calls: calls + (cold?.asked ?? 0) * plans.length * runtimes.length * settings.length,
    expectedMs:
      expectedTotalMs(expected) +
      coldMs +
      settings.length * (OVERHEAD_MS[target.kind] + plans.length * PER_ROUTE_MS[target.kind]),
    ...(usd === undefined ? {} : { expectedUsd: usd }),
    basis: expected.every(({ basis }) => basis === 'earlier-run') ? 'earlier-run' : 'typical',
  };
}

/** The forced cold starts of one setting, ms: by the latest run of each function that forced some. */
function coldTimeMs(
  { runtimes, plans, target }: GridWork,
  { asked, atOnce }: NonNullable<GridWork['cold']>,
  earlier: readonly RunRecord[],
): number {
  const waves = Math.ceil(asked / atOnce);
  return plans.reduce(
    (sum, { route }) =>
      sum +
      runtimes.reduce((total, runtime) => {
        const run = earlier.findLast(
          (each) =>
            each.coldStarts !== undefined &&
            each.route === route &&
            each.runtime === runtime &&
            each.target.kind === target.kind,
        );
        const rounds = (run?.rounds ?? []).filter(({ index }) => index < 0);
        const took = rounds.reduce((ms, { elapsedMs }) => ms + elapsedMs, 0);
        const waveMs = rounds.length === 0 ? typicalColdWaveMs(target.kind, runtime) : took / rounds.length;
        return total + waves * waveMs;
      }, 0) +
      waves * RETIRE_MS[target.kind],
    0,
  );
}

/** An update of the functions of a wave, ms. */
const RETIRE_MS: Readonly<Record<TargetKind, number>> = { local: 40, endpoint: 500, aws: 4000 };
