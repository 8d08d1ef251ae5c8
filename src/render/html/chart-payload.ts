import { nearestRank } from '../../model/nearest-rank.ts';
import type { Report, ReportedRun, Samples, Temperature } from '../../model/report.ts';
import { FEWEST_FOR_MEDIAN } from '../../model/run-work.ts';
import { groupOf, type RouteView } from '../report-view.ts';
import type { ChartPayload, Distribution, OverTime, SeriesPayload } from './charts/payload.ts';

/** Shares at which a distribution of many values is kept: even steps, and finer towards the tails. */
const SHARES = [
  0.001,
  0.005,
  ...Array.from({ length: 99 }, (_, index) => (index + 1) / 100),
  0.993,
  0.995,
  0.997,
  0.999,
  0.9995,
  0.9999,
];
const SLICES = 60;
/** A screen has no more pixels than four digits tell apart. */
const DIGITS = 4;

const short = (value: number) => Number(value.toPrecision(DIGITS));

/** The empirical distribution of some values: all of them where they are few, else at fixed shares and both ends. */
export function distributionOf(values: readonly number[]): Distribution | undefined {
  const order = Float64Array.from(values).sort();
  const count = order.length;
  const [min, max] = [order[0], order[count - 1]];
  if (min === undefined || max === undefined) return undefined;
  const ranks =
    count <= SHARES.length
      ? Array.from({ length: count }, (_, index) => index + 1)
      : [...new Set([1, ...SHARES.map((share) => nearestRank(share, count)), count])];
  const points = new Map<number, number>([[short(min), 0]]);
  // Of equal values the last stands: the curve is as high as all of them together.
  for (const rank of ranks) points.set(short(order[rank - 1] ?? max), short(rank / count));
  return { x: [...points.keys()], y: [...points.values()] };
}

/** Median and maximum per slice of the time from the first to the last invocation of a run. */
export function overTimeOf({ atMs, durationMs }: Pick<Samples, 'atMs' | 'durationMs'>): OverTime | undefined {
  const [first, last] = [atMs[0], atMs.at(-1)];
  if (first === undefined || last === undefined || last <= first) return undefined;
  const slices: number[][] = Array.from({ length: SLICES }, () => []);
  atMs.forEach((at, index) => {
    const slice = Math.min(SLICES - 1, Math.floor(((at - first) / (last - first)) * SLICES));
    slices[slice]?.push(durationMs[index] ?? Number.NaN);
  });
  const sortedSlices = slices.map((slice) => slice.sort((a, b) => a - b));
  const pick = (slice: readonly number[], rank: number) => {
    const value = slice[rank - 1];
    return value === undefined ? null : short(value);
  };
  return {
    lengthS: short((last - first) / 1000),
    p50: sortedSlices.map((slice) => pick(slice, nearestRank(0.5, slice.length))),
    max: sortedSlices.map((slice) => pick(slice, slice.length)),
  };
}

function samplesOf(run: ReportedRun): Samples | undefined {
  return run.server.state === 'measured' ? run.server.samples : undefined;
}

/** The group of a run, where it has enough values for a chart: a single dot says nothing. */
function chartedGroup(run: ReportedRun, temperature: Temperature) {
  const group = groupOf(run, temperature);
  return group === undefined || group.count < FEWEST_FOR_MEDIAN ? undefined : group;
}

/** Whether a row is in the figures of a temperature: warm rows of the warm-up (round 0) are in none. */
function isRowOf({ initMs, round }: Samples, index: number, temperature: Temperature): boolean {
  const isWarm = initMs[index] === null;
  return isWarm === (temperature === 'warm') && !(isWarm && round[index] === 0);
}

function distribution(run: ReportedRun, temperature: Temperature): Distribution | undefined {
  const samples = samplesOf(run);
  const duration = chartedGroup(run, temperature)?.durationMs;
  if (duration === undefined) return undefined;
  if (samples !== undefined) {
    return distributionOf(samples.durationMs.filter((_, index) => isRowOf(samples, index, temperature)));
  }
  const { min, p50, p90, p99, max } = duration;
  const points = new Map(
    [min, p50, p90, p99, max].map((value, index) => [short(value), [0, 0.5, 0.9, 0.99, 1][index] ?? 1]),
  );
  return { x: [...points.keys()], y: [...points.values()] };
}

function seriesOf(report: Report, run: ReportedRun, name: number): SeriesPayload {
  const [warm, cold] = [distribution(run, 'warm'), distribution(run, 'cold')];
  const [warmGroup, coldGroup] = [chartedGroup(run, 'warm'), chartedGroup(run, 'cold')];
  const samples = samplesOf(run);
  const overTime = samples === undefined ? undefined : overTimeOf(samples);
  const memory = [groupOf(run, 'warm'), groupOf(run, 'cold')].flatMap((group) =>
    group === undefined ? [] : [group.memoryMB.max],
  );
  const cost =
    report.cost.state === 'priced' ? report.cost.rows.find(({ runId }) => runId === run.runId) : undefined;
  return {
    name,
    ...(warm === undefined ? {} : { warm }),
    ...(cold === undefined ? {} : { cold }),
    ...(warmGroup === undefined ? {} : { warmP50: warmGroup.durationMs.p50 }),
    ...(coldGroup === undefined ? {} : { coldP50: coldGroup.durationMs.p50 }),
    ...(overTime === undefined ? {} : { overTime }),
    ...(memory.length === 0 ? {} : { memoryMB: Math.max(...memory) }),
    ...(cost === undefined
      ? {}
      : {
          costUsd: [
            short(cost.lambdaComputeUsd),
            short(cost.lambdaRequestUsd),
            short(cost.apiGatewayUsd ?? 0),
            short(cost.dynamodb?.usd ?? 0),
          ],
        }),
  };
}

/** Reduces a report to what its charts draw. */
export function chartPayload(report: Report, routes: readonly RouteView[]): ChartPayload {
  const names = [...new Set(routes.flatMap(({ runs }) => runs.map(({ name }) => name)))];
  const sizes = [...new Set(report.runs.map(({ memorySizeMB }) => memorySizeMB))];
  const memorySizeMB = sizes.length === 1 ? sizes[0] : undefined;
  return {
    names,
    ...(memorySizeMB === undefined ? {} : { memorySizeMB }),
    routes: routes.map(({ route, runs }) => ({
      route,
      series: runs.map(({ run, name }) => seriesOf(report, run, names.indexOf(name))),
    })),
  };
}
