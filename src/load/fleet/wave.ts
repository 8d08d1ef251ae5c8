import type { Phase } from '../engine/engine.ts';
import { createSchedule } from '../schedule.ts';

/** The part of a phase that earlier waves have done. */
export interface Played {
  /** The part of the plan's time, ms. */
  readonly planMs: number;
  /** The time that it took, ms. */
  readonly elapsedMs: number;
}

/** The part of a phase for one wave of invocations: at most `waveMs` of the plan's time. */
export function waveOf(phase: Phase, played: Played, waveMs: number): Phase {
  const { open } = phase;
  const common = {
    ...phase,
    measuredBeforeMs: phase.measuredBeforeMs + played.elapsedMs,
    planLeftMs: phase.planLeftMs - played.planMs,
  };
  if (open === undefined)
    return { ...common, durationMs: Math.min(waveMs, phase.durationMs - played.planMs) };
  const fromMs = open.fromMs + played.planMs;
  return { ...common, open: { ...open, fromMs, toMs: Math.min(open.toMs, fromMs + waveMs) } };
}

/** How much of the plan's time a phase takes, ms. Infinite if only the number of calls bounds it. */
export function planMsOf({ open, durationMs }: Phase): number {
  if (open === undefined) return durationMs;
  const scheduleMs = open.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  return Math.min(open.toMs, scheduleMs) - open.fromMs;
}

/**
 * How many calls of a share are planned in a phase, from `nextCall` on. In a closed loop these are the calls below
 * the limit. In an open loop these are the calls that are due before the end of the phase. Undefined for a closed
 * loop that time bounds, because the number is not known beforehand.
 */
export function plannedCalls(phase: Phase, nextCall: number, stride: number): number | undefined {
  const { open, limit, durationMs } = phase;
  if (open === undefined && Number.isFinite(durationMs)) return undefined;
  const end = open === undefined ? limit : firstCallDueAt(open);
  return Math.max(0, Math.ceil((end - nextCall) / stride));
}

/** The position in the schedule of the first call that is due at or after the end of the phase. */
function firstCallDueAt({ stages, calls, toMs }: NonNullable<Phase['open']>): number {
  const schedule = createSchedule(stages, calls);
  let [low, high] = [0, schedule.calls];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (schedule.dueMs(middle) < toMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
