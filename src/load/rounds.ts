import { usageError } from '../errors.ts';
import { LOAD_DEFAULTS } from '../model/defaults.ts';
import type { LoadPlan } from '../model/run.ts';

/**
 * The number of rounds of a plan: as requested, otherwise the default if several runtimes take turns, and 1 for a
 * single runtime. There are no more rounds than calls.
 *
 * @throws usageError `too-many-rounds` if more were requested than there are calls
 */
export function roundsOf(
  plan: Pick<LoadPlan, 'calls'>,
  asked: number | undefined,
  takesTurns: boolean,
): number {
  const calls = plan.calls ?? Number.POSITIVE_INFINITY;
  if (asked === undefined) return takesTurns ? Math.min(LOAD_DEFAULTS.rounds, calls) : 1;
  if (asked <= calls) return asked;
  throw usageError(
    'too-many-rounds',
    `${asked} rounds need at least ${asked} calls; there ${calls === 1 ? 'is' : 'are'} ${calls}.`,
    `--rounds ${calls} or fewer`,
  );
}
