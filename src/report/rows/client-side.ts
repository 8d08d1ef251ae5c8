import { quantileMs } from '../../model/histogram.ts';
import type { ClientSide } from '../../model/report.ts';
import type { RunRecord } from '../../model/run.ts';

/** What the load generator saw of a run, in the report's words. */
export function clientSide(run: RunRecord): ClientSide {
  const { accounting, latency, instrument } = run;
  const success = latency.success;
  const [p50Ms, p90Ms, p99Ms] = [0.5, 0.9, 0.99].map((q) => quantileMs(success, q));
  return {
    calls: accounting.calls,
    successes: accounting.successes,
    unexpected: accounting.unexpected,
    errors: accounting.errors,
    attempts: accounting.attempts,
    retries: accounting.retries,
    ratePerSecond: run.elapsedMs > 0 ? (accounting.calls / run.elapsedMs) * 1000 : 0,
    attemptsByStatus: accounting.attemptsByStatus,
    attemptsByError: accounting.attemptsByError,
    throttled: accounting.throttled,
    ...(p50Ms === undefined || p90Ms === undefined || p99Ms === undefined
      ? {}
      : {
          latency: {
            count: success.count,
            meanMs: success.meanMs,
            minMs: success.minMs,
            p50Ms,
            p90Ms,
            p99Ms,
            maxMs: success.maxMs,
          },
        }),
    ...(instrument.bottleneck === undefined ? {} : { bottleneck: instrument.bottleneck.reason }),
  };
}
