import type { ComparedMetric } from '../../model/comparison.ts';
import { percentileName } from '../../model/percentiles.ts';
import type { ReportedRun, Samples, Temperature } from '../../model/report.ts';
import { rowsOf } from '../../model/sample-rows.ts';
import { ROW_STATUS } from '../rows/samples.ts';
import type { Observation } from '../statistics/estimate.ts';
import { mean, summarize } from '../statistics/statistics.ts';

/** A column of REPORT rows. */
export type Column = 'durationMs' | 'initMs' | 'billedMs' | 'memoryMB';

/** The figures of one function at one temperature on one side. */
export interface Side {
  readonly count: number;
  readonly values: ReadonlyMap<ComparedMetric, number>;
  /** The rows of each of its runs. Undefined if a run has no rows. */
  readonly samples?: readonly Samples[];
  readonly temperature: Temperature;
}

/**
 * The figures of one function over the rows of all its runs. If a run has no rows, they are the aggregated figures of
 * the last run. Undefined if nothing was measured.
 *
 * @param percentiles of the duration, in (0, 100]
 */
export function measureSide(
  runs: readonly ReportedRun[],
  temperature: Temperature,
  percentiles: readonly number[],
): Side | undefined {
  const samples = runs.flatMap(({ server }) =>
    server.state === 'measured' && server.samples !== undefined ? [server.samples] : [],
  );
  if (samples.length < runs.length || samples.length === 0) {
    return sideOfGroup(runs.at(-1), temperature, percentiles);
  }
  const valuesOf = (column: Column) =>
    samples.flatMap((one) => rowsOf(one, temperature).map((row) => one[column][row] ?? Number.NaN));
  const duration = summarize(valuesOf('durationMs'), percentiles);
  if (duration?.max === undefined) return undefined;
  const failed = samples.reduce(
    (total, one) =>
      total + rowsOf(one, temperature).filter((row) => one.status[row] !== ROW_STATUS.ok).length,
    0,
  );
  const values = new Map<ComparedMetric, number>();
  for (const percent of percentiles) {
    values.set(percentileName(percent), duration[percentileName(percent)] ?? duration.max);
  }
  values.set('avg', duration.mean).set('max', duration.max);
  if (temperature === 'cold') values.set('init', mean(valuesOf('initMs')) ?? 0);
  values.set('billed', mean(valuesOf('billedMs')) ?? 0).set('memory', mean(valuesOf('memoryMB')) ?? 0);
  values.set('errors', failed / duration.count);
  return { count: duration.count, values, samples, temperature };
}

function sideOfGroup(
  run: ReportedRun | undefined,
  temperature: Temperature,
  percentiles: readonly number[],
): Side | undefined {
  const group = run?.server.state === 'measured' ? run.server[temperature] : undefined;
  if (group === undefined) return undefined;
  const values = new Map<ComparedMetric, number>();
  for (const percent of percentiles) {
    const name = percentileName(percent);
    const value: number | undefined = group.durationMs[name];
    if (value !== undefined) values.set(name, value);
  }
  values.set('avg', group.durationMs.mean);
  if (group.durationMs.max !== undefined) values.set('max', group.durationMs.max);
  if (group.initMs !== undefined) values.set('init', group.initMs.mean);
  values.set('billed', group.billedMs.mean).set('memory', group.memoryMB.mean);
  values.set('errors', (group.errors + group.timeouts) / group.count);
  return { count: group.count, values, temperature };
}

/** The rows of a side as observations of one column, one list per run. */
export function observationsOf({ samples = [], temperature }: Side, column: Column): Observation[][] {
  return samples.map((one) =>
    rowsOf(one, temperature).map((row) => ({
      round: one.round[row] ?? 0,
      environment: one.environment[row] ?? 0,
      value: one[column][row] ?? Number.NaN,
    })),
  );
}

/** The most memory that each environment of a side used, one list per run, one observation per environment. */
export function peakMemories(side: Side): Observation[][] {
  return observationsOf(side, 'memoryMB').map((rows) => {
    const peaks = new Map<number, Observation>();
    for (const row of rows) {
      const known = peaks.get(row.environment);
      if (known === undefined || row.value > known.value) peaks.set(row.environment, row);
    }
    return [...peaks.values()];
  });
}
