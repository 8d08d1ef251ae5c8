/** One load of a larger piece of work, and what each of its calls is expected to take. Pure data. */
export interface ExpectedLoad {
  /** Identifies a load among all loads of the work. */
  readonly key: string;
  /** Calls of the warm-up and of the measured rounds together. Undefined if only time bounds the load. */
  readonly calls?: number;
  /** The time that the plan sets for a load or a warm-up that is bounded by time, ms. */
  readonly fixedMs: number;
  /** The expected time of one call, ms. */
  readonly callMs: number;
  /** How many times the duration of a call the calls take together, as `wavesOf` returns it. */
  readonly waves: number;
}

/** The progress of one load. */
export interface LoadSoFar {
  readonly calls: number;
  readonly elapsedMs: number;
}

/** The number of calls from which on a load's own rate is used. Before, its expected rate is used. */
const FEWEST_CALLS = 10;

/**
 * How many waves of simultaneous calls there are in turns that follow each other. The last wave of a turn is often
 * smaller, but lasts as long: a turn of 5 calls of which 2 run at once has 3 waves.
 *
 * @param turns the number of calls of each turn
 */
export function wavesOf(turns: readonly number[], atOnce: number): number {
  return turns.reduce((sum, calls) => sum + Math.ceil(calls / Math.max(1, atOnce)), 0);
}

/** How long a load is expected to take, ms, before it begins. */
export function expectedMs(load: ExpectedLoad): number {
  return load.fixedMs + load.waves * load.callMs;
}

/** The expected time of a number of a load's calls, ms: their part of the time of all. */
function expectedCallsMs(load: ExpectedLoad, calls: number): number {
  return load.calls === undefined || load.calls === 0 ? 0 : (load.waves * load.callMs * calls) / load.calls;
}

/** How long all loads are expected to take one after the other, ms, before they begin. */
export function expectedTotalMs(loads: readonly ExpectedLoad[]): number {
  return loads.reduce((sum, load) => sum + expectedMs(load), 0);
}

/**
 * How long the rest of all loads will take, ms. A load that has begun is assumed to continue at its own rate. The
 * expected times of the others are corrected by the error of the expectations so far.
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

/** Corrects the time of calls. The time that the plan sets needs no correction. */
function correctedMs(load: ExpectedLoad, calls: number, correction: number): number {
  return load.fixedMs + correction * expectedCallsMs(load, calls);
}

/** The time that the calls so far took, divided by their expected time. 1 before there are enough calls. */
function correctionOf(loads: readonly ExpectedLoad[], soFar: ReadonlyMap<string, LoadSoFar>): number {
  let tookMs = 0;
  let expectedForThemMs = 0;
  for (const load of loads) {
    const done = soFar.get(load.key);
    if (done === undefined || load.calls === undefined || done.calls < FEWEST_CALLS) continue;
    tookMs += done.elapsedMs;
    expectedForThemMs += expectedCallsMs(load, done.calls);
  }
  return expectedForThemMs > 0 ? tookMs / expectedForThemMs : 1;
}
