import type { LoadPlan } from '../model/run.ts';
import { createEngine } from './engine/create-engine.ts';
import { createCallCounter, createCounterMemory, createSharedCounter } from './engine/pacer.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { LoadSession } from './load-session.ts';
import { slicesOf } from './slices.ts';
import { turnOrders } from './turn-orders.ts';

/** How several loads are played in turns. */
export interface RoundsOptions {
  /** How many rounds each load is divided into, at least 1. */
  readonly rounds: number;
  /** Called before the first round with 1, between two rounds, and after the last with `rounds + 1`. It is waited for. */
  readonly beforeRound?: (round: number) => void | Promise<void>;
  /** Called when a load has played its share of a round, with the load's index and what it measured until then. */
  readonly afterTurn?: (load: number, result: LoadResult) => Promise<void>;
}

const ONE_ROUND: RoundsOptions = { rounds: 1 };

/**
 * Loads one route of one runtime according to the plan and returns the measurements. Errors of the server or the
 * network are counted and do not reject. At `deps.interrupt` it ends early, with the `state` `interrupted`.
 */
export async function runLoad(plan: LoadPlan, target: LoadTarget, deps: LoadDeps): Promise<LoadResult> {
  const [result] = await runRounds([{ plan, target }], ONE_ROUND, deps);
  if (result === undefined) throw new Error('one load has one result');
  return result;
}

/**
 * Runs several loads in rounds. In each round every load makes its share of the calls, and the loads take turns, so that
 * a drift of the network or the machine affects all equally. With few calls in flight a share is cut into slices, and
 * the loads take turns slice by slice. All loads warm up before the first round. The results are in the order of the
 * loads.
 */
export async function runRounds(
  loads: readonly { readonly plan: LoadPlan; readonly target: LoadTarget }[],
  options: RoundsOptions,
  deps: LoadDeps,
): Promise<LoadResult[]> {
  return playSessions(
    await Promise.all(loads.map(({ plan, target }) => openSession(plan, target, deps))),
    options,
  );
}

/** Plays loads in rounds, and finishes every load, even after an error. The results are in the given order. */
export async function playSessions(
  sessions: readonly LoadSession[],
  options: RoundsOptions = ONE_ROUND,
): Promise<LoadResult[]> {
  try {
    await playRounds(sessions, options);
  } catch (error) {
    // The threads and connections of the other loads must not outlive the error of one.
    await Promise.allSettled(sessions.map((session) => session.finish()));
    throw error;
  }
  const results: LoadResult[] = [];
  for (const session of sessions) results.push(await session.finish());
  return results;
}

async function playRounds(sessions: readonly LoadSession[], options: RoundsOptions): Promise<void> {
  const { rounds, beforeRound, afterTurn } = options;
  for (const session of sessions) await session.start();
  for (const [at, session] of sessions.entries()) {
    await session.warmUp(at + 1);
    await afterTurn?.(at, session.result());
  }
  const slices = slicesOf(sessions, rounds);
  const orders = turnOrders(sessions.length, slices);
  for (let index = 1; index <= rounds && sessions.some(({ isDone }) => !isDone); index++) {
    await beforeRound?.(index);
    for (let slice = 1; slice <= slices; slice++) {
      const order = orders[((index - 1) * slices + slice - 1) % orders.length] ?? [];
      for (const [place, at] of order.entries()) {
        const session = sessions[at];
        if (session === undefined || session.isDone) continue;
        await session.run({ index, of: rounds, slice, slices, turn: place + 1 });
        if (slice === slices || session.isDone) await afterTurn?.(at, session.result());
      }
    }
  }
  await beforeRound?.(rounds + 1);
}

async function openSession(plan: LoadPlan, target: LoadTarget, deps: LoadDeps): Promise<LoadSession> {
  const { url, insecure, certificateAuthorities, headers = [], contents, signing, callsOut } = target;
  const setup = {
    plan,
    url,
    endpoint: {
      ...(insecure === undefined ? {} : { insecure }),
      ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
    },
    userAgent: `shedbench/${deps.toolVersion}`,
    headers,
    contents,
    signing,
    callsOut: callsOut === undefined ? undefined : { path: callsOut, runtime: target.runtime },
  };
  if (target.fleet !== undefined) {
    const { FleetEngine } = await import('./fleet/fleet-engine.ts');
    const counter = createCallCounter();
    const { callsOut: _notKept, ...shared } = setup;
    // The common start is computed with the monotonic clock, because setting the wall clock during the load would move
    // it.
    const epochAtZeroMs = deps.now() - deps.monotonicMs();
    const now = () => epochAtZeroMs + deps.monotonicMs();
    const abandon = deps.interrupt.second;
    const engine = new FleetEngine(target.fleet, shared, { counter, now, abandon });
    return new LoadSession(plan, target, deps, engine, counter);
  }
  if (plan.threads > 1) {
    const { ThreadedEngine } = await import('./threads/threaded-engine.ts');
    const memory = createCounterMemory();
    return new LoadSession(
      plan,
      target,
      deps,
      new ThreadedEngine(setup, memory),
      createSharedCounter(memory),
    );
  }
  const counter = createCallCounter();
  const engine = createEngine({ ...setup, thread: { index: 0, count: 1 } }, counter, deps);
  return new LoadSession(plan, target, deps, engine, counter);
}
