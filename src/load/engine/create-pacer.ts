import type { LoadPlan } from '../../model/run.ts';
import { createSchedule, firstRatePerSecond } from '../schedule.ts';
import type { Phase, ThreadShare } from './engine.ts';
import { type CallCounter, ClosedPacer, OpenPacer, type Pacer } from './pacer.ts';

/** Open loop: the length of a call from which the number of first connections at the first rate is computed, ms. */
const PREPARE_CALL_MS = 100;

/**
 * Creates the pacer of a phase for one of several threads.
 * @param resumeAt where the previous phase stopped in the schedule of an open loop; undefined for the first phase
 */
export function createPacer(
  phase: Phase,
  counter: CallCounter,
  share: ThreadShare,
  resumeAt: number | undefined,
  nowMs: number,
): Pacer {
  const { open } = phase;
  if (open === undefined) {
    return new ClosedPacer(counter, { limit: phase.limit, endMs: nowMs + phase.durationMs });
  }
  return new OpenPacer(createSchedule(open.stages, open.calls), {
    startMs: nowMs - open.fromMs,
    endMs: nowMs - open.fromMs + open.toMs,
    first: resumeAt ?? share.index,
    stride: share.count,
    numberedFrom: open.numberedFrom,
  });
}

/** How many connections to open before the first call. */
export function firstConnections(plan: LoadPlan): number {
  const [first] = plan.stages ?? [];
  if (first === undefined) {
    return plan.warmup === undefined ? Math.min(plan.parallel, plan.calls ?? plan.parallel) : plan.parallel;
  }
  const ratePerSecond = firstRatePerSecond(plan.stages ?? []);
  return Math.min(plan.parallel, Math.max(1, Math.ceil((ratePerSecond * PREPARE_CALL_MS) / 1000)));
}
