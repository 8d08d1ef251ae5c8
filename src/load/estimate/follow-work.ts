import type { Emit, LoadProgress } from '../../model/events.ts';
import { type ExpectedLoad, type LoadSoFar, timeLeftMs } from './estimate-time.ts';
import { loadKey } from './expect-loads.ts';

/** The progress of one load in its warm-up and in its measured rounds. */
type PhasesSoFar = Readonly<Record<LoadProgress['phase'], LoadSoFar>>;

const NOTHING: LoadSoFar = { calls: 0, elapsedMs: 0 };

/**
 * Adds to every progress event of a load its position among all loads, and the remaining time of all of them. Returns
 * the given function if there is only one load, because that load's own progress says the same.
 */
export function followWork(loads: readonly ExpectedLoad[], emit: Emit): Emit {
  if (loads.length < 2) return emit;
  const phases = new Map<string, PhasesSoFar>();
  return (event) => {
    if (event.type !== 'load-progress' && event.type !== 'load-end') {
      emit(event);
      return;
    }
    const key = loadKey(event);
    const { phase, callsDone, elapsedMs } = event.progress;
    const before = phases.get(key) ?? { warmup: NOTHING, measure: NOTHING };
    phases.set(key, { ...before, [phase]: { calls: callsDone, elapsedMs } });
    const load = loads.findIndex((each) => each.key === key) + 1;
    if (load === 0) {
      emit(event);
      return;
    }
    const soFar = new Map([...phases].map(([name, of]) => [name, bothPhases(of)]));
    emit({ ...event, whole: { load, of: loads.length, leftMs: timeLeftMs(loads, soFar) } });
  };
}

function bothPhases({ warmup, measure }: PhasesSoFar): LoadSoFar {
  return { calls: warmup.calls + measure.calls, elapsedMs: warmup.elapsedMs + measure.elapsedMs };
}
