/**
 * Waits until all promises have settled, so that none continues unobserved, then returns their results in order.
 *
 * @param gather creates the thrown error from all failures, in their order; by default it is the first
 * @throws what `gather` returns, if at least one failed
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
