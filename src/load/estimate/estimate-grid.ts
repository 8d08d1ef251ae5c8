import { availableParallelism } from 'node:os';
import { isRoute } from '../../model/route.ts';
import type { LoadPlan, RunRecord } from '../../model/run.ts';
import type { Setting } from '../../model/setting.ts';
import type { TargetKind } from '../../model/target.ts';
import type { PriceLoads } from './announce-work.ts';
import { type ColdPlan, coldTimeMs } from './cold-time.ts';
import { expectedTotalMs } from './estimate-time.ts';
import { expectLoads } from './expect-loads.ts';

/** The planned work of a bench over several settings. */
export interface GridWork {
  readonly settings: readonly Setting[];
  readonly runtimes: readonly string[];
  /** One plan for each route. */
  readonly plans: readonly LoadPlan[];
  readonly target: { readonly kind: TargetKind; readonly region: string };
  /** Forced cold starts of each function in each setting, and how many start at once. Undefined if there are none. */
  /** The local cloud enforces Lambda's CPU share. */
  readonly isAsLambda?: boolean;
  readonly cold?: ColdPlan;
}

export interface GridEstimate {
  /** Loads of one function in one setting. */
  readonly loads: number;
  readonly calls: number;
  readonly expectedMs: number;
  /** On AWS, where the region has prices. */
  readonly expectedUsd?: number;
  readonly basis: 'earlier-run' | 'typical';
}

/**
 * The time that a setting takes besides its calls, ms: updating the stacks, emptying tables, waiting, and reading the
 * rows.
 */
const OVERHEAD_MS: Readonly<Record<TargetKind, number>> = { local: 6000, endpoint: 30_000, aws: 75_000 };
/**
 * The time that a load takes besides its calls, ms: opening connections, and on AWS the pause between two loads of a
 * function.
 */
const PER_ROUTE_MS: Readonly<Record<TargetKind, number>> = { local: 900, endpoint: 3000, aws: 3000 };

/**
 * How long a bench over several settings takes, and on AWS its cost. Uses earlier runs of this folder, otherwise
 * typical figures.
 */
export function estimateGrid(
  work: GridWork,
  earlier: readonly RunRecord[],
  priceLoads: PriceLoads,
): GridEstimate {
  const { settings, runtimes, plans, target, cold, isAsLambda = false } = work;
  const expected = settings.flatMap((setting) =>
    expectLoads(
      plans.flatMap((plan) =>
        runtimes.map((runtime) => ({
          plan,
          runtime,
          url: '',
          about: { target, ...setting },
          ...(isRoute(plan.route) ? { shed: { route: plan.route } } : {}),
          isAsLambda,
        })),
      ),
      earlier,
      availableParallelism(),
    ),
  );
  const coldMs =
    cold === undefined ? 0 : settings.length * coldTimeMs(functionsOf(work), target.kind, cold, earlier);
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
    loads: expected.length,
    calls: calls + (cold?.asked ?? 0) * plans.length * runtimes.length * settings.length,
    expectedMs:
      expectedTotalMs(expected) +
      coldMs +
      settings.length * (OVERHEAD_MS[target.kind] + plans.length * PER_ROUTE_MS[target.kind]),
    ...(usd === undefined ? {} : { expectedUsd: usd }),
    basis: expected.every(({ basis }) => basis === 'earlier-run') ? 'earlier-run' : 'typical',
  };
}

function functionsOf({ plans, runtimes }: GridWork) {
  return plans.flatMap(({ route }) => runtimes.map((runtime) => ({ route, runtime })));
}
