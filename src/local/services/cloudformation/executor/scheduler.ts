import type { Dependencies } from '../engine/graph.ts';

export interface GraphRun {
  /** Nodes whose work failed or was cancelled, in the order in which it began. */
  readonly failed: readonly string[];
  /** Whether work was left undone because of a failure or an abort. */
  readonly stopped: boolean;
}

export interface GraphOptions {
  /** After a failure no further work is started. If false, only nodes that depend on the failed one are left out. */
  readonly stopOnFailure: boolean;
  readonly signal?: AbortSignal;
  /** Called once if the run stops early, with the nodes in progress. Their work is still awaited. */
  readonly onStop?: (underWay: readonly string[]) => void;
}

/**
 * Runs work for every node of a graph as soon as its dependencies are done, in parallel where possible.
 * @param work resolves to whether it succeeded; it must not reject
 */
export async function runGraph(
  dependencies: Dependencies,
  work: (node: string) => Promise<boolean>,
  options: GraphOptions,
): Promise<GraphRun> {
  const waiting = new Set(dependencies.keys());
  const underWay = new Map<string, Promise<void>>();
  const done = new Set<string>();
  const failed = new Set<string>();
  let stopped = false;

  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    options.onStop?.([...underWay.keys()].filter((node) => !done.has(node) && !failed.has(node)));
  };
  const start = (node: string): void => {
    waiting.delete(node);
    underWay.set(
      node,
      work(node).then((succeeded) => {
        (succeeded ? done : failed).add(node);
        if (!succeeded && options.stopOnFailure) stop();
        underWay.delete(node);
      }),
    );
  };

  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted === true) stop();
  for (;;) {
    if (!stopped) {
      for (const node of waiting) {
        if ([...(dependencies.get(node) ?? [])].every((need) => done.has(need))) start(node);
      }
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay.values());
  }
  options.signal?.removeEventListener('abort', stop);
  return { failed: [...failed], stopped: stopped || waiting.size > 0 };
}
