import { performance } from 'node:perf_hooks';
import { expect } from 'vitest';
import { createLoadPlan, type LoadRequest } from '../../../src/load/load-plan.ts';
import type { LoadDeps, LoadResult, LoadTarget } from '../../../src/load/load-result.ts';
import { runLoad } from '../../../src/load/run-load.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';
import type { LoadPlan } from '../../../src/model/run.ts';

/** The real clocks, no interrupt, and the events that were emitted. */
export function testDeps(overrides: Partial<LoadDeps> = {}): LoadDeps & { readonly events: ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  const never = new AbortController().signal;
  return {
    emit: (event) => events.push(event),
    interrupt: { first: never, second: never },
    now: Date.now,
    monotonicMs: () => performance.now(),
    random: () => 0.5,
    toolVersion: '0.0.0-test',
    events,
    ...overrides,
  };
}

/** Loads a server as asked, and checks that every call and attempt is accounted for. */
export async function load(
  url: string,
  request: Partial<LoadRequest> & { readonly plan?: Partial<LoadPlan> },
  options: { readonly target?: Partial<LoadTarget>; readonly deps?: Partial<LoadDeps> } = {},
): Promise<LoadResult> {
  const { plan: planOverrides, ...words } = request;
  const plan = { ...createLoadPlan({ route: 'dog', parallel: 4, ...words }), ...planOverrides };
  const result = await runLoad(plan, { runtime: 'test', url, ...options.target }, testDeps(options.deps));
  expectToAddUp(result);
  return result;
}

/** Nothing is lost and nothing counted twice. */
export function expectToAddUp({ accounting, latency, timeline }: LoadResult): void {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  expect(accounting.successes + accounting.unexpected + accounting.errors).toBe(accounting.calls);
  expect(accounting.calls + accounting.retries).toBe(accounting.attempts);
  expect(sum(accounting.attemptsByStatus) + sum(accounting.attemptsByError)).toBe(accounting.attempts);
  expect(latency.success.count + latency.unexpected.count).toBe(sum(accounting.attemptsByStatus));
  expect(latency.error.count).toBe(sum(accounting.attemptsByError));
  const binned = timeline.bins.reduce((total, bin) => total + bin.successes + bin.unexpected + bin.errors, 0);
  expect(binned).toBe(accounting.calls);
  expect(accounting.reachedLambda.min).toBeLessThanOrEqual(accounting.reachedLambda.max);
  expect(accounting.reachedLambda.max).toBeLessThanOrEqual(accounting.attempts);
}
