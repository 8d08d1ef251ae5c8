import { describe, expect, test } from 'vitest';
import { NO_TLS } from '../../src/forecast/bursts.ts';
import {
  coldBand,
  type ForecastSetting,
  forecastPoint,
  isWide,
} from '../../src/forecast/forecast-function.ts';
import { forecastInit } from '../../src/forecast/forecast-init.ts';
import {
  INIT,
  lambdaHashNs,
  languageOf,
  OVERHEAD_MS,
  versionNumber,
} from '../../src/forecast/lambda-figures.ts';
import type { MeasuredInvocation } from '../../src/model/forecast.ts';

const busy = (cpuMs: number): MeasuredInvocation => ({ durationMs: cpuMs, cpuMs, queuedMs: 0, waits: [] });
const put = (cpuMs: number): MeasuredInvocation => ({
  durationMs: cpuMs + 1,
  cpuMs,
  queuedMs: 0,
  waits: [{ operation: 'PutItem', startMs: cpuMs / 2, ms: 1, opensConnection: true }],
});

const FULL: ForecastSetting = {
  memoryMB: 1769,
  architecture: 'x86_64',
  core: { factor: 1.5, error: 0 },
  tls: NO_TLS,
  prices: { gbSecondUsd: 0.00001, millionRequestsUsd: 0.2 },
};

describe('the forecast of one function at one memory size', () => {
  test('the forecast of one function at one memory size is the CPU time of Lambda’s core and the service’s own work where a whole core is there', () => {
    const { warmMs, billedMs } = forecastPoint({ warm: [busy(10)], cold: [] }, FULL);
    expect(warmMs.p50).toBeCloseTo(15 + OVERHEAD_MS, 9);
    expect(billedMs).toBe(17);
  });

  test('the forecast cost is that of the billed time at the memory size and of the request', () => {
    const { usd } = forecastPoint({ warm: [busy(10)], cold: [] }, FULL);
    expect(usd?.value).toBeCloseTo(1e6 * 0.017 * (1769 / 1024) * 0.00001 + 0.2, 9);
  });

  test('the forecast of one function at one memory size has no cost without prices', () => {
    const { prices: _, ...unpriced } = FULL;
    expect(forecastPoint({ warm: [busy(10)], cold: [] }, unpriced).usd).toBeUndefined();
  });

  test('the forecast of one function at one memory size has a band that holds the spread of Lambda’s hosts, even if the calibration had no error', () => {
    const { warmP50 } = forecastPoint({ warm: [busy(1000)], cold: [] }, FULL);
    expect(warmP50.high / warmP50.value).toBeCloseTo(Math.exp(1.28 * 0.07), 2);
    expect(warmP50.value / warmP50.low).toBeCloseTo(Math.exp(1.28 * 0.07), 2);
  });

  test('the forecast of one function at one memory size has a wider band the less the calibration knows, and the error of the model below a whole core', () => {
    const widthOf = (setting: ForecastSetting) => {
      const { low, high } = forecastPoint({ warm: [busy(1000)], cold: [] }, setting).warmP50;
      return high / low;
    };
    const unsure = { ...FULL, core: { factor: 1.5, error: 0.3 } };
    expect(widthOf(unsure)).toBeGreaterThan(widthOf(FULL) * 1.5);
    expect(widthOf({ ...FULL, memoryMB: 128 })).toBeGreaterThan(widthOf(FULL) * 1.1);
  });

  test('the forecast of one function at one memory size has a band that holds the error of DynamoDB’s latency, and not that of the core, where it waits', () => {
    const { warmP50 } = forecastPoint({ warm: [put(0.01)], cold: [] }, FULL);
    expect(warmP50.high).toBeGreaterThan(warmP50.value + 1);
    expect(warmP50.low).toBeLessThan(warmP50.value - 1);
  });

  test('the forecast of one function at one memory size is said to be wide from a factor of 2 between its limits on', () => {
    expect(isWide({ value: 1.4, low: 1, high: 2 })).toBe(false);
    expect(isWide({ value: 1.4, low: 1, high: 2.01 })).toBe(true);
  });
});

describe('the forecast of a cold start', () => {
  const init = { value: 100, low: 80, high: 125 };

  test('the forecast of a cold start is the init at a whole core and the first call under the share', () => {
    const { value } = coldBand([busy(1)], init, { ...FULL, memoryMB: 128 });
    expect(value).toBeCloseTo(100 + 1.5 + OVERHEAD_MS, 6);
  });

  test('the forecast of a cold start has the TLS connection that its first call opens', () => {
    const without = coldBand([put(1)], init, FULL).value;
    const { value } = coldBand([put(1)], init, { ...FULL, tls: { connectionMs: 54, requestMs: 0 } });
    expect(value).toBeCloseTo(without + 54, 6);
  });

  test('the forecast of a cold start has an init in proportion to its CPU time and to the size of the code, above what the start of any environment takes', () => {
    const cold = (cpuMs: number): MeasuredInvocation => ({ ...busy(1), init: { durationMs: cpuMs, cpuMs } });
    const { startMs, perCpuMs, perCodeMBMs, armFactor } = INIT;
    expect(forecastInit([cold(40)], 'node', 'x86_64', 1, 0)?.value).toBeCloseTo(
      startMs + 40 * perCpuMs.node,
      9,
    );
    expect(forecastInit([cold(40)], 'node', 'x86_64', 2, 0)?.value).toBeCloseTo(
      startMs + 80 * perCpuMs.node,
      9,
    );
    const ofTwoMB = startMs + 40 * perCpuMs.python + 2 * perCodeMBMs;
    expect(forecastInit([cold(40)], 'python', 'x86_64', 1, 2e6)?.value).toBeCloseTo(ofTwoMB, 9);
    expect(forecastInit([cold(40)], 'python', 'arm64', 1, 2e6)?.value).toBeCloseTo(ofTwoMB * armFactor, 9);
    expect(forecastInit([busy(1)], 'node', 'x86_64', 1, 0)).toBeUndefined();
  });

  test('the forecast of an init uses the lower quartile of the inits, since other programs only lengthen them', () => {
    const cold = (cpuMs: number): MeasuredInvocation => ({ ...busy(1), init: { durationMs: cpuMs, cpuMs } });
    const inits = [90, 41, 60, 40, 55, 42, 80, 70].map(cold);
    const ofQuartile = forecastInit([cold(41)], 'python', 'x86_64', 1, 0);
    expect(forecastInit(inits, 'python', 'x86_64', 1, 0)).toEqual(ofQuartile);
  });
});

describe('the calibration figures', () => {
  test.each([
    ['nodejs24.x', 'node', 24],
    ['python3.9', 'python', 9],
    ['python3.13', 'python', 13],
    ['provided.al2023', 'native', 0],
  ] as const)('the calibration figures have the language and version of %s', (runtime, language, version) => {
    expect(languageOf(runtime)).toBe(language);
    expect(versionNumber(language, runtime)).toBe(version);
  });

  test('a runtime without calibration figures has no language', () => {
    expect(languageOf('java21')).toBeUndefined();
    expect(languageOf('ruby3.4')).toBeUndefined();
  });

  test('the calibration figures take the version of an interpreter as it says it itself', () => {
    expect(versionNumber('node', '20.20.2')).toBe(20);
    expect(versionNumber('python', '3.11.7')).toBe(11);
  });

  test('the calibration figures are those of the newest version that is not newer than the interpreter', () => {
    expect(lambdaHashNs('python', 11, 'x86_64')).toBe(677);
    expect(lambdaHashNs('python', 12, 'x86_64')).toBe(774);
    expect(lambdaHashNs('python', 15, 'x86_64')).toBe(764);
    expect(lambdaHashNs('node', 20, 'x86_64')).toBe(3364);
    expect(lambdaHashNs('native', 0, 'arm64')).toBeCloseTo(308 * 1.04, 9);
  });
});
