import type { Interval, Median } from '../../model/interval.ts';
import { medianOf } from '../../model/median.ts';
import { nearestRank } from '../../model/nearest-rank.ts';
import type { Report, ReportedRun, Samples, Temperature } from '../../model/report.ts';
import { FEWEST_FOR_MEDIAN } from '../../model/run-work.ts';
import { rowsOf } from '../../model/sample-rows.ts';
import type { SweepPoint } from '../../model/sweep.ts';
import { COST_PARTS } from '../figures.ts';
import { chartedRuns, groupOf, type RouteView, type RunView } from '../report-view.ts';
import { curveName, sweptCurves } from '../sweep.ts';
import type {
  ChartPayload,
  Distribution,
  MemoryCurve,
  MemoryPanel,
  OverTime,
  SeriesPayload,
} from './charts/payload.ts';
import { forecastPanels } from './forecast-section.ts';

/** The shares at which a distribution of many values is sampled: even steps, finer towards the ends. */
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
/** The number of digits of the values in the page. More digits would make no visible difference in a chart. */
const DIGITS = 4;

const short = (value: number) => Number(value.toPrecision(DIGITS));

/** The empirical distribution of values: all of them if they are few, otherwise at fixed shares and both ends. */
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
  // Only the last of several equal values is kept: its share includes all of them.
  for (const rank of ranks) points.set(short(order[rank - 1] ?? max), short(rank / count));
  return { x: [...points.keys()], y: [...points.values()] };
}

/** The median and the maximum over time: of each of several equal spans between a run's first and last invocation. */
export function overTimeOf({ atMs, durationMs }: Pick<Samples, 'atMs' | 'durationMs'>): OverTime | undefined {
  const [first, last] = [atMs[0], atMs.at(-1)];
  if (first === undefined || last === undefined || last <= first) return undefined;
  const slices: number[][] = Array.from({ length: SLICES }, () => []);
  atMs.forEach((at, index) => {
    const slice = Math.min(SLICES - 1, Math.floor(((at - first) / (last - first)) * SLICES));
    slices[slice]?.push(durationMs[index] ?? Number.NaN);
  });
  const shortOrNull = (value: number | undefined) => (value === undefined ? null : short(value));
  return {
    lengthS: short((last - first) / 1000),
    p50: slices.map((slice) => shortOrNull(medianOf(slice)?.p50)),
    max: slices.map((slice) =>
      slice.length === 0 ? null : short(slice.reduce((most, value) => Math.max(most, value))),
    ),
  };
}

function samplesOf(run: ReportedRun): Samples | undefined {
  return run.server.state === 'measured' ? run.server.samples : undefined;
}

/** The rows of the load. Those of forced cold starts, which are made after the load, are left out. */
function withoutForced({ atMs, durationMs, round }: Samples): Pick<Samples, 'atMs' | 'durationMs'> {
  const isOwn = (_: number, row: number) => (round[row] ?? 0) >= 0;
  return { atMs: atMs.filter(isOwn), durationMs: durationMs.filter(isOwn) };
}

/** The group of a run if it has enough values for a chart, otherwise undefined. */
function chartedGroup(run: ReportedRun, temperature: Temperature) {
  const group = groupOf(run, temperature);
  return group === undefined || group.count < FEWEST_FOR_MEDIAN ? undefined : group;
}

function distribution(run: ReportedRun, temperature: Temperature): Distribution | undefined {
  const samples = samplesOf(run);
  const duration = chartedGroup(run, temperature)?.durationMs;
  if (duration === undefined) return undefined;
  if (samples !== undefined) {
    return distributionOf(rowsOf(samples, temperature).flatMap((row) => samples.durationMs[row] ?? []));
  }
  const { min, p50, p90, p99, max } = duration;
  const points = new Map<number, number>();
  for (const [index, value] of [min, p50, p90, p99, max].entries()) {
    if (value === undefined) return undefined;
    points.set(short(value), [0, 0.5, 0.9, 0.99, 1][index] ?? 1);
  }
  return { x: [...points.keys()], y: [...points.values()] };
}

function seriesOf(report: Report, run: ReportedRun, name: number): SeriesPayload {
  const [warm, cold] = [distribution(run, 'warm'), distribution(run, 'cold')];
  const [warmGroup, coldGroup] = [chartedGroup(run, 'warm'), chartedGroup(run, 'cold')];
  const samples = samplesOf(run);
  const overTime = samples === undefined ? undefined : overTimeOf(withoutForced(samples));
  const memory = [groupOf(run, 'warm'), groupOf(run, 'cold')].flatMap((group) =>
    group?.memoryMB.max === undefined ? [] : [group.memoryMB.max],
  );
  const cost =
    report.cost.state === 'priced' ? report.cost.rows.find(({ runId }) => runId === run.runId) : undefined;
  return {
    name,
    ...(warm === undefined ? {} : { warm }),
    ...(cold === undefined ? {} : { cold }),
    ...(warmGroup?.durationMs.p50 === undefined ? {} : { warmP50: warmGroup.durationMs.p50 }),
    ...(coldGroup?.durationMs.p50 === undefined ? {} : { coldP50: coldGroup.durationMs.p50 }),
    ...(overTime === undefined ? {} : { overTime }),
    ...(memory.length === 0 ? {} : { memoryMB: Math.max(...memory) }),
    ...(cost === undefined ? {} : { costUsd: COST_PARTS.map(({ value }) => short(value(cost) ?? 0)) }),
  };
}

/**
 * The curves of a sweep, four panels for each route: duration and compute cost, each warm and cold. Adds the names of the
 * curves to `names`.
 */
function memoryPanelsOf(report: Report, names: string[]): MemoryPanel[] {
  const curves = sweptCurves(report);
  const nameIndex = (name: string): number => {
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  };
  return [...new Set(curves.map(({ route }) => route))].flatMap((route): MemoryPanel[] => {
    const own = curves.filter((curve) => curve.route === route);
    const of = (quantity: (point: SweepPoint) => Banded | undefined, hasFront: boolean) =>
      own.map((curve): MemoryCurve => {
        const points = curve.points.flatMap((point) => {
          const found = quantity(point);
          return found === undefined ? [] : [{ size: point.memorySizeMB, ...found }];
        });
        return {
          name: nameIndex(curveName(curve, curves)),
          memoryMB: points.map(({ size }) => size),
          value: points.map(({ value }) => short(value)),
          low: points.map(({ value, interval }) => short(interval?.low ?? value)),
          high: points.map(({ value, interval }) => short(interval?.high ?? value)),
          isMeasured: true,
          ...(hasFront ? { frontMB: curve.paretoMB } : {}),
        };
      });
    return [
      { chart: `sweep-time-${route}`, unit: 'ms', curves: of(({ warmMs }) => banded(warmMs), true) },
      { chart: `sweep-cost-${route}`, unit: 'usd', curves: of(({ computeUsd }) => computeUsd, true) },
      { chart: `sweep-cold-${route}`, unit: 'ms', curves: of(({ coldMs }) => banded(coldMs), false) },
      {
        chart: `sweep-cold-cost-${route}`,
        unit: 'usd',
        curves: of(({ coldComputeUsd }) => coldComputeUsd, false),
      },
    ];
  });
}

function banded(median: Median | undefined): Banded | undefined {
  if (median === undefined) return undefined;
  const { p50, interval } = median;
  return { value: p50, ...(interval === undefined ? {} : { interval }) };
}

interface Banded {
  readonly value: number;
  readonly interval?: Interval;
}

/**
 * The name under which the charts draw a run. In a sweep it is the name of the run's curve, without the setting, so that
 * a name has one colour in the whole page.
 */
function chartedName(report: Report, { name, run }: RunView): string {
  return report.sweep === undefined ? name : curveName(run, report.sweep.curves);
}

/** The names that the charts of the routes draw, in the order of their colours. */
function chartedNames(report: Report, routes: readonly RouteView[]): string[] {
  return [...new Set(routes.flatMap(({ runs }) => runs.map((view) => chartedName(report, view))))];
}

/** Returns a function that gives the number of a run's colour, from 0. */
export function inksOf(report: Report, routes: readonly RouteView[]): (view: RunView) => number {
  const names = chartedNames(report, routes);
  return (view) => names.indexOf(chartedName(report, view));
}

/** Reduces a report to the data of its charts. */
export function chartPayload(report: Report, routes: readonly RouteView[]): ChartPayload {
  const names = chartedNames(report, routes);
  const inkOf = inksOf(report, routes);
  const sizes = [...new Set(report.runs.map(({ memorySizeMB }) => memorySizeMB))];
  const memorySizeMB = sizes.length === 1 ? sizes[0] : undefined;
  const memoryPanels = [...memoryPanelsOf(report, names), ...forecastPanels(report.forecast, names)];
  return {
    names,
    ...(memorySizeMB === undefined ? {} : { memorySizeMB }),
    costParts: COST_PARTS.map(({ heading }) => heading),
    routes: routes.map(({ route, runs }) => ({
      route,
      series: chartedRuns(report, runs).map((view) => seriesOf(report, view.run, inkOf(view))),
    })),
    ...(memoryPanels.length === 0 ? {} : { memoryPanels }),
  };
}
