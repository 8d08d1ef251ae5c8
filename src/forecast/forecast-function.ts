import type { Band, ForecastPoint, MeasuredInvocation } from '../model/forecast.ts';
import type { Architecture } from '../model/target.ts';
import type { TlsCpu } from './bursts.ts';
import { FULL_CORE_MEMORY_MB } from './cpu-share.ts';
import { forecastDurations, type Place, summaryOf } from './forecast-durations.ts';
import { HOST_SPREAD, LATENCY_ERROR, MODEL_ERROR, OVERHEAD_MS } from './lambda-figures.ts';

/** Eight of ten cases lie within so many standard deviations. */
export const BAND_DEVIATIONS = 1.28;

/** How Lambda's core compares with the one that the invocations ran on. */
export interface CoreSpeed {
  /** CPU time on Lambda for 1 ms of CPU time here. */
  readonly factor: number;
  /** The standard deviation of the factor's logarithm, the spread of Lambda's hosts left out. */
  readonly error: number;
}

/** US dollars of Lambda's price list. */
export interface LambdaPrices {
  readonly gbSecondUsd: number;
  readonly millionRequestsUsd: number;
}

/** Where a function is forecast. */
export interface ForecastSetting {
  readonly memoryMB: number;
  readonly architecture: Architecture;
  readonly core: CoreSpeed;
  /** What TLS adds to the CPU time on Lambda's core. */
  readonly tls: TlsCpu;
  readonly prices?: LambdaPrices;
}

/** What was measured of a function here. */
export interface MeasuredFunction {
  /** At least one. */
  readonly warm: readonly MeasuredInvocation[];
  /** Cold starts, their inits forecast apart. */
  readonly cold: readonly MeasuredInvocation[];
}

const MILLION = 1e6;
const MS_PER_S = 1000;
const MB_PER_GB = 1024;

/**
 * Duration, Billed Duration and cost of a function on Lambda at one memory size, from what its invocations did here.
 * The band of the median joins four errors that do not depend on each other: of the core's speed, of DynamoDB's latency,
 * of the model, and the spread of Lambda's hosts.
 */
export function forecastPoint(measured: MeasuredFunction, setting: ForecastSetting): ForecastPoint {
  const { memoryMB, architecture, core, prices } = setting;
  const place = placeOf(setting);
  const durations = forecastDurations(measured.warm, place);
  const warmMs = summaryOf(durations);
  const billedMs = durations.reduce((sum, ms) => sum + Math.ceil(ms), 0) / durations.length;
  const coreError = Math.hypot(core.error, HOST_SPREAD[architecture]);
  const warmP50 = medianBand(measured.warm, place, coreError, warmMs.p50);
  return {
    memoryMB,
    warmMs,
    warmP50,
    billedMs,
    ...(prices === undefined ? {} : { usd: costBand(billedMs, warmP50, memoryMB, prices) }),
  };
}

/**
 * The median with limits that contain it in eight of ten cases.
 * @param median the median in `place`, if the caller has computed it already, ms
 */
export function medianBand(
  invocations: readonly MeasuredInvocation[],
  place: Place,
  coreError: number,
  median?: number,
): Band {
  const medianAt = (change: Partial<Place>) =>
    summaryOf(forecastDurations(invocations, { ...place, ...change })).p50;
  const value = median ?? medianAt({});
  const core = Math.exp(BAND_DEVIATIONS * coreError);
  const latency = Math.exp(BAND_DEVIATIONS * LATENCY_ERROR);
  const model = place.memoryMB < FULL_CORE_MEMORY_MB ? BAND_DEVIATIONS * MODEL_ERROR : 0;
  const { coreFactor } = place;
  const below = [medianAt({ coreFactor: coreFactor / core }), medianAt({ latencyFactor: 1 / latency })];
  const above = [medianAt({ coreFactor: coreFactor * core }), medianAt({ latencyFactor: latency })];
  const joined = (medians: readonly number[]) =>
    Math.exp(Math.hypot(model, ...medians.map((median) => Math.log(median / value))));
  return { value, low: value / joined(below), high: value * joined(above) };
}

/**
 * Init Duration plus Duration of a cold start, median.
 * @param cold at least one
 */
export function coldBand(cold: readonly MeasuredInvocation[], init: Band, setting: ForecastSetting): Band {
  const coreError = Math.hypot(setting.core.error, HOST_SPREAD[setting.architecture]);
  const duration = medianBand(cold, placeOf(setting), coreError);
  return {
    value: init.value + duration.value,
    low: init.low + duration.low,
    high: init.high + duration.high,
  };
}

function placeOf({ memoryMB, core, tls }: ForecastSetting): Place {
  return { memoryMB, coreFactor: core.factor, overheadMs: OVERHEAD_MS, tls, latencyFactor: 1 };
}

/** The cost of a million invocations: the part for compute has the relative limits of the median. */
function costBand(billedMs: number, median: Band, memoryMB: number, prices: LambdaPrices): Band {
  const compute = MILLION * (billedMs / MS_PER_S) * (memoryMB / MB_PER_GB) * prices.gbSecondUsd;
  const of = (share: number) => compute * share + prices.millionRequestsUsd;
  return { value: of(1), low: of(median.low / median.value), high: of(median.high / median.value) };
}

/** Whether the limits of a band are more than a factor of 2 apart: such a forecast must say so in words. */
export function isWide({ low, high }: Band): boolean {
  return high > 2 * low;
}
