import { describe, expect, test } from 'vitest';
import { runGraph } from '../../../../src/local/services/cloudformation/executor/scheduler.ts';

const graph = (edges: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(edges).map(([node, needs]) => [node, new Set(needs)]));

/** Work that ends when it is told to. */
function controlled() {
  const started: string[] = [];
  const ends = new Map<string, (succeeded: boolean) => void>();
  return {
    started,
    work: (node: string) => {
      started.push(node);
      return new Promise<boolean>((resolve) => ends.set(node, resolve));
    },
    end: async (node: string, succeeded = true) => {
      ends.get(node)?.(succeeded);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the scheduler', () => {
  test('the scheduler starts every node as soon as the nodes that it depends on are done, several at a time', async () => {
    const { started, work, end } = controlled();
    const run = runGraph(graph({ a: [], b: [], c: ['a'], d: ['a', 'b'] }), work, { stopOnFailure: true });
    expect(started).toEqual(['a', 'b']);
    await end('a');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    await end('d');
    await end('c');
    expect(await run).toEqual({ failed: [], stopped: false });
  });

  test('the scheduler starts nothing after a failure, names the nodes in progress, and waits for them', async () => {
    const { started, work, end } = controlled();
    const stops: string[][] = [];
    let settled = false;
    const run = runGraph(graph({ a: [], b: [], c: ['b'] }), work, {
      stopOnFailure: true,
      onStop: (underWay) => stops.push([...underWay]),
    }).finally(() => {
      settled = true;
    });
    await end('a', false);
    expect(stops).toEqual([['b']]);
    expect(settled).toBe(false);
    await end('b');
    expect(await run).toEqual({ failed: ['a'], stopped: true });
    expect(started).toEqual(['a', 'b']);
  });

  test('the scheduler without stopOnFailure leaves out only the nodes that depend on the failed one', async () => {
    const { started, work, end } = controlled();
    const run = runGraph(graph({ a: [], b: ['a'], c: [], d: ['c'] }), work, { stopOnFailure: false });
    await end('a', false);
    await end('c');
    await end('d');
    expect(await run).toEqual({ failed: ['a'], stopped: true });
    expect(started).toEqual(['a', 'c', 'd']);
  });

  test('the scheduler starts nothing after an abort, be it before the first node or between two', async () => {
    const before = new AbortController();
    before.abort();
    const first = controlled();
    expect(
      await runGraph(graph({ a: [] }), first.work, { stopOnFailure: true, signal: before.signal }),
    ).toEqual({ failed: [], stopped: true });
    expect(first.started).toEqual([]);

    const during = new AbortController();
    const second = controlled();
    const stops: string[][] = [];
    const run = runGraph(graph({ a: [], b: ['a'] }), second.work, {
      stopOnFailure: true,
      signal: during.signal,
      onStop: (underWay) => stops.push([...underWay]),
    });
    during.abort();
    await second.end('a');
    expect(await run).toEqual({ failed: [], stopped: true });
    expect(stops).toEqual([['a']]);
    expect(second.started).toEqual(['a']);
  });
});
