import type { Interval, Median } from '../../model/interval.ts';
import { medianOf } from '../../model/median.ts';
import type { CostSection, ReportedRun, Samples } from '../../model/report.ts';
import { inBenchOrder } from '../../model/route.ts';
import { didItsWork, ranOutOfMemory } from '../../model/run-work.ts';
import { rowsOf } from '../../model/sample-rows.ts';
import type { ArchitecturePair, Sweep, SweepCurve, SweepPoint } from '../../model/sweep.ts';
import { computeUsd } from '../cost/cost.ts';
import { PRICES } from '../cost/prices.ts';
import { signedRankInterval } from '../statistics/rank-intervals.ts';
import { mean } from '../statistics/statistics.ts';

/**
 * The results over several memory sizes or architectures: for each function a curve of duration and compute cost, the
 * cheapest, fastest and balanced size, and the ratio of the architectures. Undefined if no function was measured in
 * more than one setting.
 */
export function sweepOf(runs: readonly ReportedRun[], cost: CostSection): Sweep | undefined {
  const curves = curvesOf(runs.filter(isPlaced), cost);
  const isSweep = curves.some(({ points, outOfMemoryMB = [] }) => points.length + outOfMemoryMB.length > 1);
  const architectures = architecturePairs(curves);
  return isSweep || architectures.length > 0 ? { curves, architectures } : undefined;
}

/** A run whose function's setting is known. */
type PlacedRun = ReportedRun & Required<Pick<ReportedRun, 'architecture' | 'memorySizeMB'>>;

function isPlaced(run: ReportedRun): run is PlacedRun {
  return run.architecture !== undefined && run.memorySizeMB !== undefined;
}

function curvesOf(runs: readonly PlacedRun[], cost: CostSection): SweepCurve[] {
  const byFunction = new Map<string, [PlacedRun, ...PlacedRun[]]>();
  for (const run of runs) {
    const key = `${run.route} ${run.runtime} ${run.architecture}`;
    const own = byFunction.get(key);
    byFunction.set(key, own === undefined ? [run] : [...own, run]);
  }
  const routes = inBenchOrder(runs.map(({ route }) => route));
  return [...byFunction.values()]
    .map((own) => curveOf(own, cost))
    .sort((a, b) => routes.indexOf(a.route) - routes.indexOf(b.route));
}

function curveOf(runs: readonly [PlacedRun, ...PlacedRun[]], cost: CostSection): SweepCurve {
  const [first] = runs;
  // The latest of several runs at one size is used.
  const bySize = new Map(runs.filter(didItsWork).map((run) => [run.memorySizeMB, run]));
  const outOfMemory = runs.filter((run) => !didItsWork(run) && ranOutOfMemory(run));
  const points = [...bySize.values()]
    .map((run) => pointOf(run, cost))
    .sort((a, b) => a.memorySizeMB - b.memorySizeMB);
  const balanced = balancedOf(points);
  return {
    route: first.route,
    runtime: first.runtime,
    architecture: first.architecture,
    points,
    cheapestMB: lowestOf(points, ({ computeUsd: usd }) => usd),
    fastestMB: lowestOf(points, ({ warmMs }) =>
      warmMs === undefined ? undefined : { value: warmMs.p50, ...intervalOf(warmMs) },
    ),
    ...(balanced === undefined ? {} : { balancedMB: balanced }),
    paretoMB: paretoOf(points),
    ...(outOfMemory.length === 0
      ? {}
      : { outOfMemoryMB: outOfMemory.map(({ memorySizeMB }) => memorySizeMB) }),
  };
}

function pointOf(run: PlacedRun, cost: CostSection): SweepPoint {
  const { runId, memorySizeMB, architecture, server } = run;
  if (server.state !== 'measured') return { runId, memorySizeMB };
  const { samples } = server;
  const warm = overRounds(samples, 'durationMs', (values) => medianOf(values)?.p50);
  const warmP50 = warm?.value ?? server.warm?.durationMs.p50;
  const coldMs = coldMedian(run, 'durationMs');
  const gbSecondUsd =
    cost.state === 'priced' ? PRICES[cost.priceRegion]?.lambdaGbSecond[architecture].usd : undefined;
  const usd = gbSecondUsd === undefined ? undefined : warmPrice(run, gbSecondUsd);
  const coldUsd = gbSecondUsd === undefined ? undefined : coldPrice(run, gbSecondUsd);
  return {
    runId,
    memorySizeMB,
    ...(warmP50 === undefined ? {} : { warmMs: { p50: warmP50, ...intervalOf(warm) } }),
    ...(coldMs === undefined ? {} : { coldMs }),
    ...(usd === undefined ? {} : { computeUsd: usd }),
    ...(coldUsd === undefined ? {} : { coldComputeUsd: coldUsd }),
  };
}

/** The compute of a million warm calls, from the billed durations of each round. */
function warmPrice({ server, memorySizeMB }: PlacedRun, gbSecondUsd: number): Valued | undefined {
  if (server.state !== 'measured') return undefined;
  const billed = overRounds(server.samples, 'billedMs', mean);
  const meanMs = server.warm?.billedMs.mean;
  if (meanMs === undefined) return undefined;
  return priced({ value: meanMs, ...intervalOf(billed) }, memorySizeMB, gbSecondUsd);
}

/** The compute of a million cold calls, init included, by their median billed duration. */
function coldPrice(run: PlacedRun, gbSecondUsd: number): Valued | undefined {
  const billed = coldMedian(run, 'billedMs');
  if (billed === undefined) return undefined;
  return priced({ value: billed.p50, ...intervalOf(billed) }, run.memorySizeMB, gbSecondUsd);
}

/** The compute of a million calls that are billed this long, ms. */
function priced({ value, interval }: Valued, memorySizeMB: number, gbSecondUsd: number): Valued {
  const usd = (billedMs: number) => computeUsd(billedMs, memorySizeMB, gbSecondUsd);
  return {
    value: usd(value),
    ...(interval === undefined ? {} : { interval: { low: usd(interval.low), high: usd(interval.high) } }),
  };
}

/**
 * A statistic of the warm rows, with the 95 % interval over rounds, by the signed ranks of the logarithms of each
 * round's value. With too few rounds there is no interval.
 */
function overRounds(
  samples: Samples | undefined,
  column: 'durationMs' | 'billedMs',
  statistic: (values: readonly number[]) => number | undefined,
): { readonly value: number; readonly interval?: Interval } | undefined {
  if (samples === undefined) return undefined;
  const byRound = new Map<number, number[]>();
  const all: number[] = [];
  for (const row of rowsOf(samples, 'warm')) {
    const [round = 0, value = Number.NaN] = [samples.round[row], samples[column][row]];
    byRound.set(round, [...(byRound.get(round) ?? []), value]);
    all.push(value);
  }
  const value = statistic(all);
  if (value === undefined) return undefined;
  const logs = [...byRound.values()].flatMap((values) => {
    const own = statistic(values);
    return own === undefined || own <= 0 ? [] : [Math.log(own)];
  });
  const location = signedRankInterval(logs);
  if (location === undefined) return { value };
  // The median of all rows may lie slightly outside the interval over rounds, so the interval is extended to contain
  // it.
  return {
    value,
    interval: {
      low: Math.min(value, Math.exp(location.low)),
      high: Math.max(value, Math.exp(location.high)),
    },
  };
}

/**
 * The median over the cold rows, with its interval over environments. Without rows it is Insights' own median, without
 * an interval.
 */
function coldMedian({ server }: ReportedRun, column: 'durationMs' | 'billedMs'): Median | undefined {
  if (server.state !== 'measured') return undefined;
  const { samples, cold } = server;
  if (samples === undefined) {
    const told = cold?.[column].p50;
    return told === undefined ? undefined : { p50: told };
  }
  return medianOf(rowsOf(samples, 'cold').flatMap((row) => samples[column][row] ?? []));
}

interface Valued {
  readonly value: number;
  readonly interval?: Interval;
}

const intervalOf = (of: { readonly interval?: Interval } | undefined) =>
  of?.interval === undefined ? {} : { interval: of.interval };

/** The sizes whose intervals overlap that of the lowest value, the lowest first. */
function lowestOf(
  points: readonly SweepPoint[],
  quantity: (point: SweepPoint) => Valued | undefined,
): number[] {
  const valued = points
    .flatMap((point) => {
      const of = quantity(point);
      return of === undefined ? [] : [{ size: point.memorySizeMB, of }];
    })
    .sort((a, b) => a.of.value - b.of.value);
  const [lowest] = valued;
  if (lowest === undefined) return [];
  const ceiling = lowest.of.interval?.high ?? lowest.of.value;
  return valued.filter(({ of }) => (of.interval?.low ?? of.value) <= ceiling).map(({ size }) => size);
}

/**
 * The weights of time and compute cost: equal, as in the strategy `balanced` of AWS Lambda Power Tuning by default.
 */
function balancedOf(points: readonly SweepPoint[]): number | undefined {
  const both = points.flatMap(({ memorySizeMB, warmMs, computeUsd: usd }) =>
    warmMs === undefined || usd === undefined ? [] : [{ memorySizeMB, ms: warmMs.p50, usd: usd.value }],
  );
  const most = (value: (point: (typeof both)[number]) => number) => Math.max(...both.map(value));
  const [mostMs, mostUsd] = [most(({ ms }) => ms), most(({ usd }) => usd)];
  const ranked = both
    .map(({ memorySizeMB, ms, usd }) => ({ memorySizeMB, weight: ms / mostMs + usd / mostUsd }))
    .sort((a, b) => a.weight - b.weight);
  return ranked[0]?.memorySizeMB;
}

function paretoOf(points: readonly SweepPoint[]): number[] {
  const both = points.flatMap(({ memorySizeMB, warmMs, computeUsd: usd }) =>
    warmMs === undefined || usd === undefined ? [] : [{ memorySizeMB, ms: warmMs.p50, usd: usd.value }],
  );
  return both
    .filter(
      (one) =>
        !both.some(
          (other) => other.ms <= one.ms && other.usd <= one.usd && (other.ms < one.ms || other.usd < one.usd),
        ),
    )
    .map(({ memorySizeMB }) => memorySizeMB);
}

function architecturePairs(curves: readonly SweepCurve[]): ArchitecturePair[] {
  return curves
    .filter(({ architecture }) => architecture === 'arm64')
    .flatMap((arm) => {
      const x86 = curves.find(
        (other) =>
          other.architecture === 'x86_64' && other.route === arm.route && other.runtime === arm.runtime,
      );
      return arm.points.flatMap((point): ArchitecturePair[] => {
        const other = x86?.points.find(({ memorySizeMB }) => memorySizeMB === point.memorySizeMB);
        if (point.warmMs === undefined || other?.warmMs === undefined) return [];
        const [own, others] = [point.computeUsd?.value, other.computeUsd?.value];
        return [
          {
            route: arm.route,
            runtime: arm.runtime,
            memorySizeMB: point.memorySizeMB,
            speed: other.warmMs.p50 / point.warmMs.p50,
            ...(own === undefined || others === undefined || own === 0 ? {} : { cost: others / own }),
          },
        ];
      });
    });
}
