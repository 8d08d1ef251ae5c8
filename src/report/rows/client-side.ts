import { quantileMs } from '../../model/histogram.ts';
import { percentileName } from '../../model/percentiles.ts';
import type { ClientLatency, ClientSide, LoadersSeen } from '../../model/report.ts';
import type { FleetRecord, RunRecord } from '../../model/run.ts';
import { fleetCostUsd } from '../cost/loader-cost.ts';
import type { LoadedSubject } from '../subject.ts';

/**
 * The load generator's figures of a run, for the report. @param percentiles the computed percentiles @param elsewhere
 * the run of the same work that was sent from the other place
 */
export function clientSide(
  run: LoadedSubject,
  percentiles: readonly number[],
  elsewhere?: RunRecord,
): ClientSide {
  const { accounting, instrument } = run;
  const latency = latencyOf(run, percentiles);
  const other = elsewhere === undefined ? undefined : latencyOf(elsewhere, percentiles);
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
    ...(run.fleet === undefined ? {} : { loaders: loadersSeen(run.fleet) }),
    ...(elsewhere === undefined || other === undefined
      ? {}
      : { elsewhere: { runId: elsewhere.id, latency: other } }),
  };
}

function loadersSeen(fleet: FleetRecord): LoadersSeen {
  const costUsd = fleetCostUsd(fleet);
  return {
    count: fleet.loaders.length,
    region: fleet.region,
    failed: fleet.loaders.filter(({ losses }) => losses.length > 0).length,
    ...(costUsd === undefined ? {} : { costUsd }),
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
