import { LAMBDA_DEFAULTS } from '../model/defaults.ts';
import {
  type Band,
  type CoreCalibration,
  FORECAST_MODEL,
  type ForecastPoint,
  type ForecastSection,
  type FunctionForecast,
  type InvocationColumns,
  type MeasuredInvocation,
} from '../model/forecast.ts';
import { counted } from '../model/number-text.ts';
import type { ReportedRun } from '../model/report.ts';
import { didItsWork } from '../model/run-work.ts';
import type { Architecture } from '../model/target.ts';
import { NO_TLS } from './bursts.ts';
import {
  BAND_DEVIATIONS,
  type CoreSpeed,
  coldBand,
  forecastPoint,
  isWide,
  type LambdaPrices,
  type MeasuredFunction,
} from './forecast-function.ts';
import { forecastInit } from './forecast-init.ts';
import {
  CALIBRATION_ERROR,
  HOST_SPREAD,
  type Language,
  lambdaHashNs,
  languageOf,
  SORT_CORRECTION,
  TLS_CPU,
  versionNumber,
} from './lambda-figures.ts';

/** The memory sizes of a curve, in MB, if no others are requested. 1,769 MB have one whole vCPU. */
export const FORECAST_SIZES_MB: readonly number[] = [
  128, 192, 256, 384, 512, 768, 1024, 1280, 1536, 1769, 2048, 3008,
];

/** The assumed code size of a function whose size was not recorded: that of a small native program. */
const SMALL_CODE_BYTES = 1.5e6;

/** Larger memory sizes are not worth their price if the fastest size gains less than this share. */
const WORTH_MORE_MEMORY = 0.1;

export interface ForecastOptions {
  readonly calibrations: readonly CoreCalibration[];
  /** Ascending memory sizes in MB. By default `FORECAST_SIZES_MB` and those of the functions. */
  readonly sizesMB?: readonly number[];
  /** By default that of the runs. */
  readonly architecture?: Architecture;
  /** A region, and its prices by architecture. Absent if no prices are known. */
  readonly prices?: { readonly region: string; readonly of: Readonly<Record<Architecture, LambdaPrices>> };
  /** The operating system of the machine that ran the functions, as returned by `os.type()`. */
  readonly os?: string;
}

/** Forecasts Lambda's durations for the runs of a report. If that is impossible, returns the reason. */
export function forecastRuns(runs: readonly ReportedRun[], options: ForecastOptions): ForecastSection {
  const measured = onePerFunction(runs.filter((run) => didItsWork(run) && run.invocations !== undefined));
  const [first] = measured;
  if (first?.invocations === undefined) return { state: 'none', reason: noCpuReason(options.os) };
  const architecture = options.architecture ?? first.architecture ?? LAMBDA_DEFAULTS.architecture;
  const memorySizeMB = first.memorySizeMB ?? LAMBDA_DEFAULTS.memorySizeMB;
  const sizes = options.sizesMB ?? withOwnSizes(measured);
  const functions = measured.flatMap((run) => forecastRun(run, sizes, architecture, options) ?? []);
  if (functions.length === 0) {
    const names = [...new Set(measured.map(({ lambdaRuntime }) => lambdaRuntime ?? 'an unknown runtime'))];
    return { state: 'none', reason: `there are no calibration figures for ${names.join(', ')}` };
  }
  return {
    state: 'made',
    model: FORECAST_MODEL,
    architecture,
    memorySizeMB,
    ...(options.prices === undefined ? {} : { priceRegion: options.prices.region }),
    calibrations: options.calibrations,
    functions,
    notes: notesOf(functions, onePerFunction(runs).length, architecture),
  };
}

/** At the full speed of a core a function does the same work at every memory size, so only its largest run is used. */
function onePerFunction(runs: readonly ReportedRun[]): ReportedRun[] {
  const calls = ({ invocations }: ReportedRun) => invocations?.durationMs.length ?? 0;
  const largest = new Map<string, ReportedRun>();
  for (const run of runs) {
    const key = `${run.runtime} ${run.route}`;
    const known = largest.get(key);
    if (known === undefined || calls(run) > calls(known)) largest.set(key, run);
  }
  return [...largest.values()];
}

function noCpuReason(os: string | undefined): string {
  return os === undefined || /linux/i.test(os)
    ? 'the local cloud wrote no CPU times of the invocations'
    : `${os} does not tell the CPU time of another process finely enough; Linux does`;
}

function withOwnSizes(runs: readonly ReportedRun[]): number[] {
  const own = runs.flatMap(({ memorySizeMB }) => memorySizeMB ?? []);
  return [...new Set([...FORECAST_SIZES_MB, ...own])].sort((a, b) => a - b);
}

function forecastRun(
  run: ReportedRun,
  sizes: readonly number[],
  architecture: Architecture,
  options: ForecastOptions,
): FunctionForecast | undefined {
  const language = languageOf(run.lambdaRuntime ?? '');
  const core = coreSpeed(language, architecture, options.calibrations);
  const measured = run.invocations === undefined ? undefined : measuredFunction(run.invocations);
  if (language === undefined || core === undefined) return undefined;
  if (measured === undefined || measured.warm.length === 0) return undefined;
  const prices = options.prices?.of[architecture];
  const native = coreSpeed('native', 'x86_64', options.calibrations);
  const init = forecastInit(
    measured.cold,
    language,
    architecture,
    (native ?? core).factor,
    run.bundle?.unzippedBytes ?? SMALL_CODE_BYTES,
  );
  const points = sizes
    .filter((memoryMB) => memoryMB >= usedMemoryMB(run))
    .map((memoryMB): ForecastPoint => {
      const setting = {
        memoryMB,
        architecture,
        core,
        // With --as-lambda, functions reach the database over TLS: their CPU time includes it.
        tls: run.enforcedCpu === undefined ? TLS_CPU[language] : NO_TLS,
        ...(prices === undefined ? {} : { prices }),
      };
      const point = forecastPoint(measured, setting);
      return init === undefined ? point : { ...point, coldP50: coldBand(measured.cold, init, setting) };
    });
  if (points.length === 0) return undefined;
  return {
    runId: run.runId,
    route: run.route,
    runtime: run.runtime,
    points,
    ...chosenSizes(points),
    ...(init === undefined ? {} : { initMs: init }),
    coreFactor: factorBand(core, architecture),
    invocations: measured.warm.length,
  };
}

/** The largest memory that a function used here, MB. Lambda would kill it at a smaller size. */
function usedMemoryMB({ server }: ReportedRun): number {
  if (server.state !== 'measured') return 0;
  return Math.max(server.warm?.memoryMB.max ?? 0, server.cold?.memoryMB.max ?? 0);
}

/**
 * The sizes with the lowest cost and the lowest median, and the size above which a larger one gains less than a tenth.
 */
export function chosenSizes(
  points: readonly ForecastPoint[],
): Pick<FunctionForecast, 'cheapestMB' | 'fastestMB' | 'enoughMB'> {
  const fastestMs = Math.min(...points.map(({ warmMs }) => warmMs.mean));
  const size = (holds: (point: ForecastPoint) => boolean) => points.find(holds)?.memoryMB ?? 0;
  const lowestUsd = Math.min(...points.flatMap(({ usd }) => usd?.value ?? []));
  const cheapest = points.find(({ usd }) => usd?.value === lowestUsd);
  return {
    ...(cheapest === undefined ? {} : { cheapestMB: cheapest.memoryMB }),
    fastestMB: size(({ warmMs }) => warmMs.mean <= fastestMs * 1.001),
    enoughMB: size(({ warmMs }) => warmMs.mean * (1 - WORTH_MORE_MEMORY) <= fastestMs),
  };
}

/**
 * The speed of Lambda's core relative to this machine's in the language of a run. Undefined without a calibration loop
 * for it.
 */
function coreSpeed(
  language: Language | undefined,
  architecture: Architecture,
  calibrations: readonly CoreCalibration[],
): CoreSpeed | undefined {
  const here = calibrations.find((calibration) => calibration.language === language);
  if (language === undefined || here === undefined) return undefined;
  const version = versionNumber(language, here.version ?? '');
  return {
    factor: (lambdaHashNs(language, version, architecture) / here.hashNs) * SORT_CORRECTION[language],
    error: CALIBRATION_ERROR[language],
  };
}

function factorBand({ factor, error }: CoreSpeed, architecture: Architecture): Band {
  const width = Math.exp(BAND_DEVIATIONS * Math.hypot(error, HOST_SPREAD[architecture]));
  return { value: factor, low: factor / width, high: factor * width };
}

/** The invocations of a run, separated into warm and cold. */
export function measuredFunction(columns: InvocationColumns): MeasuredFunction {
  const all = columns.durationMs.map((durationMs, index): MeasuredInvocation => {
    const [initMs, initCpuMs] = [columns.initMs[index], columns.initCpuMs[index]];
    const flat = columns.waits[index] ?? [];
    return {
      durationMs,
      cpuMs: columns.cpuMs[index] ?? 0,
      queuedMs: columns.queuedMs[index] ?? 0,
      waits: Array.from({ length: Math.floor(flat.length / 4) }, (_, wait) => ({
        operation: columns.operations[flat[4 * wait] ?? 0] ?? '',
        startMs: flat[4 * wait + 1] ?? 0,
        ms: flat[4 * wait + 2] ?? 0,
        opensConnection: flat[4 * wait + 3] === 1,
      })),
      ...(initMs == null ? {} : { init: { durationMs: initMs, cpuMs: initCpuMs ?? initMs } }),
    };
  });
  return {
    warm: all.filter(({ init }) => init === undefined),
    cold: all.filter(({ init }) => init !== undefined),
  };
}

function notesOf(
  functions: readonly FunctionForecast[],
  measuredFunctions: number,
  architecture: Architecture,
): string[] {
  const countWide = (band: (point: ForecastPoint) => Band | undefined) => {
    const isWideAt = (point: ForecastPoint) => {
      const limits = band(point);
      return limits !== undefined && isWide(limits);
    };
    return functions.filter(({ points }) => points.some(isWideAt)).length;
  };
  const [wideWarm, wideCold] = [countWide(({ warmP50 }) => warmP50), countWide(({ coldP50 }) => coldP50)];
  const shareText = (count: number) =>
    count === functions.length ? 'all functions' : `${count} of ${functions.length} functions`;
  const leftOut = measuredFunctions - functions.length;
  return [
    `Forecast, not measured: what ${architecture} hosts of Lambda would take, from the CPU time and the waits of each invocation here. The limits hold in eight of ten cases.`,
    ...(wideWarm === 0
      ? []
      : [
          `Of ${shareText(wideWarm)} the limits are more than a factor of 2 apart: such a forecast shows an order of magnitude, but no small differences.`,
        ]),
    ...(wideCold === 0
      ? []
      : [`The limits of a cold start are more than a factor of 2 apart for ${shareText(wideCold)}.`]),
    ...(leftOut === 0
      ? []
      : [
          `${leftOut} of ${counted(measuredFunctions, 'function')} ${leftOut === 1 ? 'has' : 'have'} no forecast: calls that were not answered as expected, no warm invocation, no CPU times, no calibration figures for the runtime, or more memory needed than every size has.`,
        ]),
  ];
}
