import type { Emit, LoadProgress } from '../../model/events.ts';
import { type ExpectedLoad, type LoadSoFar, timeLeftMs } from './estimate-time.ts';
import { loadKey } from './expect-loads.ts';

/** How far one load is, in both of its phases. */
type PhasesSoFar = Readonly<Record<LoadProgress['phase'], LoadSoFar>>;

const NOTHING: LoadSoFar = { calls: 0, elapsedMs: 0 };

/**
 * Adds to every progress event of a load which load of how many it is, and how long all of them will still take.
 * Returns the given function where there is one load alone: its own progress says all of that.
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
