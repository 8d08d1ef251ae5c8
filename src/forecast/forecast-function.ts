import type { Band, ForecastPoint, MeasuredInvocation } from '../model/forecast.ts';
import type { Architecture } from '../model/target.ts';
import { MB_PER_VCPU } from '../model/vcpu.ts';
import type { TlsCpu } from './bursts.ts';
import { forecastDurations, type Place, summaryOf } from './forecast-durations.ts';
import { HOST_SPREAD, LATENCY_ERROR, MODEL_ERROR, OVERHEAD_MS } from './lambda-figures.ts';

/** Eight of ten values lie within this number of standard deviations. */
export const BAND_DEVIATIONS = 1.28;

/** The speed of Lambda's core relative to the core that ran the invocations. */
export interface CoreSpeed {
  /** The CPU time on Lambda for 1 ms of CPU time here. */
  readonly factor: number;
  /** The standard deviation of the factor's logarithm, without the spread of Lambda's hosts. */
  readonly error: number;
}

/** US dollars of Lambda's price list. */
export interface LambdaPrices {
  readonly gbSecondUsd: number;
  readonly millionRequestsUsd: number;
}

/** The setting for which a function is forecast. */
export interface ForecastSetting {
  readonly memoryMB: number;
  readonly architecture: Architecture;
  readonly core: CoreSpeed;
  /** The additional CPU time of TLS on Lambda's core. */
  readonly tls: TlsCpu;
  readonly prices?: LambdaPrices;
}

/** The measurements of a function on this machine. */
export interface MeasuredFunction {
  /** At least one invocation. */
  readonly warm: readonly MeasuredInvocation[];
  /** Cold starts. Their inits are forecast separately. */
  readonly cold: readonly MeasuredInvocation[];
}

const MILLION = 1e6;
const MS_PER_S = 1000;
const MB_PER_GB = 1024;

/**
 * Forecasts Duration, Billed Duration and cost of a function on Lambda at one memory size from its invocations here.
 * The limits of the median combine four independent errors: of the core's speed, of DynamoDB's latency, of the model,
 * and the spread of Lambda's hosts.
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

/** The median, with limits within which the true value lies in eight of ten cases. */
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
  const model = place.memoryMB < MB_PER_VCPU ? BAND_DEVIATIONS * MODEL_ERROR : 0;
  const { coreFactor } = place;
  // Without requests to the database, its latency changes nothing.
  const waits = invocations.some((invocation) => invocation.waits.length > 0);
  const medianWith = (latencyFactor: number) => (waits ? medianAt({ latencyFactor }) : value);
  const below = [medianAt({ coreFactor: coreFactor / core }), medianWith(1 / latency)];
  const above = [medianAt({ coreFactor: coreFactor * core }), medianWith(latency)];
  const joined = (medians: readonly number[]) =>
    Math.exp(Math.hypot(model, ...medians.map((median) => Math.log(median / value))));
  return { value, low: value / joined(below), high: value * joined(above) };
}

/**
 * The median of Init Duration plus Duration of a cold start.
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

/** The cost of a million invocations. The compute part has the relative limits of the median. */
function costBand(billedMs: number, median: Band, memoryMB: number, prices: LambdaPrices): Band {
  const compute = MILLION * (billedMs / MS_PER_S) * (memoryMB / MB_PER_GB) * prices.gbSecondUsd;
  const of = (share: number) => compute * share + prices.millionRequestsUsd;
  return { value: of(1), low: of(median.low / median.value), high: of(median.high / median.value) };
}

/** Whether the limits of a forecast differ by more than a factor of 2, which the output must say in words. */
export function isWide({ low, high }: Band): boolean {
  return high > 2 * low;
}
