import { ShedbenchError } from '../src/errors.ts';

/** Returns the ShedbenchError with which the work fails. Throws if it succeeds or fails with anything else. */
export async function failureOf(work: Promise<unknown>): Promise<ShedbenchError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ShedbenchError) return error;
  throw new Error('expected a ShedbenchError', { cause: error });
}
