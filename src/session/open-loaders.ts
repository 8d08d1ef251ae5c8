import { usageError } from '../errors.ts';
import { fleetSize } from '../load/fleet/fleet-size.ts';
import type { LoadOptions } from '../load/load-options.ts';
import type { LoadJob } from '../load/load-runs.ts';
import type { CommandDeps } from '../model/command.ts';
import { counted, groupThousands } from '../model/number-text.ts';
import { DEFAULT_PROJECT } from '../model/project.ts';
import type { LoadPlan } from '../model/run.ts';
import type { Selector } from '../model/selector.ts';
import { loaderCostUsd } from '../report/cost/loader-cost.ts';
import type { Session } from './session.ts';

const MS_PER_MINUTE = 60_000;

/** The options that concern loaders in the region. */
type LoaderOptions = Pick<LoadOptions, 'from' | 'callsOut'>;

/**
 * Refuses a plan that loaders can't send, and options that they do not support. Without loaders it does nothing.
 *
 * @throws usageError `not-from-loaders`, `too-many-loaders`, `too-few-loaders`
 */
export function refuseLoaders(plan: LoadPlan, { from, callsOut }: LoaderOptions): void {
  if (from === undefined) return;
  if (callsOut !== undefined) {
    throw usageError(
      'not-from-loaders',
      '--calls-out writes a file on the machine that sends, and loaders keep no files.',
      'Leave --calls-out out',
    );
  }
  fleetSize(plan, from.loaders);
}

/**
 * Returns the loaders in the region, and deploys them if needed. Undefined if this machine sends the load.
 * @throws ShedbenchError exit 2 for options that loaders do not support, exit 3 and 130 as a deploy
 */
export async function openLoaders(
  plan: LoadPlan,
  loadId: string,
  options: Selector & LoaderOptions,
  session: Session,
  deps: CommandDeps,
): Promise<Pick<LoadJob, 'fleet'>> {
  if (options.from === undefined) return {};
  refuseLoaders(plan, options);
  const loaders = fleetSize(plan, options.from.loaders);
  const { deployLoaders } = await import('./deploy-loaders.ts');
  const { openFleet } = await import('../load/fleet/open-fleet.ts');
  const site = await deployLoaders(options.project ?? DEFAULT_PROJECT, session, options, deps);
  const fleet = await openFleet(site, { plan, loaders, loadId }, session.clients, deps.emit);
  const perMinuteUsd = loaderCostUsd(
    site,
    { billedMs: loaders * MS_PER_MINUTE, invocations: loaders },
    session.target.region,
  );
  const cost = perMinuteUsd === undefined ? '' : `; on AWS about $${perMinuteUsd.toPrecision(2)} a minute`;
  deps.emit({
    type: 'note',
    message: `${counted(loaders, 'loader sends', 'loaders send')} from ${session.target.region} (${site.functionName}, ${groupThousands(site.memorySizeMB)} MB, ${site.architecture}${cost}); their figures arrive when they have ended.`,
  });
  return { fleet };
}
