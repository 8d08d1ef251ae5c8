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
  architecture,
  choice,
  count,
  exactly,
  finite,
  list,
  object,
  optional,
  orNull,
  type Shape,
  text,
  where,
} from './shapes.ts';

/** The shape of the times of a run's invocations. */
export const invocationColumns: Shape<InvocationColumns> = where(
  object<InvocationColumns>({
    durationMs: list(finite),
    cpuMs: list(finite),
    queuedMs: list(finite),
    initMs: list(orNull(finite)),
    initCpuMs: list(orNull(finite)),
    operations: list(text),
    waits: list(list(finite)),
  }),
  'columns of one length',
  ({ operations: _, ...columns }) => new Set(Object.values(columns).map((column) => column.length)).size <= 1,
);

const band: Shape<Band> = object<Band>({ value: finite, low: finite, high: finite });

const summary: Shape<ForecastSummary> = object<ForecastSummary>({
  mean: finite,
  p50: finite,
  p90: finite,
  p99: finite,
});

const point: Shape<ForecastPoint> = object<ForecastPoint>({
  memoryMB: count,
  warmMs: summary,
  warmP50: band,
  billedMs: finite,
  usd: optional(band),
  coldP50: optional(band),
});

const functionForecast: Shape<FunctionForecast> = object<FunctionForecast>({
  runId: text,
  route: text,
  runtime: text,
  points: list(point),
  cheapestMB: optional(count),
  fastestMB: count,
  enoughMB: count,
  initMs: optional(band),
  coreFactor: band,
  invocations: count,
});

export const forecastSection: Shape<ForecastSection> = choice<ForecastSection>('state', {
  made: object<Extract<ForecastSection, { state: 'made' }>>({
    state: exactly('made'),
    model: exactly(FORECAST_MODEL),
    architecture,
    memorySizeMB: count,
    priceRegion: optional(text),
    calibrations: list(coreCalibration),
    functions: list(functionForecast),
    notes: list(text),
  }),
  none: object<Extract<ForecastSection, { state: 'none' }>>({ state: exactly('none'), reason: text }),
});
