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
  architecture,
  choice,
  count,
  countInterval,
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
  type Shape,
  text,
  textLike,
  where,
  whole,
} from './shapes.ts';

/** Whether every member whose name the pattern fits is a number. */
function areNumbers(value: object, name: RegExp): boolean {
  return Object.entries(value).every(([key, member]) => !name.test(key) || Number.isFinite(member));
}

const summary: Shape<Summary> = where(
  object<Summary>({
    count,
    mean: finite,
    min: optional(finite),
    max: optional(finite),
    stddev: optional(finite),
    p50: optional(finite),
    p90: optional(finite),
    p99: optional(finite),
  }),
  'a number for every percentile',
  (value) => areNumbers(value, /^p[\d.]+$/),
);

const invocationGroup: Shape<InvocationGroup> = object<InvocationGroup>({
  count,
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
    atMs: list(finite),
    round: list(whole),
    environment: list(count),
    durationMs: list(finite),
    initMs: list(orNull(finite)),
    billedMs: list(finite),
    memoryMB: list(finite),
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
    meanMs: finite,
    minMs: finite,
    p50Ms: finite,
    p90Ms: finite,
    p99Ms: finite,
    maxMs: finite,
  }),
  'a number for every percentile',
  (value) => areNumbers(value, /^p[\d.]+Ms$/),
);

const clientSide: Shape<ClientSide> = object<ClientSide>({
  calls: count,
  ...outcomeCounts,
  ratePerSecond: finite,
  throttled: object<ClientSide['throttled']>({ apiGateway: count, lambda: count }),
  latency: optional(clientLatency),
  bottleneck: optional(text),
  loaders: optional(object<LoadersSeen>({ count, region: text, failed: count, costUsd: optional(finite) })),
  elsewhere: optional(object<NonNullable<ClientSide['elsewhere']>>({ runId: text, latency: clientLatency })),
});

const median: Shape<Median> = object<Median>({
  p50: finite,
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
  elapsedMs: finite,
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
      unseenMs: optional(finite),
    }),
  ),
  server: serverSide,
  invocations: optional(invocationColumns),
  client: optional(clientSide),
});

const ratioMembers = {
  ratio: finite,
  interval: optional(object<Interval>({ low: finite, high: finite })),
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
  share: finite,
  yardstickMoved: finite,
  otherCpuShare: finite,
  stealShare: finite,
});

const costRow: Shape<CostRow> = object<CostRow>({
  runId: text,
  route: text,
  runtime: text,
  architecture,
  memorySizeMB: count,
  coldShare: finite,
  meanBilledMs: finite,
  lambdaComputeUsd: finite,
  lambdaRequestUsd: finite,
  apiGatewayUsd: optional(finite),
  dynamodb: optional(
    object<NonNullable<CostRow['dynamodb']>>({
      usd: finite,
      readUnitsPerCall: finite,
      writeUnitsPerCall: finite,
    }),
  ),
  totalUsd: finite,
  warmTotalUsd: optional(finite),
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
  value: finite,
  interval: optional(object<Interval>({ low: finite, high: finite })),
});

const sweepCurve: Shape<SweepCurve> = object<SweepCurve>({
  route: text,
  runtime: text,
  architecture,
  points: list(
    object<SweepPoint>({
      runId: text,
      memorySizeMB: count,
      warmMs: optional(median),
      coldMs: optional(median),
      computeUsd: optional(computePrice),
      coldComputeUsd: optional(computePrice),
    }),
  ),
  cheapestMB: list(count),
  fastestMB: list(count),
  balancedMB: optional(count),
  paretoMB: list(count),
  outOfMemoryMB: optional(list(count)),
});

const sweep: Shape<Sweep> = object<Sweep>({
  curves: list(sweepCurve),
  architectures: list(
    object<ArchitecturePair>({
      route: text,
      runtime: text,
      memorySizeMB: count,
      speed: finite,
      cost: optional(finite),
    }),
  ),
});

const machine: Shape<Machine> = object<Machine>({
  cpuModel: text,
  cores: count,
  memoryMiB: finite,
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
  percentiles: list(finite),
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
