import { ShedbenchError } from '../errors.ts';
import type { Emit, ProgressEvent } from './events.ts';

export interface Step {
  /** Pairs the events of the step. */
  readonly id: string;
  /** What a person reads while it lasts. */
  readonly title: string;
}

/** How a step ended, as its last event says it. */
export type StepEnding = Omit<Extract<ProgressEvent, { type: 'step-end' }>, 'type' | 'id'>;

/**
 * Does work and emits a step around it: `step-start` before, and one `step-end` after it, whether the work succeeded or
 * threw. A step that was interrupted says so. Returns what the work returned, and throws what it threw.
 *
 * @param ending how a step whose work succeeded ended, `done` by default
 */
export async function withStep<T>(
  { id, title }: Step,
  emit: Emit,
  work: () => Promise<T>,
  ending: (result: T) => StepEnding = () => ({ outcome: 'done' }),
): Promise<T> {
  emit({ type: 'step-start', id, title });
  let result: T;
  try {
    result = await work();
  } catch (error) {
    const isInterrupt = error instanceof ShedbenchError && error.code === 'interrupted';
    emit({ type: 'step-end', id, outcome: 'failed', ...(isInterrupt ? { detail: 'interrupted' } : {}) });
    throw error;
  }
  emit({ type: 'step-end', id, ...ending(result) });
  return result;
}
