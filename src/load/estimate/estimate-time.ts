/** One load of a larger piece of work, and what each of its calls is expected to take. Pure data. */
export interface ExpectedLoad {
  /** Tells the loads of one piece of work apart. */
  readonly key: string;
  /** Calls of the warm-up and of the measured rounds together; undefined where time alone bounds the load. */
  readonly calls?: number;
  /** Time that the plan sets, ms: of a load, or of a warm-up, that time bounds. */
  readonly fixedMs: number;
  /** What one call is expected to take, ms. */
  readonly callMs: number;
  /** How many calls run at once. On the local cloud no more than there are cores. */
  readonly atOnce: number;
}

/** What one load did until now. */
export interface LoadSoFar {
  readonly calls: number;
  readonly elapsedMs: number;
}

/** A load's own rate is trusted from this many calls on; before, its expectation is. */
const FEWEST_CALLS = 10;

/** How long a load will take, ms, by expectation alone. */
export function expectedMs(load: ExpectedLoad): number {
  return load.fixedMs + ((load.calls ?? 0) * load.callMs) / Math.max(1, load.atOnce);
}

/** How long all loads will take one after the other, ms, by expectation alone. */
export function expectedTotalMs(loads: readonly ExpectedLoad[]): number {
  return loads.reduce((sum, load) => sum + expectedMs(load), 0);
}

/**
 * How long the rest of all loads will take, ms. A load that has begun goes on at its own rate. The expectation of the
 * others is corrected by how far the loads until now were off.
 */
export function timeLeftMs(loads: readonly ExpectedLoad[], soFar: ReadonlyMap<string, LoadSoFar>): number {
  const correction = correctionOf(loads, soFar);
  return loads.reduce((sum, load) => sum + loadLeftMs(load, soFar.get(load.key), correction), 0);
}

function loadLeftMs(load: ExpectedLoad, done: LoadSoFar | undefined, correction: number): number {
  if (done === undefined) return correctedMs(load, load.calls ?? 0, correction);
  if (load.calls === undefined) return Math.max(0, load.fixedMs - done.elapsedMs);
  const callsLeft = Math.max(0, load.calls - done.calls);
  if (done.calls < FEWEST_CALLS) return correctedMs(load, callsLeft, correction);
  return (callsLeft * done.elapsedMs) / done.calls;
}

/** Time that the plan sets needs no correction; time that calls take does. */
function correctedMs(load: ExpectedLoad, calls: number, correction: number): number {
  return load.fixedMs + (correction * calls * load.callMs) / Math.max(1, load.atOnce);
}

/** Time that the calls until now took, over the time that they were expected to take; 1 before there are enough. */
function correctionOf(loads: readonly ExpectedLoad[], soFar: ReadonlyMap<string, LoadSoFar>): number {
  let tookMs = 0;
  let expectedForThemMs = 0;
  for (const load of loads) {
    const done = soFar.get(load.key);
    if (done === undefined || load.calls === undefined || done.calls < FEWEST_CALLS) continue;
    tookMs += done.elapsedMs;
    expectedForThemMs += (done.calls * load.callMs) / Math.max(1, load.atOnce);
  }
  return expectedForThemMs > 0 ? tookMs / expectedForThemMs : 1;
}
