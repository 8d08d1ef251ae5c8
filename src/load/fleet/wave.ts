import type { Phase } from '../engine/engine.ts';
import { createSchedule } from '../schedule.ts';

/** How far a phase has been played by the waves before. */
export interface Played {
  /** Time of the plan, ms. */
  readonly planMs: number;
  /** Time that it took, ms. */
  readonly elapsedMs: number;
}

/** The part of a phase that one wave of invocations plays: no more of the plan's time than `waveMs`. */
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

/** How much of the plan's time a phase plays, ms; infinite where the number of calls alone bounds it. */
export function planMsOf({ open, durationMs }: Phase): number {
  if (open === undefined) return durationMs;
  const scheduleMs = open.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  return Math.min(open.toMs, scheduleMs) - open.fromMs;
}

/**
 * How many calls of a share are planned in a phase, from `nextCall` on: in the closed loop those below the limit, in the open
 * loop those that fall due before the phase ends. Undefined where time bounds a closed loop: nobody knows beforehand.
 */
export function plannedCalls(phase: Phase, nextCall: number, stride: number): number | undefined {
  const { open, limit, durationMs } = phase;
  if (open === undefined && Number.isFinite(durationMs)) return undefined;
  const end = open === undefined ? limit : firstCallDueAt(open);
  return Math.max(0, Math.ceil((end - nextCall) / stride));
}

/** The place in the schedule of the first call that is due at the phase's end or later. */
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
