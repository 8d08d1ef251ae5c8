import { type EncodedHistogram, mergeHistograms } from '../../model/histogram.ts';
import type { Accounting, LatencyByClass, UnexpectedSample } from '../../model/run.ts';
import type { PlannedRequest } from '../../model/subject.ts';
import type { EngineData } from '../engine/engine.ts';
import { sampleKey, type TallyData } from './tally.ts';

const MAX_SAMPLES = 10;

/** Adds up the accounting of a run, or of one of its requests, from the counts of its threads. */
export function mergeAccounting(tallies: readonly TallyData[]): Accounting {
  const sum = (count: (tally: TallyData) => number) =>
    tallies.reduce((total, tally) => total + count(tally), 0);
  const attemptsByStatus = addUp(tallies.map((tally) => tally.attemptsByStatus));
  const [successes, unexpected, errors] = [
    sum((tally) => tally.successes),
    sum((tally) => tally.unexpected),
    sum((tally) => tally.errors),
  ];
  return {
    calls: successes + unexpected + errors,
    successes,
    unexpected,
    errors,
    attempts: sum((tally) => tally.attempts),
    retries: sum((tally) => tally.retries),
    notSent: sum((tally) => tally.notSent),
    sentLate: sum((tally) => tally.sentLate),
    attemptsByStatus,
    attemptsByError: addUp(tallies.map((tally) => tally.attemptsByError)),
    throttled: {
      apiGateway: sum((tally) => tally.gatewayRefusals),
      lambda: sum((tally) => tally.lambdaRefusals),
    },
    reachedLambda: {
      min: sum((tally) => tally.reachedMin),
      max: sum((tally) => tally.reachedMax),
    },
  };
}

/** The latencies of the successes in a tally, one histogram per status that its request expects. */
export function successesOf(
  { request, latencyByStatus }: Pick<TallyData, 'request' | 'latencyByStatus'>,
  requests: readonly PlannedRequest[],
): EncodedHistogram[] {
  return (requests[request]?.expectedStatuses ?? []).flatMap((status) => latencyByStatus[status] ?? []);
}

/** Merges the latencies of all successes: the class `success` of `mergeLatencies`, without computing the others. */
export function mergeSuccesses(
  tallies: readonly TallyData[],
  requests: readonly PlannedRequest[],
): EncodedHistogram {
  return mergeHistograms(tallies.flatMap((tally) => successesOf(tally, requests)));
}

/** Merges the latencies of a run from the recordings of its threads, by class and by status. */
export function mergeLatencies(
  tallies: readonly TallyData[],
  connections: readonly Pick<EngineData, 'connect' | 'handshake' | 'firstByte'>[],
  requests: readonly PlannedRequest[],
  loop: 'closed' | 'open',
): LatencyByClass {
  const statuses = [...new Set(tallies.flatMap((tally) => Object.keys(tally.latencyByStatus)))].sort();
  const byStatus: Record<string, EncodedHistogram> = {};
  for (const status of statuses) {
    byStatus[status] = mergeHistograms(tallies.flatMap((tally) => tally.latencyByStatus[status] ?? []));
  }
  const unexpectedOf = ({ request, latencyByStatus }: TallyData) =>
    Object.entries(latencyByStatus)
      .filter(([status]) => requests[request]?.expectedStatuses.includes(Number(status)) !== true)
      .map(([, histogram]) => histogram);
  const handshake = mergeHistograms(connections.map((each) => each.handshake));
  const firstByte = mergeHistograms(connections.map((each) => each.firstByte));
  return {
    success: mergeSuccesses(tallies, requests),
    unexpected: mergeHistograms(tallies.flatMap(unexpectedOf)),
    error: mergeHistograms(tallies.map((tally) => tally.errorLatency)),
    ...(loop === 'open' ? { serviceTime: mergeHistograms(tallies.map((tally) => tally.serviceTime)) } : {}),
    byStatus,
    connect: mergeHistograms(connections.map(({ connect }) => connect)),
    ...(handshake.count > 0 ? { handshake } : {}),
    ...(firstByte.count > 0 ? { firstByte } : {}),
  };
}

/** The first distinct unexpected answers of several lists, with the counts of equal answers added. */
export function mergeSamples(lists: readonly (readonly UnexpectedSample[])[]): UnexpectedSample[] {
  const samples = new Map<string, UnexpectedSample>();
  for (const sample of lists.flat()) {
    const key = sampleKey(sample);
    const known = samples.get(key);
    if (known !== undefined) samples.set(key, { ...known, count: known.count + sample.count });
    else if (samples.size < MAX_SAMPLES) samples.set(key, sample);
  }
  return [...samples.values()];
}

/** Adds the counts of equal keys. Keys are in ascending order. */
export function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total = new Map<string, number>();
  for (const [key, count] of counts.flatMap((each) => Object.entries(each))) {
    total.set(key, (total.get(key) ?? 0) + count);
  }
  return Object.fromEntries([...total].sort(([a], [b]) => (a < b ? -1 : 1)));
}
