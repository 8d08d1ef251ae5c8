import type { Band, MeasuredInvocation } from '../model/forecast.ts';
import type { Architecture } from '../model/target.ts';
import { BAND_DEVIATIONS } from './forecast-function.ts';
import { HOST_SPREAD, INIT, INIT_ERROR, type Language } from './lambda-figures.ts';

const BYTES_PER_MB = 1e6;

/**
 * Returns the forecast of Init Duration on Lambda, in ms, from the CPU time of the inits here and the size of the
 * function's code. Undefined if no cold start was measured. Init has a whole core at every memory size. The lower quartile
 * of the inits is used, because other programs can only lengthen them. The core is calibrated with the shortest of many
 * timings for the same reason.
 * @param nativeFactor CPU time of native code on Lambda's x86_64 hosts for 1 ms of CPU time here
 * @param unzippedBytes the size of the function's code
 */
export function forecastInit(
  cold: readonly MeasuredInvocation[],
  language: Language,
  architecture: Architecture,
  nativeFactor: number,
  unzippedBytes: number,
): Band | undefined {
  const inits = cold.flatMap(({ init }) => (init === undefined ? [] : [init.cpuMs])).sort((a, b) => a - b);
  const quartile = inits[Math.ceil(inits.length / 4) - 1];
  if (quartile === undefined) return undefined;
  const readMs = (unzippedBytes / BYTES_PER_MB) * INIT.perCodeMBMs;
  const onX86 = INIT.startMs + quartile * nativeFactor * INIT.perCpuMs[language] + readMs;
  const value = onX86 * (architecture === 'arm64' ? INIT.armFactor : 1);
  const width = Math.exp(BAND_DEVIATIONS * Math.hypot(INIT_ERROR, HOST_SPREAD[architecture]));
  return { value, low: value / width, high: value * width };
}
