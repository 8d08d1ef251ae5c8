import type { LoadPlan } from '../model/run.ts';
import { createCallCounter } from './engine/pacer.ts';
import { WireEngine } from './engine/wire-engine.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { LoadSession } from './load-session.ts';

/** Long enough for a slice to have its own steady state, short enough that drift hurts all alike. */
export const DEFAULT_SLICE_MS = 1000;

/**
 * Loads one route of one runtime as the plan says and returns what was measured. Never rejects for what the server or
 * the network did: that is counted. Ends early, with `state` `interrupted`, at `deps.interrupt`.
 */
export async function runLoad(plan: LoadPlan, target: LoadTarget, deps: LoadDeps): Promise<LoadResult> {
  const [result] = await runInterleaved([{ plan, target }], Number.POSITIVE_INFINITY, deps);
  if (result === undefined) throw new Error('one load has one result');
  return result;
}

/**
 * Several loads in turn, each in slices of about `sliceMs`, so that a drift of network or machine hurts all alike. The
 * results are in the order of the loads. All warm up before the first slice.
 */
export async function runInterleaved(
  loads: readonly { readonly plan: LoadPlan; readonly target: LoadTarget }[],
  sliceMs: number,
  deps: LoadDeps,
): Promise<LoadResult[]> {
  const sessions = loads.map(({ plan, target }) => openSession(plan, target, deps));
  const results: LoadResult[] = [];
  try {
    for (const session of sessions) {
      await session.start();
      await session.warmUp();
    }
    while (sessions.some((session) => !session.isDone)) {
      for (const session of sessions) await session.run(sliceMs);
    }
  } finally {
    for (const session of sessions) results.push(await session.finish());
  }
  return results;
}

function openSession(plan: LoadPlan, target: LoadTarget, deps: LoadDeps): LoadSession {
  const counter = createCallCounter();
  const engine = new WireEngine({
    plan,
    url: target.url,
    endpoint: {
      ...(target.insecure === undefined ? {} : { insecure: target.insecure }),
      ...(target.certificateAuthorities === undefined
        ? {}
        : { certificateAuthorities: target.certificateAuthorities }),
    },
    userAgent: `shedbench/${deps.toolVersion}`,
    counter,
    thread: { index: 0, count: 1 },
    now: deps.now,
    monotonicMs: deps.monotonicMs,
    random: deps.random,
  });
  return new LoadSession(plan, target, deps, engine, counter);
}
