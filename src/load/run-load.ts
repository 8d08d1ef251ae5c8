import type { LoadPlan } from '../model/run.ts';
import { createCallCounter, createCounterMemory, createSharedCounter } from './engine/pacer.ts';
import { WireEngine } from './engine/wire-engine.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { LoadSession } from './load-session.ts';
import { Endpoint } from './wire/connector.ts';

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
  return playSessions(
    await Promise.all(loads.map(({ plan, target }) => openSession(plan, target, deps))),
    sliceMs,
  );
}

/** Plays loads in turn, in slices, and finishes each whatever happened; the results are in the order given. */
export async function playSessions(sessions: readonly LoadSession[], sliceMs: number): Promise<LoadResult[]> {
  try {
    for (const session of sessions) {
      await session.start();
      await session.warmUp();
    }
    while (sessions.some((session) => !session.isDone)) {
      for (const session of sessions) await session.run(sliceMs);
    }
  } catch (error) {
    // The threads and connections of the others must not outlive a fault of one.
    await Promise.allSettled(sessions.map((session) => session.finish()));
    throw error;
  }
  const results: LoadResult[] = [];
  for (const session of sessions) results.push(await session.finish());
  return results;
}

async function openSession(plan: LoadPlan, target: LoadTarget, deps: LoadDeps): Promise<LoadSession> {
  const { url, insecure, certificateAuthorities } = target;
  const options = {
    ...(insecure === undefined ? {} : { insecure }),
    ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
  };
  const userAgent = `shedbench/${deps.toolVersion}`;
  if (plan.threads > 1) {
    const { ThreadedEngine } = await import('./threads/threaded-engine.ts');
    const memory = createCounterMemory();
    const engine = new ThreadedEngine(plan, { url, endpoint: options, userAgent, counter: memory });
    return new LoadSession(plan, target, deps, engine, createSharedCounter(memory));
  }
  const { now, monotonicMs, random } = deps;
  const counter = createCallCounter();
  const thread = { index: 0, count: 1 };
  const endpoint = new Endpoint(url, options);
  const engine = new WireEngine({ plan, endpoint, userAgent, counter, thread, now, monotonicMs, random });
  return new LoadSession(plan, target, deps, engine, counter);
}
