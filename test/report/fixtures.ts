import type { ProgressEvent } from '../../src/model/events.ts';
import {
  bucketOfMs,
  EMPTY_HISTOGRAM,
  type EncodedHistogram,
  encodeBuckets,
  HISTOGRAM_ENCODING,
} from '../../src/model/histogram.ts';
import type { ClientSide, ReportedRun } from '../../src/model/report.ts';
import { functionName, logGroupName, type Route } from '../../src/model/route.ts';
import { type LoadPlan, RUN_SCHEMA, type RunRecord } from '../../src/model/run.ts';
import { shedSubject } from '../../src/model/subject.ts';
import type { ReportDeps } from '../../src/report/deps.ts';
import { seededRandom } from '../../src/report/statistics/random-draws.ts';
import type { FakeLine } from './fake-insights.ts';

/** 2026-11-23 12:00:00 UTC */
export const NOON = Date.UTC(2026, 10, 23, 12);
export const PROJECT = 'sheepshed';

/** A histogram of a few values, as a run record holds it. */
export function histogramOf(valuesMs: readonly number[]): EncodedHistogram {
  if (valuesMs.length === 0) return EMPTY_HISTOGRAM;
  const counts = new Map<number, number>();
  for (const value of valuesMs) {
    const bucket = bucketOfMs(value);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const meanMs = valuesMs.reduce((total, value) => total + value, 0) / valuesMs.length;
  return {
    encoding: HISTOGRAM_ENCODING,
    count: valuesMs.length,
    minMs: Math.min(...valuesMs),
    maxMs: Math.max(...valuesMs),
    meanMs,
    stddevMs: Math.sqrt(
      valuesMs.reduce((total, value) => total + (value - meanMs) ** 2, 0) / valuesMs.length,
    ),
    buckets: encodeBuckets(counts),
  };
}

export interface RunChanges extends Omit<Partial<RunRecord>, 'accounting' | 'plan'> {
  readonly accounting?: Partial<RunRecord['accounting']>;
  readonly plan?: Partial<RunRecord['plan']>;
}

/** What a load of a route sends. */
export function shedRequests(route: Route, m = 3, n = 8) {
  return shedSubject(route, { m, n }).requests.map(({ planned }) => planned);
}

/** A complete run of 100 successful calls in ten seconds from noon, all of which reached Lambda. */
export function runRecord(runtime: string, route: Route, changes: RunChanges = {}): RunRecord {
  const { accounting, plan, ...rest } = changes;
  const calls = accounting?.calls ?? 100;
  const wholeAccounting: RunRecord['accounting'] = {
    calls,
    successes: calls,
    unexpected: 0,
    errors: 0,
    attempts: calls,
    retries: 0,
    notSent: 0,
    sentLate: 0,
    attemptsByStatus: { '200': calls },
    attemptsByError: {},
    throttled: { apiGateway: 0, lambda: 0 },
    reachedLambda: { min: calls, max: calls },
    ...accounting,
  };
  const success = histogramOf(Array.from({ length: Math.min(calls, 1000) }, (_, index) => 20 + index));
  return {
    schema: RUN_SCHEMA,
    id: `${runtime}-${route}`,
    benchId: 'bench-1',
    state: 'complete',
    toolVersion: '0.1.0',
    target: { kind: 'aws', region: 'us-east-1', accountId: '123456789012' },
    url: 'https://abc.execute-api.us-east-1.amazonaws.com/v1',
    project: PROJECT,
    runtime,
    route,
    functionName: functionName(PROJECT, runtime, route),
    logGroupName: logGroupName(PROJECT, runtime, route),
    lambdaRuntime:
      runtime === 'rust' ? 'provided.al2023' : runtime === 'python' ? 'python3.14' : 'nodejs24.x',
    architecture: 'arm64',
    memorySizeMB: 128,
    artifactSha256: 'a'.repeat(64),
    templateSha256: 'b'.repeat(64),
    window: { startEpochMs: NOON, endEpochMs: NOON + 12_000, closedLateMs: 0 },
    clockOffsetMs: 0,
    startedAtEpochMs: NOON,
    endedAtEpochMs: NOON + 10_000,
    elapsedMs: 10_000,
    sheep: { before: 1000, after: 1000 },
    rounds: [
      {
        index: 1,
        turn: 1,
        startEpochMs: NOON,
        endEpochMs: NOON + 10_000,
        elapsedMs: 10_000,
        accounting: wholeAccounting,
        success,
      },
    ],
    latency: {
      success,
      unexpected: EMPTY_HISTOGRAM,
      error: EMPTY_HISTOGRAM,
      byStatus: {},
      connect: EMPTY_HISTOGRAM,
    },
    timeline: { binMs: 1000, bins: [] },
    connections: { opened: 10, failed: 0, closedByServer: 0, unsolicited: 0 },
    instrument: {
      cpuShare: 0.2,
      eventLoopUtilization: 0.1,
      eventLoopDelayP99Ms: 1,
      threads: 1,
      peakRssMiB: 80,
    },
    unexpectedSamples: [],
    warnings: [],
    ...rest,
    accounting: wholeAccounting,
    plan: {
      route,
      requests: shedRequests(route),
      mode: 'closed',
      parallel: 10,
      calls,
      retries: 0,
      startAt: '1',
      timeoutMs: 35_000,
      threads: 1,
      ...plan,
    },
  };
}

/** What the load generator saw of a run that a load of ours made. */
export function clientOf({ client }: Pick<ReportedRun, 'client'>): ClientSide {
  if (client === undefined) throw new Error('no load made these calls');
  return client;
}

/** The plan of a run that a load of ours made. */
export function planOf({ plan }: Pick<ReportedRun, 'plan'>): LoadPlan {
  if (plan === undefined) throw new Error('no load made these calls');
  return plan;
}

/** REPORT lines of one run: the first `cold` are cold starts; durations spread log-normally about `typicalMs`. */
export function reportLines(options: {
  readonly seed: number;
  readonly count: number;
  readonly cold: number;
  readonly typicalMs: number;
  readonly initMs?: number;
  readonly memoryMB?: number;
  readonly startEpochMs?: number;
  readonly spanMs?: number;
}): FakeLine[] {
  const random = seededRandom(options.seed);
  const start = options.startEpochMs ?? NOON + 1000;
  return Array.from({ length: options.count }, (_, index) => {
    const spread = Math.exp(0.25 * (random() + random() + random() - 1.5));
    const durationMs = Number((options.typicalMs * spread).toFixed(2));
    const initMs =
      index < options.cold
        ? Number(((options.initMs ?? 120) * (0.9 + 0.2 * random())).toFixed(2))
        : undefined;
    return {
      atEpochMs: Math.floor(start + ((options.spanMs ?? 9000) * index) / options.count),
      durationMs,
      ...(initMs === undefined ? {} : { initMs }),
      billedMs: Math.ceil(durationMs + (initMs ?? 0)),
      memoryMB: (options.memoryMB ?? 30) + (index % 3),
    };
  });
}

/** A world whose clock moves only by sleeping. */
export class FakeWorld {
  nowEpochMs: number;
  readonly events: ProgressEvent[] = [];
  readonly slept: number[] = [];
  readonly controller = new AbortController();
  /** Called after every sleep with the time that it is then. */
  onSleep: ((nowEpochMs: number) => void) | undefined;

  constructor(nowEpochMs = NOON + 13_000) {
    this.nowEpochMs = nowEpochMs;
  }

  get deps(): ReportDeps {
    return {
      emit: (event) => this.events.push(event),
      signal: this.controller.signal,
      now: () => this.nowEpochMs,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        this.slept.push(ms);
        this.nowEpochMs += ms;
        this.onSleep?.(this.nowEpochMs);
        signal?.throwIfAborted();
      },
    };
  }
}
