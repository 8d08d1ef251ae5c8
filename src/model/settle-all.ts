/**
 * Waits until all works have ended, so that none goes on unseen, then returns their results in order.
 *
 * @param gather makes the error that is thrown of all that failed, in the order of the works; by default the first
 * @throws what `gather` returns, where at least one work failed
 */
export async function settleAll<T>(
  works: readonly Promise<T>[],
  gather: (errors: readonly unknown[]) => unknown = ([first]) => first,
): Promise<T[]> {
  const settled = await Promise.allSettled(works);
  const errors = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
  if (errors.length > 0) throw gather(errors);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
