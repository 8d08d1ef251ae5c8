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

/** The published shed, written as it was published, on a local cloud: a thousand sheep, as then. */
export function asPublishedReport(): Report {
  const examples = join(process.cwd(), 'examples', 'as-published');
  return localReport(
    ['rust', 'python'].map((name) => join(examples, name)),
    [
      { route: 'sheep', calls: 1000, parallel: 2 },
      { route: 'cat', calls: 40, parallel: 2 },
      { route: 'dog', calls: 60, parallel: 2 },
      // One at a time: a wolf that loses a race answers 500 here, as then.
      { route: 'wolf', calls: 30, parallel: 1 },
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
  const published = readRows('published-shed-2024-11.csv').filter((row) => row.cold_start === 'no');
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
    const [python, rust] = [of('python-published'), of('rust-published')];
    if (python === undefined || rust === undefined) return [];
    const published = python.publishedMs / rust.publishedMs;
    const forecast = python.forecastMs / rust.forecastMs;
    return [{ route, published, forecast, factor: forecast / published }];
  });
}
