import { type EncodedHistogram, mergeHistograms, quantileMs } from '../../model/histogram.ts';
import type { Median } from '../../model/interval.ts';
import { medianInterval, medianOf } from '../../model/median.ts';
import type { ForcedColdStarts, Samples, ServerSide } from '../../model/report.ts';
import type { RunRecord } from '../../model/run.ts';
import { hasForcedColdStarts } from '../../model/sample-rows.ts';

/**
 * The figures of a run's forced cold starts: the latency of the caller, and the times in the REPORT lines. Every cold
 * start is an environment of its own, so the intervals are over environments.
 *
 * @returns undefined if none were asked for
 */
export function forcedColdStarts(
  { coldStarts, rounds }: Pick<RunRecord, 'coldStarts' | 'rounds'>,
  server: ServerSide,
): ForcedColdStarts | undefined {
  if (coldStarts === undefined) return undefined;
  const waited = mergeHistograms(rounds.filter(({ index }) => index < 0).map(({ success }) => success));
  const wait = histogramMedian(waited);
  const samples = server.state === 'measured' ? server.samples : undefined;
  const rows = samples === undefined ? [] : forcedRows(samples);
  const medianOfColumn = (column: readonly (number | null)[] = []) =>
    medianOf(rows.flatMap((row) => column[row] ?? []));
  const [init, duration] = [medianOfColumn(samples?.initMs), medianOfColumn(samples?.durationMs)];
  return {
    asked: coldStarts.asked,
    found: rows.length,
    ...(wait === undefined ? {} : { waitMs: wait }),
    ...(init === undefined ? {} : { initMs: init }),
    ...(duration === undefined ? {} : { durationMs: duration }),
    ...(wait === undefined || duration === undefined ? {} : { unseenMs: wait.p50 - duration.p50 }),
  };
}

/** The rows of forced cold starts. */
function forcedRows({ initMs, round }: Samples): number[] {
  return initMs.flatMap((init, row) => (init !== null && (round[row] ?? 0) < 0 ? [row] : []));
}

/**
 * The cold starts that came by chance, and the sum of their billed durations, ms. Those of forced rounds are left
 * out.
 */
export function chanceColdStarts(server: Extract<ServerSide, { state: 'measured' }>): {
  readonly count: number;
  readonly billedMs: number;
} {
  const { samples, cold } = server;
  if (samples === undefined || !hasForcedColdStarts(samples)) {
    const count = cold?.count ?? 0;
    return { count, billedMs: count * (cold?.billedMs.mean ?? 0) };
  }
  const rows = samples.initMs.flatMap((init, row) =>
    init !== null && (samples.round[row] ?? 0) >= 0 ? [row] : [],
  );
  return {
    count: rows.length,
    billedMs: rows.reduce((sum, row) => sum + (samples.billedMs[row] ?? 0), 0),
  };
}

/** The median of a histogram's values, with its interval if there are at least six. Undefined without values. */
function histogramMedian(histogram: EncodedHistogram): Median | undefined {
  const p50 = quantileMs(histogram, 0.5);
  if (p50 === undefined) return undefined;
  const interval = medianInterval(
    histogram.count,
    (rank) => quantileMs(histogram, rank / histogram.count) ?? Number.NaN,
  );
  return { p50, ...(interval === undefined ? {} : { interval }) };
}
