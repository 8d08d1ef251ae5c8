import * as v from 'valibot';
import type { Interval, Median } from '../model/interval.ts';
import {
  type ClientLatency,
  type ClientSide,
  type Completeness,
  type CostRow,
  type CostSection,
  type CrossCheck,
  type CrossCheckDifference,
  type ForcedColdStarts,
  type InvocationGroup,
  type LoadersSeen,
  type Machine,
  type MachineDoubt,
  REPORT_EXIT_CODES,
  REPORT_SCHEMA,
  type Report,
  type ReportedRound,
  type ReportedRun,
  type ReportProblem,
  type Rival,
  type RunRatio,
  type Samples,
  type ServerSide,
  type SpeedRatio,
  type Standing,
  type Summary,
  TEMPERATURES,
} from '../model/report.ts';
import type { ArchitecturePair, Sweep, SweepCurve, SweepPoint } from '../model/sweep.ts';
import { forecastSection, invocationColumns } from './forecast-shape.ts';
import { enforcedCpu, machineState, measuredFunction, outcomeCounts, RUN_ID } from './run-schema.ts';
import {
  amount,
  architecture,
  choice,
  count,
  countInterval,
  divisor,
  epochMs,
  exactly,
  finite,
  flag,
  list,
  loadedTarget,
  loadPlan,
  object,
  oneOf,
  optional,
  orNull,
  percent,
  positive,
  ratio,
  type Shape,
  signed,
  text,
  textLike,
  where,
  whole,
} from './shapes.ts';

/** Whether every member whose name the pattern fits is a figure. */
function areAmounts(value: object, name: RegExp): boolean {
  return Object.entries(value).every(([key, member]) => !name.test(key) || v.is(amount, member));
}

const summary: Shape<Summary> = where(
  object<Summary>({
    count,
    mean: amount,
    min: optional(amount),
    max: optional(amount),
    stddev: optional(amount),
    p50: optional(amount),
    p90: optional(amount),
    p99: optional(amount),
  }),
  'a number for every percentile',
  (value) => areAmounts(value, /^p[\d.]+$/),
);

const invocationGroup: Shape<InvocationGroup> = object<InvocationGroup>({
  count: positive,
  durationMs: summary,
  initMs: optional(summary),
  billedMs: summary,
  memoryMB: summary,
  timeouts: count,
  errors: count,
});

const completeness: Shape<Completeness> = object<Completeness>({
  found: count,
  expected: optional(countInterval),
  verdict: oneOf(['complete', 'short', 'foreign', 'uncounted']),
  missing: count,
  foreign: count,
  duplicates: count,
  unreadable: count,
});

const crossCheck: Shape<CrossCheck> = choice<CrossCheck>('state', {
  agrees: object<Extract<CrossCheck, { state: 'agrees' }>>({ state: exactly('agrees') }),
  disagrees: object<Extract<CrossCheck, { state: 'disagrees' }>>({
    state: exactly('disagrees'),
    differences: list(
      object<CrossCheckDifference>({
        temperature: oneOf(TEMPERATURES),
        statistic: text,
        aggregate: finite,
        rows: finite,
      }),
    ),
  }),
  skipped: object<Extract<CrossCheck, { state: 'skipped' }>>({ state: exactly('skipped'), reason: text }),
});

const samples: Shape<Samples> = where(
  object<Samples>({
    atMs: list(signed),
    round: list(whole),
    environment: list(count),
    durationMs: list(amount),
    initMs: list(orNull(amount)),
    billedMs: list(amount),
    memoryMB: list(amount),
    status: list(count),
  }),
  'columns of one length',
  (columns) => {
    const lengths = Object.values(columns).flatMap((column) =>
      Array.isArray(column) ? [column.length] : [],
    );
    return new Set(lengths).size <= 1;
  },
);

const serverSide: Shape<ServerSide> = choice<ServerSide>('state', {
  measured: object<Extract<ServerSide, { state: 'measured' }>>({
    state: exactly('measured'),
    source: oneOf(['rows', 'aggregate']),
    warm: optional(invocationGroup),
    cold: optional(invocationGroup),
    completeness,
    crossCheck,
    warmupRows: count,
    samples: optional(samples),
  }),
  unavailable: object<Extract<ServerSide, { state: 'unavailable' }>>({
    state: exactly('unavailable'),
    code: text,
    reason: text,
  }),
});

const clientLatency: Shape<ClientLatency> = where(
  object<ClientLatency>({
    count,
    meanMs: amount,
    minMs: amount,
    p50Ms: amount,
    p90Ms: amount,
    p99Ms: amount,
    maxMs: amount,
  }),
  'a number for every percentile',
  (value) => areAmounts(value, /^p[\d.]+Ms$/),
);

const clientSide: Shape<ClientSide> = object<ClientSide>({
  calls: count,
  ...outcomeCounts,
  ratePerSecond: amount,
  throttled: object<ClientSide['throttled']>({ apiGateway: count, lambda: count }),
  latency: optional(clientLatency),
  bottleneck: optional(text),
  loaders: optional(object<LoadersSeen>({ count, region: text, failed: count, costUsd: optional(amount) })),
  elsewhere: optional(object<NonNullable<ClientSide['elsewhere']>>({ runId: text, latency: clientLatency })),
});

const median: Shape<Median> = object<Median>({
  p50: amount,
  interval: optional(object<Interval>({ low: finite, high: finite })),
});

const reportedRun: Shape<ReportedRun> = object<ReportedRun>({
  runId: textLike(RUN_ID, "a run's id"),
  benchId: text,
  state: oneOf(['complete', 'interrupted', 'failed']),
  label: text,
  runtime: text,
  route: text,
  ...measuredFunction,
  toolVersion: text,
  plan: optional(loadPlan),
  window: object<ReportedRun['window']>({ startEpochMs: epochMs, endEpochMs: epochMs }),
  elapsedMs: amount,
  rounds: list(
    object<ReportedRound>({
      index: whole,
      turn: count,
      startEpochMs: epochMs,
      endEpochMs: epochMs,
      calls: count,
    }),
  ),
  machine: optional(machineState),
  interpreter: optional(text),
  enforcedCpu: optional(enforcedCpu),
  sheep: optional(object<NonNullable<ReportedRun['sheep']>>({ before: count, after: count })),
  coldStarts: optional(
    object<ForcedColdStarts>({
      asked: count,
      found: count,
      waitMs: optional(median),
      initMs: optional(median),
      durationMs: optional(median),
      unseenMs: optional(signed),
    }),
  ),
  server: serverSide,
  invocations: optional(invocationColumns),
  client: optional(clientSide),
});

const ratioMembers = {
  ratio,
  interval: optional(object<Interval>({ low: ratio, high: ratio })),
  rounds: count,
  environments: count,
  needs: optional(
    object<NonNullable<RunRatio['needs']>>({ rounds: optional(count), environments: optional(count) }),
  ),
  withinDoubt: optional(flag),
  verdict: oneOf(['faster', 'slower', 'unclear'] as const),
};

const speedRatio: Shape<SpeedRatio> = object<SpeedRatio>({
  runId: text,
  route: text,
  runtime: text,
  baseline: text,
  temperature: oneOf(TEMPERATURES),
  statistic: exactly('p50'),
  ...ratioMembers,
});

const standing: Shape<Standing> = object<Standing>({
  route: text,
  temperature: oneOf(TEMPERATURES),
  bestRunId: text,
  isDecided: flag,
  rivals: list(object<Rival>({ runId: text, ...ratioMembers })),
});

const machineDoubt: Shape<MachineDoubt> = object<MachineDoubt>({
  share: amount,
  yardstickMoved: amount,
  otherCpuShare: amount,
  stealShare: amount,
});

const costRow: Shape<CostRow> = object<CostRow>({
  runId: text,
  route: text,
  runtime: text,
  architecture,
  memorySizeMB: positive,
  coldShare: amount,
  meanBilledMs: divisor,
  lambdaComputeUsd: amount,
  lambdaRequestUsd: amount,
  apiGatewayUsd: optional(amount),
  dynamodb: optional(
    object<NonNullable<CostRow['dynamodb']>>({
      usd: amount,
      readUnitsPerCall: amount,
      writeUnitsPerCall: amount,
    }),
  ),
  totalUsd: amount,
  warmTotalUsd: optional(amount),
});

const cost: Shape<CostSection> = choice<CostSection>('state', {
  priced: object<Extract<CostSection, { state: 'priced' }>>({
    state: exactly('priced'),
    priceRegion: text,
    pricesAsOf: text,
    rows: list(costRow),
    unpriced: list(oneOf(['apiGateway', 'dynamodb'])),
  }),
  unpriced: object<Extract<CostSection, { state: 'unpriced' }>>({
    state: exactly('unpriced'),
    reason: text,
    hint: text,
  }),
});

const computePrice = object<NonNullable<SweepPoint['computeUsd']>>({
  value: amount,
  interval: optional(object<Interval>({ low: finite, high: finite })),
});

const sweepCurve: Shape<SweepCurve> = object<SweepCurve>({
  route: text,
  runtime: text,
  architecture,
  points: list(
    object<SweepPoint>({
      runId: text,
      memorySizeMB: positive,
      warmMs: optional(median),
      coldMs: optional(median),
      computeUsd: optional(computePrice),
      coldComputeUsd: optional(computePrice),
    }),
  ),
  cheapestMB: list(positive),
  fastestMB: list(positive),
  balancedMB: optional(positive),
  paretoMB: list(positive),
  outOfMemoryMB: optional(list(positive)),
});

const sweep: Shape<Sweep> = object<Sweep>({
  curves: list(sweepCurve),
  architectures: list(
    object<ArchitecturePair>({
      route: text,
      runtime: text,
      memorySizeMB: positive,
      speed: ratio,
      cost: optional(ratio),
    }),
  ),
});

const machine: Shape<Machine> = object<Machine>({
  cpuModel: text,
  cores: count,
  memoryMiB: amount,
  os: text,
  nodeVersion: text,
  cpuShare: flag,
});

const exitCode: Shape<ReportProblem['exitCode']> = where(
  count,
  `one of ${REPORT_EXIT_CODES.join(', ')}`,
  (value) => REPORT_EXIT_CODES.some((code) => code === value),
) as Shape<ReportProblem['exitCode']>;

/** The shape of a report: of `.shedbench/reports/<run id>.json`, and of the file that `report --format json` writes. */
export const reportShape: Shape<Report> = object<Report>({
  schema: exactly(REPORT_SCHEMA),
  toolVersion: text,
  createdAtEpochMs: epochMs,
  measured: object<Report['measured']>({ fromEpochMs: epochMs, toEpochMs: epochMs }),
  verdict: list(text),
  target: loadedTarget,
  project: optional(text),
  machine: optional(machine),
  machineDoubt: optional(machineDoubt),
  percentiles: list(percent),
  queries: object<Report['queries']>({ aggregate: text, rows: text }),
  runs: list(reportedRun),
  baseline: optional(text),
  ratios: list(speedRatio),
  standings: list(standing),
  cost,
  sweep: optional(sweep),
  forecast: optional(forecastSection),
  problems: list(
    object<ReportProblem>({
      code: text,
      severity: oneOf(['error', 'warning']),
      exitCode,
      message: text,
      hint: optional(text),
      runIds: list(text),
    }),
  ),
  notes: list(text),
});
