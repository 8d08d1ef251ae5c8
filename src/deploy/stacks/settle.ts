import { ShedbenchError } from '../../errors.ts';

/**
 * Waits for all, then gives all results or throws what failed: one stack's failure leaves the others alone, and nothing
 * that is under way is lost sight of.
 */
export async function settleAll<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(work);
  const errors = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  if (errors.length > 0) throw gatherErrors(errors);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/**
 * One error for several: letting go counts before everything, since then nothing else is known; a failure counts before an
 * interruption; further failures are named after the first.
 */
export function gatherErrors(errors: readonly unknown[]): unknown {
  const hasCode = (error: unknown, code: string): boolean =>
    error instanceof ShedbenchError && error.code === code;
  const letGo = errors.find((error) => hasCode(error, 'detached'));
  if (letGo !== undefined) return letGo;
  const failures = errors.filter((error) => !hasCode(error, 'interrupted'));
  // What nobody foresaw is a bug and must not hide behind what somebody did.
  const bug = failures.find((error) => !(error instanceof ShedbenchError));
  if (bug !== undefined) return bug;
  const [first, ...others] = failures.length > 0 ? failures : errors;
  if (!(first instanceof ShedbenchError) || others.length === 0) return first;
  return new ShedbenchError({
    code: first.code,
    message: [first, ...others].map(messageOf).join('\n'),
    hint: first.hint,
    exitCode: first.exitCode,
    cause: first,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
