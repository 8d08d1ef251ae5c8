import { quantileMs } from '../../model/histogram.ts';
import { percentileName } from '../../model/percentiles.ts';
import type { ClientLatency, ClientSide } from '../../model/report.ts';
import type { LoadedSubject } from '../subject.ts';

/** What the load generator saw of a run, as the report has it. `percentiles` are those that are computed. */
export function clientSide(run: LoadedSubject, percentiles: readonly number[]): ClientSide {
  const { accounting, instrument } = run;
  const latency = latencyOf(run, percentiles);
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
    ...(latency === undefined ? {} : { latency }),
    ...(instrument.bottleneck === undefined ? {} : { bottleneck: instrument.bottleneck.reason }),
  };
}

function latencyOf({ latency: { success } }: LoadedSubject, percentiles: readonly number[]) {
  if (success.count === 0) return undefined;
  const at = (percent: number) => quantileMs(success, percent / 100) ?? success.maxMs;
  return {
    count: success.count,
    meanMs: success.meanMs,
    minMs: success.minMs,
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    ...Object.fromEntries(percentiles.map((percent) => [`${percentileName(percent)}Ms`, at(percent)])),
    maxMs: success.maxMs,
  } satisfies ClientLatency;
}
