import { ShedbenchError } from '../errors.ts';
import type { Emit, ProgressEvent } from './events.ts';

export interface Step {
  /** Connects the events of the step. */
  readonly id: string;
  /** The text that is shown while it lasts. */
  readonly title: string;
}

/** The end of a step, as in its last event. */
export type StepEnding = Omit<Extract<ProgressEvent, { type: 'step-end' }>, 'type' | 'id'>;

/**
 * Runs work as a step: emits `step-start` before it, and one `step-end` after it, whether it succeeded or threw. The
 * end of an interrupted step says so. Returns what the work returned, and throws what it threw.
 *
 * @param ending the end of a step whose work succeeded, `done` by default
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
