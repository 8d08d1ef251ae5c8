import type { BundleSize } from '../model/deployment.ts';
import type { ForecastPoint } from '../model/forecast.ts';
import type { Median } from '../model/interval.ts';
import type { Completeness, ForcedColdStarts } from '../model/report.ts';
import type { SweepPoint } from '../model/sweep.ts';
import type { Figure, Place } from './figure.ts';

/**
 * The figures of the tables beside the report's own: those of forced cold starts, of a sweep over memory sizes, and of
 * a forecast. They are written like the figures of the catalogue.
 */

/** Shown as a column of its own table, in every format. */
const SHOWN: readonly Place[] = ['table', 'wide', 'markdown', 'html'];
const EXPECTED = 'How many rows there should be. Absent if no load of shedbench made the calls.';

/** The members of a median in the JSON report, and its interval. */
function median<Subject>(
  member: string,
  of: (subject: Subject) => Median | undefined,
): Pick<Figure<Subject>, 'members' | 'unit' | 'value' | 'interval'> {
  return {
    members: [`${member}.p50`],
    unit: 'ms',
    value: (subject) => of(subject)?.p50,
    interval: (subject) => of(subject)?.interval,
  };
}

/** The forced cold starts of one run. */
export const COLD_START_FIGURES: readonly Figure<ForcedColdStarts>[] = [
  {
    name: 'run_forced_cold_starts',
    members: ['found'],
    unit: 'count',
    heading: 'starts',
    description: 'The number of REPORT rows of forced cold starts that were found.',
    value: ({ found }) => found,
    places: SHOWN,
  },
  {
    name: 'run_forced_cold_wait_p50_ms',
    heading: 'wait',
    description: "The caller's latency, from the send to the end of the answer.",
    ...median('waitMs', ({ waitMs }) => waitMs),
    places: SHOWN,
  },
  {
    name: 'run_forced_cold_init_p50_ms',
    heading: 'init',
    description: 'Init Duration.',
    ...median('initMs', ({ initMs }) => initMs),
    places: SHOWN,
  },
  {
    name: 'run_forced_cold_duration_p50_ms',
    heading: 'init + call',
    description: 'Init Duration plus Duration.',
    ...median('durationMs', ({ durationMs }) => durationMs),
    places: SHOWN,
  },
  {
    name: 'run_forced_cold_unseen_ms',
    members: ['unseenMs'],
    unit: 'ms',
    heading: 'the rest',
    description:
      "The rest of the caller's latency, which no REPORT line shows: the difference of the medians.",
    value: ({ unseenMs }) => unseenMs,
    places: SHOWN,
  },
];

/** The size of the code of one run's function. */
export const BUNDLE_FIGURES: readonly Figure<BundleSize>[] = [
  bundle('run_zip_bytes', 'zipBytes', 'zip kB', 'The size of the zip.'),
  bundle('run_unzipped_bytes', 'unzippedBytes', 'unzipped', 'The size of its files.'),
  bundle(
    'run_sdk_bytes',
    'sdkBytes',
    'SDK',
    'How much of the files is the AWS SDK with its dependencies; 0 where the runtime brings it. Absent where a compiler merged it with the rest.',
  ),
];

function bundle(
  name: string,
  member: keyof BundleSize & string,
  heading: string,
  description: string,
): Figure<BundleSize> {
  return {
    ...{ name, members: [member], unit: 'bytes', heading, description },
    value: (size) => size[member],
    places: SHOWN,
  };
}

/** The memory size of a row, in the tables over memory sizes. */
export const MEMORY_SIZE: Figure<{ readonly memorySizeMB: number }> = {
  name: 'memory_size_mb',
  members: ['memorySizeMB'],
  unit: 'size',
  heading: 'MB',
  description: 'The memory size of the function.',
  value: ({ memorySizeMB }) => memorySizeMB,
  places: SHOWN,
};

/** One memory size of one function of a sweep. It has no figures if the function ran out of memory. */
export const SWEEP_FIGURES: readonly Figure<Omit<SweepPoint, 'runId'>>[] = [
  {
    name: 'warm_p50_ms',
    heading: 'warm',
    description: 'The median of the warm durations; the interval is over rounds.',
    ...median('warmMs', ({ warmMs }) => warmMs),
    places: SHOWN,
  },
  {
    name: 'cold_p50_ms',
    heading: 'cold',
    description: 'The median of the cold durations, init included; the interval is over environments.',
    ...median('coldMs', ({ coldMs }) => coldMs),
    places: SHOWN,
  },
  {
    name: 'usd_per_million_compute',
    members: ['computeUsd.value'],
    unit: 'USD',
    heading: 'compute',
    description: "Lambda's compute for a million warm calls; the interval is over rounds.",
    value: ({ computeUsd }) => computeUsd?.value,
    interval: ({ computeUsd }) => computeUsd?.interval,
    places: SHOWN,
  },
  {
    name: 'usd_per_million_cold_compute',
    members: ['coldComputeUsd.value'],
    unit: 'USD',
    heading: 'cold compute',
    description:
      "Lambda's compute for a million cold calls, init included, by their median; the interval is over environments.",
    value: ({ coldComputeUsd }) => coldComputeUsd?.value,
    interval: ({ coldComputeUsd }) => coldComputeUsd?.interval,
    places: SHOWN,
  },
];

/** The quantities of a forecast: the beginning of the member's name in JSON, and what it is. */
const FORECASTS = {
  memoryMB: 'The memory size.',
  warmMs: 'Duration of warm invocations.',
  warmP50: 'The limits of the warm median, ms.',
  billedMs: 'Billed Duration of warm invocations, mean.',
  usd: 'US dollars of Lambda per million warm invocations, compute and requests.',
  coldP50: 'Init Duration plus Duration of a cold start, median, ms. Absent if no cold start was measured.',
} as const;

/** One memory size of one function of a forecast. The columns of tables that have no heading bear a runtime's name. */
export const FORECAST_MEMORY = forecast('memory_mb', 'memoryMB', 'size', ({ memoryMB }) => memoryMB, 'MB');
export const FORECAST_USD = forecast('usd_per_million', 'usd.value', 'USD', ({ usd }) => usd?.value, '$');
export const FORECAST_FIGURES: readonly Figure<ForecastPoint>[] = [
  FORECAST_MEMORY,
  forecast('warm_avg_ms', 'warmMs.mean', 'ms', ({ warmMs }) => warmMs.mean),
  forecast('warm_p50_ms', 'warmMs.p50', 'ms', ({ warmMs }) => warmMs.p50),
  forecast('warm_p50_low_ms', 'warmP50.low', 'ms', ({ warmP50 }) => warmP50.low),
  forecast('warm_p50_high_ms', 'warmP50.high', 'ms', ({ warmP50 }) => warmP50.high),
  forecast('warm_p90_ms', 'warmMs.p90', 'ms', ({ warmMs }) => warmMs.p90),
  forecast('warm_p99_ms', 'warmMs.p99', 'ms', ({ warmMs }) => warmMs.p99),
  forecast('billed_avg_ms', 'billedMs', 'ms', ({ billedMs }) => billedMs),
  FORECAST_USD,
  forecast('usd_per_million_low', 'usd.low', 'USD', ({ usd }) => usd?.low),
  forecast('usd_per_million_high', 'usd.high', 'USD', ({ usd }) => usd?.high),
  forecast('cold_p50_ms', 'coldP50.value', 'ms', ({ coldP50 }) => coldP50?.value),
  forecast('cold_p50_low_ms', 'coldP50.low', 'ms', ({ coldP50 }) => coldP50?.low),
  forecast('cold_p50_high_ms', 'coldP50.high', 'ms', ({ coldP50 }) => coldP50?.high),
];

function forecast(
  name: string,
  member: `${keyof typeof FORECASTS}${'' | `.${string}`}`,
  unit: 'ms' | 'size' | 'USD',
  value: (point: ForecastPoint) => number | undefined,
  heading = '',
): Figure<ForecastPoint> {
  const quantity = member.split('.')[0] as keyof typeof FORECASTS;
  return {
    ...{ name, members: [member], unit, heading, value },
    description: FORECASTS[quantity],
    places: heading === '' ? [] : SHOWN,
  };
}

/** The rows of a run's queries, and how many there should be. */
export const ROWS_FIGURES: readonly Figure<Completeness>[] = [
  rows(
    'found',
    'found',
    'The number of rows of different requests, unreadable ones included.',
    ({ found }) => found,
  ),
  rows('expected_min', 'expected.min', EXPECTED, ({ expected }) => expected?.min),
  rows('expected_max', 'expected.max', EXPECTED, ({ expected }) => expected?.max),
];

function rows(
  name: string,
  member: string,
  description: string,
  value: (of: Completeness) => number | undefined,
): Figure<Completeness> {
  return {
    ...{ name: `run_rows_${name}`, members: [member], unit: 'count', heading: '', description },
    value,
    places: [],
  };
}
