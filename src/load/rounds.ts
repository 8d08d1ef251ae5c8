import { usageError } from '../errors.ts';
import { DEFAULT_ROUNDS, type LoadPlan } from '../model/run.ts';

/**
 * How many rounds a plan is divided into: those asked for, else the default where several runtimes take turns and 1
 * where one is alone. No more than there are calls.
 *
 * @throws usageError `too-many-rounds` where more were asked for than there are calls
 */
export function roundsOf(plan: LoadPlan, asked: number | undefined, takesTurns: boolean): number {
  const calls = plan.calls ?? Number.POSITIVE_INFINITY;
  if (asked === undefined) return takesTurns ? Math.min(DEFAULT_ROUNDS, calls) : 1;
  if (asked <= calls) return asked;
  throw usageError(
    'too-many-rounds',
    `${asked} rounds need at least ${asked} calls; there are ${calls}.`,
    `--rounds ${calls} or fewer`,
  );
}
