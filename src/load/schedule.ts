import type { RateStage } from '../model/run.ts';

/**
 * When the calls of an open loop are due. If N(t) is the integral of the rate, call k (from 0) is due at the first t
 * where N(t) = k. It is computed from k alone, so that delays of timers do not accumulate.
 */
export interface Schedule {
  /** How many calls are due before the last stage ends. */
  readonly calls: number;
  readonly durationMs: number;
  /** Whether `maxCalls` left out some of the calls. The schedule then ends with its last call. */
  readonly isCut: boolean;
  /** The due time of call k, ms from the start; k from 0 to `calls - 1`. Fastest in ascending order. */
  dueMs(k: number): number;
}

/** The first rate above 0, because a ramp may begin with a stage without calls. */
export function firstRatePerSecond(stages: readonly RateStage[]): number {
  return (
    stages
      .flatMap(({ fromPerSecond, toPerSecond }) => [fromPerSecond, toPerSecond])
      .find((rate) => rate > 0) ?? 0
  );
}

/**
 * Tolerance for a number of calls that is whole apart from rounding, as calls and as a share: 99.9/s for 60 s are
 * 5,994.
 */
const ROUNDING_CALLS = 1e-9;
const ROUNDING_SHARE = 1e-13;

/** Creates the schedule of stages. It ends after `maxCalls` if that comes first. */
export function createSchedule(stages: readonly RateStage[], maxCalls = Number.POSITIVE_INFINITY): Schedule {
  const spans: { fromMs: number; firstCall: number; lastCall: number; stage: RateStage }[] = [];
  let fromMs = 0;
  let cumulative = 0;
  for (const stage of stages) {
    const calls = ((stage.fromPerSecond + stage.toPerSecond) / 2) * (stage.durationMs / 1000);
    spans.push({ fromMs, firstCall: cumulative, lastCall: cumulative + calls, stage });
    fromMs += stage.durationMs;
    cumulative += calls;
  }
  const planned = Math.ceil(cumulative * (1 - ROUNDING_SHARE) - ROUNDING_CALLS);
  const calls = Math.min(maxCalls, planned);
  let at = 0;
  return {
    calls,
    durationMs: fromMs,
    isCut: calls < planned,
    dueMs(k) {
      if ((spans[at]?.firstCall ?? 0) > k) at = 0;
      while (at < spans.length - 1 && (spans[at]?.lastCall ?? 0) <= k) at++;
      const span = spans[at];
      const atMs = span === undefined ? 0 : span.fromMs + timeOfCallMs(span.stage, k - span.firstCall);
      // Rounded to the nanosecond, because an error just above a whole millisecond would delay a timer by one more.
      return Math.round(atMs * 1e6) / 1e6;
    },
  };
}

/**
 * Solves `from·t + (to − from)·t²/(2·duration) = calls` for t ≥ 0 in ms, in a form that is numerically stable for any
 * slope.
 */
function timeOfCallMs(stage: RateStage, calls: number): number {
  if (calls <= 0) return 0;
  const durationS = stage.durationMs / 1000;
  const from = stage.fromPerSecond;
  const slope = (stage.toPerSecond - from) / durationS;
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * calls));
  return Math.min(stage.durationMs, ((2 * calls) / (from + root)) * 1000);
}
