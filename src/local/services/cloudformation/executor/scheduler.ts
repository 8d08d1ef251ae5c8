import type { Dependencies } from '../engine/graph.ts';

export interface GraphRun {
  /** Nodes whose work failed or was cancelled, in the order it began. */
  readonly failed: readonly string[];
  /** Whether work was left undone: after a failure or an abort. */
  readonly stopped: boolean;
}

export interface GraphOptions {
  /** After a failure nothing more is started; without it only what needs the failed node is left out. */
  readonly stopOnFailure: boolean;
  readonly signal?: AbortSignal;
  /** Called once, when the run stops early, with the nodes under way: their work is still waited for. */
  readonly onStop?: (underWay: readonly string[]) => void;
}

/**
 * Works through a graph, every node as soon as what it needs is done, all that are ready at once.
 * @param work resolves with whether it succeeded; must not reject
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
