import { type EncodedHistogram, mergeHistograms } from '../../model/histogram.ts';
import type { Accounting, ConnectionCounts, LatencyByClass, Timeline } from '../../model/run.ts';
import { addUp } from '../measure/merge-tallies.ts';

/** Adds the accounting of several loads. Every count is the sum of their counts. */
export function addAccounting(parts: readonly Accounting[]): Accounting {
  const total = (count: (part: Accounting) => number) => parts.reduce((sum, part) => sum + count(part), 0);
  return {
    calls: total(({ calls }) => calls),
    successes: total(({ successes }) => successes),
    unexpected: total(({ unexpected }) => unexpected),
    errors: total(({ errors }) => errors),
    attempts: total(({ attempts }) => attempts),
    retries: total(({ retries }) => retries),
    notSent: total(({ notSent }) => notSent),
    sentLate: total(({ sentLate }) => sentLate),
    attemptsByStatus: addUp(parts.map(({ attemptsByStatus }) => attemptsByStatus)),
    attemptsByError: addUp(parts.map(({ attemptsByError }) => attemptsByError)),
    throttled: {
      apiGateway: total(({ throttled }) => throttled.apiGateway),
      lambda: total(({ throttled }) => throttled.lambda),
    },
    reachedLambda: {
      min: total(({ reachedLambda }) => reachedLambda.min),
      max: total(({ reachedLambda }) => reachedLambda.max),
    },
  };
}

/**
 * Adds the latency histograms of several loads. Each bucket is the sum of their buckets, so nothing is approximated.
 */
export function addLatencies(parts: readonly LatencyByClass[]): LatencyByClass {
  const all = (pick: (part: LatencyByClass) => EncodedHistogram | undefined) =>
    parts.flatMap((part) => pick(part) ?? []);
  const merged = (pick: (part: LatencyByClass) => EncodedHistogram | undefined) => mergeHistograms(all(pick));
  const statuses = [...new Set(parts.flatMap(({ byStatus }) => Object.keys(byStatus)))].sort();
  const optional = <K extends 'serviceTime' | 'handshake' | 'firstByte'>(name: K) =>
    all((part) => part[name]).length === 0 ? {} : { [name]: merged((part) => part[name]) };
  return {
    success: merged(({ success }) => success),
    unexpected: merged(({ unexpected }) => unexpected),
    error: merged(({ error }) => error),
    ...optional('serviceTime'),
    byStatus: Object.fromEntries(
      statuses.map((status) => [status, merged(({ byStatus }) => byStatus[status])]),
    ),
    connect: merged(({ connect }) => connect),
    ...optional('handshake'),
    ...optional('firstByte'),
  };
}

export function addConnections(parts: readonly ConnectionCounts[]): ConnectionCounts {
  const total = (count: (part: ConnectionCounts) => number) =>
    parts.reduce((sum, part) => sum + count(part), 0);
  return {
    opened: total(({ opened }) => opened),
    failed: total(({ failed }) => failed),
    closedByServer: total(({ closedByServer }) => closedByServer),
    unsolicited: total(({ unsolicited }) => unsolicited),
  };
}

/** The largest number of bins of a merged timeline. */
const MAX_BINS = 1000;

/**
 * Adds timelines on one axis. The bins are as wide as the widest bins of the given timelines, or wider by a power of two
 * if there would be more than a thousand bins, as of loads that began days apart. A timeline that begins
 * `lateMs` after the first one is shifted by whole bins, so no call is divided between two bins.
 */
export function alignTimelines(
  parts: readonly { readonly timeline: Timeline; readonly lateMs: number }[],
): Timeline {
  const widestMs = Math.max(...parts.map(({ timeline }) => timeline.binMs));
  const endMs = Math.max(
    ...parts.map(({ timeline, lateMs }) => lateMs + timeline.bins.length * timeline.binMs),
  );
  const doublings = Math.max(0, Math.ceil(Math.log2(endMs / (widestMs * MAX_BINS))));
  const binMs = widestMs * 2 ** doublings;
  const bins: { successes: number; unexpected: number; errors: number; sumMs: number; maxMs: number }[] = [];
  for (const { timeline, lateMs } of parts) {
    const moved = Math.round(lateMs / binMs);
    timeline.bins.forEach((bin, at) => {
      const to = moved + Math.floor((at * timeline.binMs) / binMs);
      while (bins.length <= to) bins.push({ successes: 0, unexpected: 0, errors: 0, sumMs: 0, maxMs: 0 });
      const into = bins[to];
      if (into === undefined) return;
      into.successes += bin.successes;
      into.unexpected += bin.unexpected;
      into.errors += bin.errors;
      into.sumMs += bin.meanMs * bin.successes;
      into.maxMs = Math.max(into.maxMs, bin.maxMs);
    });
  }
  return {
    binMs,
    bins: bins.map(({ sumMs, ...bin }) => ({
      ...bin,
      meanMs: bin.successes > 0 ? sumMs / bin.successes : 0,
    })),
  };
}
