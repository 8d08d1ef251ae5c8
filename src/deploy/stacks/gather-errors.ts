import { ShedbenchError } from '../../errors.ts';

/**
 * One error for several stacks. The error `detached` comes first, because the states of the stacks are then unknown. A
 * failure comes before an interruption, and a bug before a foreseen failure. The messages of further failures follow
 * the first.
 */
export function gatherErrors(errors: readonly unknown[]): unknown {
  const hasCode = (error: unknown, code: string): boolean =>
    error instanceof ShedbenchError && error.code === code;
  const letGo = errors.find((error) => hasCode(error, 'detached'));
  if (letGo !== undefined) return letGo;
  const failures = errors.filter((error) => !hasCode(error, 'interrupted'));
  // An error that is not a ShedbenchError is a bug, and has to be seen.
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
