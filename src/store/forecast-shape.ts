import {
  type Band,
  FORECAST_MODEL,
  type ForecastPoint,
  type ForecastSection,
  type ForecastSummary,
  type FunctionForecast,
  type InvocationColumns,
} from '../model/forecast.ts';
import { coreCalibration } from './calibration.ts';
import {
  amount,
  architecture,
  choice,
  count,
  divisor,
  exactly,
  list,
  object,
  optional,
  orNull,
  positive,
  type Shape,
  text,
  where,
} from './shapes.ts';

/**
 * A forecast divides these times into ticks of the kernel. Lambda ends an invocation after 900 s, in which six cores take
 * 5,400 s of CPU time.
 */
const MAX_INVOCATION_MS = 1e7;
const invocationMs = where(amount, 'at most 10,000 s', (ms) => ms <= MAX_INVOCATION_MS);

/** The numbers for each wait in `InvocationColumns.waits`. */
const NUMBERS_PER_WAIT = 4;

/** The shape of the times of a run's invocations. */
export const invocationColumns: Shape<InvocationColumns> = where(
  where(
    object<InvocationColumns>({
      durationMs: list(invocationMs),
      cpuMs: list(invocationMs),
      queuedMs: list(amount),
      initMs: list(orNull(invocationMs)),
      initCpuMs: list(orNull(invocationMs)),
      operations: list(text),
      waits: list(list(amount)),
    }),
    'columns of one length',
    ({ operations: _, ...columns }) =>
      new Set(Object.values(columns).map((column) => column.length)).size <= 1,
  ),
  'four numbers for each wait, the first the index of an operation',
  ({ operations, waits }) => waits.every((flat) => areWaits(flat, operations.length)),
);

function areWaits(flat: readonly number[], operations: number): boolean {
  return (
    flat.length % NUMBERS_PER_WAIT === 0 &&
    flat.every((value, at) => at % NUMBERS_PER_WAIT !== 0 || (Number.isInteger(value) && value < operations))
  );
}

const band: Shape<Band> = object<Band>({ value: divisor, low: divisor, high: divisor });

const summary: Shape<ForecastSummary> = object<ForecastSummary>({
  mean: amount,
  p50: amount,
  p90: amount,
  p99: amount,
});

const point: Shape<ForecastPoint> = object<ForecastPoint>({
  memoryMB: positive,
  warmMs: summary,
  warmP50: band,
  billedMs: amount,
  usd: optional(band),
  coldP50: optional(band),
});

const functionForecast: Shape<FunctionForecast> = object<FunctionForecast>({
  runId: text,
  route: text,
  runtime: text,
  points: list(point),
  cheapestMB: optional(positive),
  fastestMB: positive,
  enoughMB: positive,
  initMs: optional(band),
  coreFactor: band,
  invocations: count,
});

export const forecastSection: Shape<ForecastSection> = choice<ForecastSection>('state', {
  made: object<Extract<ForecastSection, { state: 'made' }>>({
    state: exactly('made'),
    model: exactly(FORECAST_MODEL),
    architecture,
    memorySizeMB: positive,
    priceRegion: optional(text),
    calibrations: list(coreCalibration),
    functions: list(functionForecast),
    notes: list(text),
  }),
  none: object<Extract<ForecastSection, { state: 'none' }>>({ state: exactly('none'), reason: text }),
});
