import { join } from 'node:path';
import { forecastRuns } from '../../../src/forecast/forecast-report.ts';
import type { MadeForecast } from '../../../src/model/forecast.ts';
import type { Report } from '../../../src/model/report.ts';
import { ROUTE_SPECS, ROUTES } from '../../../src/model/route.ts';
import { localReport } from './local-runs.ts';
import { readRows } from './public-data.ts';

/** A warm function of the published table, beside its forecast from a local run. */
export interface PublishedRow {
  readonly runtime: string;
  readonly route: string;
  readonly publishedMs: number;
  readonly forecastMs: number;
  readonly lowMs: number;
  readonly highMs: number;
}

const FILE = 'published-shed-2024-11.csv';
/** The calls of each published load. */
const PUBLISHED_CALLS = 1000;
/** Of a thousand weights from 80 to 160 billion µg so many are prime: one of 25.5, by the prime number theorem. */
const PRIME_SHEEP = 39;

/**
 * How many wolves to send one at a time, so that the same share of them finds prey as of the published ones. A wolf divides
 * each sheep of prime weight by 33,860 primes, so its time depends on how many such sheep are left.
 *
 * The published wolves ran a hundred at a time. One won each sheep, the others lost the race, and curl sent those again:
 * the rows beyond a thousand. The rest found no prey. This uses the published counts, not the published times.
 */
export function wolfCalls(language: string): number {
  const rows = readRows(FILE)
    .filter((row) => row.language === language && row.function === ROUTE_SPECS.wolf.functionSuffix)
    .reduce((sum, row) => sum + Number(row.count), 0);
  const huntedShare = (rows - PUBLISHED_CALLS + PRIME_SHEEP) / rows;
  return Math.round(PRIME_SHEEP / huntedShare);
}

/** The published shed, written as it was published, on a local cloud: a thousand sheep, as then. */
export function asPublishedReport(): Promise<Report> {
  const examples = join(process.cwd(), 'examples', 'as-published');
  return localReport(
    ['rust', 'python'].map((name) => join(examples, name)),
    [
      // One call at a time, as the loops of the calibration run.
      { route: 'sheep', calls: 1000, parallel: 1 },
      { route: 'cat', calls: 40, parallel: 1 },
      { route: 'dog', calls: 60, parallel: 1 },
      ...['rust', 'python'].map((language) => ({
        route: 'wolf',
        calls: wolfCalls(language),
        parallel: 1,
        runtime: `${language}-published`,
      })),
    ],
  );
}

/** The forecast for 128 MB on arm64, where the published figures come from. @throws Error where there is none */
export function asPublishedForecast({ runs, forecast }: Report): MadeForecast {
  if (forecast?.state !== 'made') throw new Error(forecast?.reason ?? 'the report has no forecast');
  const made = forecastRuns(runs, {
    calibrations: forecast.calibrations,
    architecture: 'arm64',
    sizesMB: [128],
  });
  if (made.state !== 'made') throw new Error(made.reason);
  return made;
}

/** The warm rows of the published table that have a forecast: averages of both. */
export function publishedRows(forecast: MadeForecast): PublishedRow[] {
  const published = readRows(FILE).filter((row) => row.cold_start === 'no');
  return ROUTES.flatMap((route) =>
    published.flatMap((row): PublishedRow[] => {
      const found = forecast.functions.find(
        (one) =>
          one.route === route &&
          one.runtime === `${row.language}-published` &&
          row.function === ROUTE_SPECS[route].functionSuffix,
      );
      const point = found?.points[0];
      if (found === undefined || point === undefined) return [];
      const { warmMs, warmP50 } = point;
      return [
        {
          runtime: row.language ?? '',
          route,
          publishedMs: Number(row['avg_duration_ms(init+duration when cold)']),
          forecastMs: warmMs.mean,
          lowMs: (warmMs.mean * warmP50.low) / warmP50.value,
          highMs: (warmMs.mean * warmP50.high) / warmP50.value,
        },
      ];
    }),
  );
}

/** The ratios of Python to Rust: published, forecast, and the one over the other. */
export function ratioRows(rows: readonly PublishedRow[]) {
  return ROUTES.flatMap((route) => {
    const of = (runtime: string) => rows.find((row) => row.route === route && row.runtime === runtime);
    const [python, rust] = [of('python'), of('rust')];
    if (python === undefined || rust === undefined) return [];
    const published = python.publishedMs / rust.publishedMs;
    const forecast = python.forecastMs / rust.forecastMs;
    return [{ route, published, forecast, factor: forecast / published }];
  });
}
