/** How many items are sorted or merged between two calls of `breathe`. */
const SLICE = 2_048;

/**
 * Sorts stably, as Array.sort does, but calls `breathe` every few thousand items. It is a merge sort whose first runs
 * are sorted by Array.sort.
 */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  breathe: () => Promise<void>,
): Promise<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += SLICE) {
    runs.push(items.slice(start, start + SLICE).sort(compare));
    await breathe();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [left = [], right] = runs.slice(index, index + 2);
      merged.push(right === undefined ? left : await merge(left, right, compare, breathe));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Merges two sorted runs, neither of them empty. */
async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
  breathe: () => Promise<void>,
): Promise<T[]> {
  // Events arrive in order of time, so the runs of most queries follow each other, forwards or backwards.
  if (compare(left.at(-1) as T, right[0] as T) <= 0) return left.concat(right);
  if (compare(right.at(-1) as T, left[0] as T) < 0) return right.concat(left);
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const a = left[i] as T;
    const b = right[j] as T;
    // Equal items keep their order, because those of the left run came first.
    if (compare(a, b) <= 0) {
      merged.push(a);
      i += 1;
    } else {
      merged.push(b);
      j += 1;
    }
    if (merged.length % SLICE === 0) await breathe();
  }
  for (; i < left.length; i += 1) merged.push(left[i] as T);
  for (; j < right.length; j += 1) merged.push(right[j] as T);
  return merged;
}
