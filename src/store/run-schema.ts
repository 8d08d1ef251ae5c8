import type { EnforcedCpu } from '../model/as-lambda.ts';
import {
  type Accounting,
  type FleetRecord,
  type InstrumentHealth,
  type LatencyByClass,
  type LoaderLoss,
  type LoaderRecord,
  type MachineState,
  type MeasuredFunction,
  type OutcomeCounts,
  type RequestResult,
  type Round,
  RUN_SCHEMA,
  type RunRecord,
  type RunWarning,
  type ServerWindow,
  type Timeline,
  type UnexpectedSample,
} from '../model/run.ts';
import {
  amount,
  architecture,
  bundleSize,
  connectionCounts,
  count,
  countInterval,
  divisor,
  epochMs,
  exactly,
  histogram,
  list,
  loadedTarget,
  loadPlan,
  type Members,
  map,
  object,
  oneOf,
  optional,
  positive,
  type Shape,
  signed,
  text,
  textLike,
  webAddress,
  where,
  whole,
} from './shapes.ts';

/** The form of a run's id. The id is the name of its file, so it contains no character with a meaning in a path. */
export const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** The members of the counts by outcome that run records, reports and the answers of loaders contain. */
export const outcomeCounts: Members<OutcomeCounts> = {
  successes: count,
  unexpected: count,
  errors: count,
  attempts: count,
  retries: count,
  attemptsByStatus: map(count),
  attemptsByError: map(count),
};

/** The members of a run record and of a reported run that describe the function. */
export const measuredFunction: Members<MeasuredFunction> = {
  functionName: optional(text),
  logGroupName: optional(text),
  lambdaRuntime: optional(text),
  architecture: optional(architecture),
  memorySizeMB: optional(positive),
  artifactSha256: optional(text),
  bundle: optional(bundleSize),
  templateSha256: optional(text),
};

const accounting: Shape<Accounting> = object<Accounting>({
  calls: count,
  ...outcomeCounts,
  notSent: count,
  sentLate: count,
  throttled: object<Accounting['throttled']>({ apiGateway: count, lambda: count }),
  reachedLambda: countInterval,
});

const latency: Shape<LatencyByClass> = object<LatencyByClass>({
  success: histogram,
  unexpected: histogram,
  error: histogram,
  serviceTime: optional(histogram),
  byStatus: map(histogram),
  connect: histogram,
  handshake: optional(histogram),
  firstByte: optional(histogram),
});

const instrument: Shape<InstrumentHealth> = object<InstrumentHealth>({
  cpuShare: amount,
  eventLoopUtilization: amount,
  eventLoopDelayP99Ms: amount,
  sendLagP50Ms: optional(amount),
  sendLagP99Ms: optional(amount),
  threads: count,
  peakRssMiB: amount,
  bottleneck: optional(object<NonNullable<InstrumentHealth['bottleneck']>>({ reason: text, hint: text })),
});

const timeline: Shape<Timeline> = object<Timeline>({
  binMs: divisor,
  bins: list(
    object<Timeline['bins'][number]>({
      successes: count,
      unexpected: count,
      errors: count,
      meanMs: amount,
      maxMs: amount,
    }),
  ),
});

const round: Shape<Round> = object<Round>({
  index: whole,
  turn: count,
  startEpochMs: epochMs,
  endEpochMs: epochMs,
  elapsedMs: amount,
  accounting,
  success: histogram,
});

export const machineState: Shape<MachineState> = object<MachineState>({
  yardsticks: list(
    object<MachineState['yardsticks'][number]>({ atEpochMs: epochMs, beforeRound: count, ms: amount }),
  ),
  loadAverage1m: optional(amount),
  cpuPressure: optional(amount),
  stealShare: optional(amount),
  otherCpuShare: optional(amount),
});

export const enforcedCpu: Shape<EnforcedCpu> = object<EnforcedCpu>({
  controlGroupVersion: where(count, '1 or 2', (value) => value === 1 || value === 2) as Shape<1 | 2>,
  periodUs: divisor,
  quotaUs: divisor,
  tickMs: optional(divisor),
  periods: count,
  throttledPeriods: count,
  dynamodbLatency: text,
});

const loader: Shape<LoaderRecord> = object<LoaderRecord>({
  number: count,
  calls: count,
  notSent: count,
  invocations: count,
  coldStarts: count,
  initMs: optional(amount),
  billedMs: optional(amount),
  cpuMs: amount,
  peakRssMiB: amount,
  eventLoopUtilization: amount,
  sendLagP99Ms: optional(amount),
  startedLateMs: amount,
  losses: list(
    object<LoaderLoss>({
      reason: oneOf(['throttled', 'refused', 'too-late', 'crashed', 'rubbish', 'connection-lost']),
      message: text,
      notSent: count,
      maySent: count,
    }),
  ),
});

const fleet: Shape<FleetRecord> = object<FleetRecord>({
  functionName: text,
  region: text,
  memorySizeMB: positive,
  architecture,
  loaders: list(loader),
  clockSpreadMs: optional(amount),
  clockErrorMs: optional(signed),
});

/** The shape of `.shedbench/runs/<id>.json`. */
export const runRecord: Shape<RunRecord> = object<RunRecord>({
  schema: exactly(RUN_SCHEMA),
  id: textLike(RUN_ID, "a run's id"),
  benchId: text,
  name: optional(text),
  state: oneOf(['complete', 'interrupted', 'failed']),
  toolVersion: text,
  target: loadedTarget,
  url: webAddress,
  project: optional(text),
  runtime: text,
  route: text,
  ...measuredFunction,
  plan: loadPlan,
  coldStarts: optional(object<NonNullable<RunRecord['coldStarts']>>({ asked: count })),
  rounds: list(round),
  fleet: optional(fleet),
  mergedFrom: optional(list(text)),
  machine: optional(machineState),
  interpreter: optional(text),
  enforcedCpu: optional(enforcedCpu),
  window: object<ServerWindow>({ startEpochMs: epochMs, endEpochMs: epochMs, closedLateMs: amount }),
  clockOffsetMs: signed,
  startedAtEpochMs: epochMs,
  endedAtEpochMs: epochMs,
  elapsedMs: amount,
  sheep: optional(object<NonNullable<RunRecord['sheep']>>({ before: count, after: count })),
  accounting,
  latency,
  requests: optional(list(object<RequestResult>({ name: text, accounting, success: histogram }))),
  timeline,
  connections: connectionCounts,
  instrument,
  unexpectedSamples: list(object<UnexpectedSample>({ status: count, body: text, count })),
  warnings: list(object<RunWarning>({ code: text, message: text, hint: optional(text) })),
});
