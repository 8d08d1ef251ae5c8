import type { ComparedMetric, MetricChange } from '../model/comparison.ts';
import { counted, NO_VALUE } from '../model/number-text.ts';
import { isMaximum, percentileName } from '../model/percentiles.ts';
import type { ClientSide, CostRow, InvocationGroup, Summary, Temperature } from '../model/report.ts';
import { FEWEST_FOR_MEDIAN } from '../model/run-work.ts';
import { type Figure, figureText, formatValue, type Place } from './figure.ts';

/** The names of figures in charts over commits. A changed name begins a new line of those charts. */
const BENCHMARK_NAMES: Readonly<Record<string, string>> = {
  duration_p50_ms: 'p50',
  duration_p99_ms: 'p99',
  billed_avg_ms: 'billed',
  memory_max_mb: 'memory',
  run_usd_per_million_total: 'million calls',
};

function benchmarkOf(name: string): Pick<Figure<never>, 'benchmark'> {
  const benchmark = BENCHMARK_NAMES[name];
  return benchmark === undefined ? {} : { benchmark };
}

const EVERYWHERE: readonly Place[] = ['table', 'wide', 'markdown', 'html'];
const WITH_ROOM: readonly Place[] = ['wide', 'html'];

const QUANTITIES = {
  durationMs: 'Duration; of a cold start Init Duration plus Duration.',
  initMs: 'Init Duration or Restore Duration; only for cold invocations.',
  billedMs: 'Billed Duration, which for a cold start includes the init.',
  memoryMB: 'Max Memory Used, in the megabytes of the REPORT line.',
} as const;

/** The figures of the invocations of one run and temperature. */
export function groupFigures(percentiles: readonly number[]): Figure<InvocationGroup>[] {
  const quantity = (
    name: string,
    member: 'durationMs' | 'initMs' | 'billedMs' | 'memoryMB',
    unit: 'ms' | 'MB',
    /** The beginning of the heading, and how the columns are dropped. */
    layout: Layout,
  ): Figure<InvocationGroup>[] =>
    statisticsOf(percentiles).map(({ suffix, key, head, percent }) => {
      const place = layout(head);
      return {
        name: `${name}_${suffix}_${unit.toLowerCase()}`,
        ...benchmarkOf(`${name}_${suffix}_${unit.toLowerCase()}`),
        members: [`${member}.${key}`],
        description: QUANTITIES[member],
        unit,
        value: (group) => group[member]?.[key],
        heading: place?.heading ?? `${name} ${head}`,
        places: place?.places ?? [],
        ...(place?.dropOrder === undefined ? {} : { dropOrder: place.dropOrder }),
        ...(percent === undefined ? {} : { percent }),
      };
    });
  return [
    {
      name: 'count',
      members: ['count'],
      unit: 'count',
      heading: 'count',
      description: 'The number of invocations.',
      value: ({ count }) => count,
      places: EVERYWHERE,
      dropOrder: 70,
    },
    ...quantity('duration', 'durationMs', 'ms', durationLayout(percentiles)),
    ...quantity('init', 'initMs', 'ms', initLayout),
    ...quantity('billed', 'billedMs', 'ms', spreadLayout('billed', 0)),
    ...quantity('memory', 'memoryMB', 'MB', spreadLayout('MB', 3, 60)),
    {
      name: 'lambda_errors',
      members: ['errors', 'timeouts'],
      unit: 'count',
      heading: 'errors',
      description: 'REPORT lines with a Status that is not success.',
      value: ({ errors, timeouts }) => errors + timeouts,
      places: EVERYWHERE,
    },
    {
      name: 'lambda_timeouts',
      members: ['timeouts'],
      unit: 'count',
      heading: 'timeouts',
      description: 'REPORT lines with Status: timeout.',
      value: ({ timeouts }) => timeouts,
      places: WITH_ROOM,
      dropOrder: 7,
    },
  ];
}

/** How a statistic of a quantity is shown in columns. Undefined: only in CSV and JSON. */
type Layout = (
  statistic: string,
) => { readonly heading: string; readonly places: readonly Place[]; readonly dropOrder?: number } | undefined;

interface NamedStatistic {
  readonly suffix: string;
  readonly key: keyof Summary & string;
  readonly head: string;
  readonly percent?: number;
}

/** The statistics of a quantity: the name in CSV, the member in JSON, the heading. */
function statisticsOf(percentiles: readonly number[]): NamedStatistic[] {
  return [
    { suffix: 'avg', key: 'mean', head: 'avg' },
    { suffix: 'min', key: 'min', head: 'min' },
    { suffix: 'max', key: 'max', head: 'max' },
    { suffix: 'stddev', key: 'stddev', head: 'sd' },
    ...percentiles.map((percent) => {
      const name = percentileName(percent);
      return { suffix: name, key: name, head: name, percent };
    }),
  ];
}

/** The drop order of a percentile. The median and the last percentile are never dropped. */
function percentileOrder(name: string, percentiles: readonly number[], dropOrder: number) {
  const kept = [50, percentiles.at(-1)].some(
    (percent) => percent !== undefined && percentileName(percent) === name,
  );
  return kept ? {} : { dropOrder };
}

function durationLayout(percentiles: readonly number[]): Layout {
  const order: Readonly<Record<string, number>> = { min: 20, max: 50, sd: 19, avg: 80 };
  return (head) => ({
    heading: head,
    places: EVERYWHERE,
    ...(head.startsWith('p')
      ? percentileOrder(head, percentiles, 40)
      : order[head] === undefined
        ? {}
        : { dropOrder: order[head] }),
  });
}

function initLayout(head: string) {
  if (head === 'avg') return { heading: 'init', places: EVERYWHERE, dropOrder: 45 };
  if (head === 'p50') return { heading: 'init p50', places: WITH_ROOM, dropOrder: 9 };
  if (head === 'max') return { heading: 'init max', places: WITH_ROOM, dropOrder: 8 };
  return undefined;
}

function spreadLayout(name: string, order: number, meanOrder?: number): Layout {
  return (head) => {
    if (head === 'avg') {
      return {
        heading: name,
        places: EVERYWHERE,
        ...(meanOrder === undefined ? {} : { dropOrder: meanOrder }),
      };
    }
    const place = ['min', 'sd', 'max'].indexOf(head);
    return place === -1
      ? undefined
      : { heading: `${name} ${head}`, places: WITH_ROOM, dropOrder: order + place + 1 };
  };
}

/** The figures of one run that the load generator measured. */
export function clientFigures(percentiles: readonly number[]): Figure<ClientSide>[] {
  const latency = (
    head: string,
    key: 'meanMs' | 'minMs' | 'maxMs' | `p${number}Ms`,
    places: readonly Place[],
    dropOrder?: number,
    percent?: number,
  ): Figure<ClientSide> => ({
    name: `run_client_${head}_ms`,
    members: [`latency.${key}`],
    unit: 'ms',
    heading: head,
    description: 'The latency of successes. Closed loop: service time; open loop: from the intended start.',
    value: (side) => side.latency?.[key],
    places,
    ...(dropOrder === undefined ? {} : { dropOrder }),
    ...(percent === undefined ? {} : { percent }),
  });
  const count = (
    name: string,
    key: 'calls' | 'successes' | 'unexpected' | 'errors' | 'retries',
    heading: string,
    description: string,
    places: readonly Place[],
    dropOrder?: number,
  ): Figure<ClientSide> => ({
    name,
    description,
    members: [key],
    unit: 'count',
    heading,
    value: (side) => side[key],
    places,
    ...(dropOrder === undefined ? {} : { dropOrder }),
  });
  return [
    count('run_calls', 'calls', 'calls', 'The number of calls.', EVERYWHERE, 60),
    count('run_successes', 'successes', 'successes', 'Calls with an expected status.', []),
    count(
      'run_unexpected_answers',
      'unexpected',
      'unexpected',
      'Calls with an answer of any other status.',
      EVERYWHERE,
    ),
    count('run_no_answer', 'errors', 'no answer', 'Calls without an answer.', EVERYWHERE),
    count('run_retries', 'retries', 'retries', 'Attempts after the first of a call.', EVERYWHERE, 30),
    {
      name: 'run_calls_per_second',
      members: ['ratePerSecond'],
      unit: 'per second',
      heading: 'calls/s',
      description: 'Calls per second over the time of the load.',
      value: ({ ratePerSecond }) => ratePerSecond,
      places: EVERYWHERE,
      dropOrder: 50,
    },
    latency('avg', 'meanMs', WITH_ROOM.concat('table'), 20),
    latency('min', 'minMs', WITH_ROOM.concat('table'), 10),
    ...percentiles.map((percent) => {
      const name = percentileName(percent);
      const { dropOrder } = { dropOrder: undefined, ...percentileOrder(name, percentiles, 25) };
      return latency(name, `${name}Ms`, EVERYWHERE, dropOrder, percent);
    }),
    latency('max', 'maxMs', EVERYWHERE, 15),
  ];
}

/** The parts of the cost of a million calls of one run. */
export const COST_PARTS: readonly Figure<CostRow>[] = [
  usd(
    'lambda_compute',
    'lambdaComputeUsd',
    'compute',
    "Lambda's compute for a million calls.",
    ({ lambdaComputeUsd }) => lambdaComputeUsd,
  ),
  usd(
    'lambda_requests',
    'lambdaRequestUsd',
    'requests',
    "Lambda's price of a million requests.",
    ({ lambdaRequestUsd }) => lambdaRequestUsd,
    10,
  ),
  usd(
    'api_gateway',
    'apiGatewayUsd',
    'API Gateway',
    "API Gateway's price of a million requests. Absent if no price of the region is known.",
    ({ apiGatewayUsd }) => apiGatewayUsd,
    30,
  ),
  usd(
    'dynamodb_estimate',
    'dynamodb.usd',
    'DynamoDB (est.)',
    'An estimate from the count of sheep.',
    ({ dynamodb }) => dynamodb?.usd,
    20,
  ),
];

/** The cost of a million calls of one run. */
export const COST_FIGURES: readonly Figure<CostRow>[] = [
  {
    name: 'run_cold_share',
    members: ['coldShare'],
    unit: 'share',
    heading: 'cold',
    description: 'Cold starts divided by invocations, from 0 to 1.',
    value: ({ coldShare }) => coldShare,
    places: EVERYWHERE,
    dropOrder: 40,
  },
  {
    name: 'run_billed_avg_ms',
    members: ['meanBilledMs'],
    unit: 'ms',
    heading: 'billed ms',
    description: 'The mean Billed Duration over cold and warm invocations.',
    value: ({ meanBilledMs }) => meanBilledMs,
    places: EVERYWHERE,
  },
  ...COST_PARTS,
  usd('total', 'totalUsd', 'total', 'The sum of the known parts.', ({ totalUsd }) => totalUsd),
  usd(
    'total_if_warm',
    'warmTotalUsd',
    'if all warm',
    'The sum if no call were cold.',
    ({ warmTotalUsd }) => warmTotalUsd,
  ),
];

function usd(
  name: string,
  member: string,
  heading: string,
  description: string,
  value: (row: CostRow) => number | undefined,
  dropOrder?: number,
): Figure<CostRow> {
  return {
    name: `run_usd_per_million_${name}`,
    ...benchmarkOf(`run_usd_per_million_${name}`),
    members: [member],
    unit: 'USD',
    heading,
    description,
    value,
    places: EVERYWHERE,
    ...(dropOrder === undefined ? {} : { dropOrder }),
  };
}

/** The headings of a median duration and of failed calls, as in a comparison. */
export const MEDIAN_HEADING = percentileHeading('p50');
export const FAILED_HEADING = 'failed';

function percentileHeading(metric: string): string {
  return `${metric} ms`;
}

/** The figures of a comparison besides the percentiles of the duration. JSON has all metrics. */
const COMPARED: Readonly<Partial<Record<ComparedMetric, Pick<Figure<number>, 'heading' | 'unit'>>>> = {
  init: { heading: 'init ms', unit: 'ms' },
  billed: { heading: 'billed ms', unit: 'ms' },
  memory: { heading: 'memory MB', unit: 'MB' },
  errors: { heading: FAILED_HEADING, unit: 'share' },
};

/** The heading and unit of a compared metric. Undefined if the formats for people leave it out. */
export function comparedFigure(metric: ComparedMetric): Pick<Figure<number>, 'heading' | 'unit'> | undefined {
  return metric.startsWith('p') ? { heading: percentileHeading(metric), unit: 'ms' } : COMPARED[metric];
}

/** Formats one side of a change for people. */
export function comparedText({ metric }: Pick<MetricChange, 'metric'>, value: number): string {
  return formatValue(comparedFigure(metric)?.unit ?? 'ms', value);
}

/**
 * Formats a figure of a group of invocations. Percentiles of too few values are left out; the median's column then says
 * how many there are, as `–  (1 start)`. A percentile that is the maximum of its values is marked with `*`.
 */
export function groupFigureText(
  figure: Figure<InvocationGroup>,
  group: InvocationGroup | undefined,
  temperature: Temperature,
): string {
  const { percent } = figure;
  if (group === undefined || percent === undefined) return figureText(figure, group);
  if (group.count < FEWEST_FOR_MEDIAN)
    return percent === 50 && figure.name.startsWith('duration')
      ? fewText(group.count, temperature)
      : NO_VALUE;
  const text = figureText(figure, group);
  return text !== NO_VALUE && isMaximum(percent, group.count) ? `${text}*` : text;
}

/** The text instead of a figure that needs more values: `–  (1 start)`. */
export function fewText(count: number, temperature: Temperature): string {
  const unit = temperature === 'cold' ? 'start' : 'call';
  return `${NO_VALUE}  (${counted(count, unit)})`;
}
