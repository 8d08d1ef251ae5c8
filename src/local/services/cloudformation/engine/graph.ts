/** For each node, the nodes that must come before it. */
export type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Sorts nodes so that each follows its dependencies, otherwise in the given order. Also returns the nodes on cycles.
 */
export function topologicalOrder(dependencies: Dependencies): {
  readonly order: readonly string[];
  readonly circular: readonly string[];
} {
  const order: string[] = [];
  const done = new Set<string>();
  let waiting = [...dependencies.keys()];
  while (waiting.length > 0) {
    const ready = waiting.filter((node) =>
      [...(dependencies.get(node) ?? [])].every((need) => done.has(need)),
    );
    if (ready.length === 0) break;
    for (const node of ready) {
      order.push(node);
      done.add(node);
    }
    waiting = waiting.filter((node) => !done.has(node));
  }
  return { order, circular: inCircles(dependencies, waiting) };
}

/** Of the nodes that can't be sorted, returns those on a cycle. Nodes that only depend on a cycle are left out. */
function inCircles(dependencies: Dependencies, stuck: readonly string[]): readonly string[] {
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const open = [...(dependencies.get(from) ?? [])];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node === to) return true;
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(dependencies.get(node) ?? []));
    }
    return false;
  };
  return stuck.filter((node) => reaches(node, node));
}

/** Reverses the edges: for each node, the nodes that depend on it. */
export function dependents(dependencies: Dependencies): Dependencies {
  const turned = new Map<string, Set<string>>(
    [...dependencies.keys()].map((node) => [node, new Set<string>()]),
  );
  for (const [node, needs] of dependencies) for (const need of needs) turned.get(need)?.add(node);
  return turned;
}
