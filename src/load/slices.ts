import type { LoadPlan } from '../model/run.ts';

/**
 * A slice has at least this many calls for each call in flight. A slice waits for its last answer before the next load
 * has its turn, so a shorter one would measure mostly how calls begin and end.
 */
const LEAST_CALLS_PER_CALL_IN_FLIGHT = 5;
/** The largest number of slices of a round, because the measurements of every slice are kept until the load ends. */
const MOST_SLICES = 8;

/** A load that takes turns with others. */
interface SlicedLoad {
  readonly plan: LoadPlan;
  /** Whether loaders elsewhere send the calls. */
  readonly isOfFleet: boolean;
}

/**
 * Into how many slices each load's share of a round is cut, 1 to 8. The speed of a machine changes within tenths of a
 * second, and a change between the turns of two loads looks like a difference between the loads. Short turns that
 * alternate often (A B B A A B B A) share these changes; long ones (A B) do not.
 *
 * A load without others, an open loop, a load that is bounded by time, and one from a fleet play a round in one piece.
 */
export function slicesOf(loads: readonly SlicedLoad[], rounds: number): number {
  if (loads.length < 2) return 1;
  const most = loads.map(({ plan: { mode, calls, parallel, durationMs }, isOfFleet }) =>
    mode !== 'closed' || calls === undefined || durationMs !== undefined || isOfFleet
      ? 1
      : Math.floor(calls / rounds / (parallel * LEAST_CALLS_PER_CALL_IN_FLIGHT)),
  );
  return Math.max(1, Math.min(MOST_SLICES, ...most));
}
