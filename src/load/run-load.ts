import { Pool } from 'undici';
import { ROUTE_SPECS } from '../model/route.ts';
import type { LoadPlan } from '../model/run.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';

/**
 * Loads one route of one runtime as the plan says and returns what was measured. Never rejects for what the server or
 * the network did: that is counted. Ends early, with `state` `interrupted`, at `deps.interrupt`.
 */
export async function runLoad(plan: LoadPlan, target: LoadTarget, deps: LoadDeps): Promise<LoadResult> {
  const { runtime } = target;
  const { route } = plan;
  const spec = ROUTE_SPECS[route];
  const base = new URL(target.url);
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, {
    connections: plan.parallel,
    headersTimeout: plan.timeoutMs,
    bodyTimeout: plan.timeoutMs,
    connect: target.insecure === true ? { rejectUnauthorized: false } : {},
  });
  deps.emit({
    type: 'load-start',
    runtime,
    route,
    parallel: plan.parallel,
    ...(plan.calls === undefined ? {} : { calls: plan.calls }),
    ...(plan.durationMs === undefined ? {} : { durationMs: plan.durationMs }),
  });
  const success = new LatencyRecorder();
  const unexpected = new LatencyRecorder();
  const error = new LatencyRecorder();
  const byStatus: Record<string, number> = {};
  const byError: Record<string, number> = {};
  const startedAtEpochMs = deps.now();
  const startMs = deps.monotonicMs();
  let calls = 0;
  let lastProgressMs = 0;
  const progress = () => {
    const elapsedMs = deps.monotonicMs() - startMs;
    const done = success.count + unexpected.count + error.count;
    return {
      phase: 'measure' as const,
      callsDone: done,
      ...(plan.calls === undefined ? {} : { callsPlanned: plan.calls }),
      successes: success.count,
      unexpected: unexpected.count,
      errors: error.count,
      ratePerSecond: (done / elapsedMs) * 1000,
      elapsedMs,
    };
  };
  const slot = async () => {
    while (!deps.interrupt.first.aborted) {
      if (calls >= (plan.calls ?? Number.POSITIVE_INFINITY)) return;
      if (deps.monotonicMs() - startMs >= (plan.durationMs ?? Number.POSITIVE_INFINITY)) return;
      const index = calls++;
      const path = spec.path.replace('{tattoo}', (BigInt(plan.startAt) + BigInt(index)).toString());
      const query = route === 'cat' ? `?m=${plan.m}&n=${plan.n}` : '';
      const sentMs = deps.monotonicMs();
      try {
        const answer = await pool.request({ method: spec.method, path: prefix + path + query });
        await answer.body.dump();
        const ms = deps.monotonicMs() - sentMs;
        byStatus[answer.statusCode] = (byStatus[answer.statusCode] ?? 0) + 1;
        (spec.expectedStatuses.includes(answer.statusCode) ? success : unexpected).record(ms);
      } catch (cause) {
        const kind = (cause as { code?: string }).code ?? 'unknown';
        byError[kind] = (byError[kind] ?? 0) + 1;
        error.record(deps.monotonicMs() - sentMs);
      }
      if (deps.monotonicMs() - lastProgressMs >= 100) {
        lastProgressMs = deps.monotonicMs();
        deps.emit({ type: 'load-progress', runtime, route, progress: progress() });
      }
    }
  };
  await Promise.all(Array.from({ length: plan.parallel }, slot));
  await pool.close();
  const interrupted = deps.interrupt.first.aborted;
  deps.emit({ type: 'load-end', runtime, route, progress: progress(), interrupted });
  const endedAtEpochMs = deps.now();
  return {
    state: interrupted ? 'interrupted' : 'complete',
    plan,
    window: { startEpochMs: startedAtEpochMs - 1000, endEpochMs: endedAtEpochMs + 1000, closedLateMs: 0 },
    clockOffsetMs: 0,
    startedAtEpochMs,
    endedAtEpochMs,
    elapsedMs: deps.monotonicMs() - startMs,
    accounting: {
      calls,
      successes: success.count,
      unexpected: unexpected.count,
      errors: error.count,
      attempts: calls,
      retries: 0,
      notSent: 0,
      sentLate: 0,
      attemptsByStatus: byStatus,
      attemptsByError: byError,
      throttled: { apiGateway: byStatus['429'] ?? 0, lambda: 0 },
      reachedLambda: { min: success.count, max: calls },
    },
    latency: {
      success: success.encode(),
      unexpected: unexpected.encode(),
      error: error.encode(),
      byStatus: {},
      connect: new LatencyRecorder().encode(),
    },
    timeline: { binMs: 1000, bins: [] },
    connections: { opened: plan.parallel, failed: 0, closedByServer: 0, unsolicited: 0 },
    instrument: {
      cpuShare: 0,
      eventLoopUtilization: 0,
      eventLoopDelayP99Ms: 0,
      threads: 1,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
    },
    unexpectedSamples: [],
    warnings: [],
  };
}

/** Several loads in turn, each in slices of about `sliceMs`, so that a drift of network or machine hurts all alike. */
export async function runInterleaved(
  loads: readonly { readonly plan: LoadPlan; readonly target: LoadTarget }[],
  _sliceMs: number,
  deps: LoadDeps,
): Promise<LoadResult[]> {
  const results: LoadResult[] = [];
  for (const { plan, target } of loads) results.push(await runLoad(plan, target, deps));
  return results;
}
