import type { ComparedFunction, ComparedMetric, MetricChange } from '../../model/comparison.ts';
import type { ReportedRun, Temperature } from '../../model/report.ts';
import { didItsWork } from '../../model/run-work.ts';
import { type Estimate, type Hosts, noticeableChange, type Statistic } from '../statistics/estimate.ts';
import { coldRatio, environmentRatio, pairedRatio } from '../statistics/paired-ratio.ts';
import { unpairedChange, unpairedEnvironments } from '../statistics/unpaired-change.ts';
import { leftOutReason } from '../verdict/left-out.ts';
import { type Column, measureSide, observationsOf, peakMemories, type Side } from './measured-side.ts';

/** How two sides are compared. */
export interface Method {
  /** `builds`: both were measured in the rounds of one bench. `benches`: at different times. */
  readonly of: 'benches' | 'builds';
  readonly hosts: Hosts;
  /** The compared percentiles of the duration, in (0, 100]. */
  readonly percentiles: readonly number[];
  /** Nothing can be concluded, so no figure gets an interval. */
  readonly isVoid: boolean;
}

/** The percentile that is shown for cold starts, which are too few for other percentiles. */
const COLD_PERCENTILE = 50;
const MEAN: Statistic = { kind: 'mean' };

/** The changes of one function at one temperature. Undefined if a side did not measure it. */
export function compareFunction(
  before: readonly ReportedRun[],
  after: readonly ReportedRun[],
  temperature: Temperature,
  method: Method,
): ComparedFunction[] {
  const left = measureSide(before, temperature, method.percentiles);
  const right = measureSide(after, temperature, method.percentiles);
  const sample = after.at(-1);
  if (left === undefined || right === undefined || sample === undefined) return [];
  const notCompared = notComparedReason(before, after);
  const own = notCompared === undefined ? method : { ...method, isVoid: true };
  const estimates = [...left.values.keys()].map((metric) => ({
    metric,
    estimate: estimateOf(metric, left, right, method),
  }));
  return [
    {
      label: sample.label,
      runtime: sample.runtime,
      route: sample.route,
      temperature,
      beforeCount: left.count,
      afterCount: right.count,
      rounds: Math.max(0, ...estimates.map(({ estimate }) => estimate?.rounds ?? 0)),
      changes: estimates.flatMap(({ metric, estimate }) =>
        changeOf(metric, left.values.get(metric), right.values.get(metric), estimate, own),
      ),
      ...(notCompared === undefined ? {} : { notCompared }),
    },
  ];
}

/** Why the durations of two sides can't be compared: a run that fails its calls is not faster, it does less. */
function notComparedReason(
  before: readonly ReportedRun[],
  after: readonly ReportedRun[],
): string | undefined {
  const reasons = [
    { side: 'before', runs: before },
    { side: 'after', runs: after },
  ].flatMap(({ side, runs }) =>
    runs.flatMap((run) => (didItsWork(run) ? [] : [`${side}: ${leftOutReason(run)}`])),
  );
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join('; ');
}

/** Undefined if there is no estimate: for a maximum, for a share of failures, and for a side without rows. */
function estimateOf(metric: ComparedMetric, left: Side, right: Side, method: Method): Estimate | undefined {
  if (metric === 'max' || metric === 'errors') return undefined;
  if (left.samples === undefined || right.samples === undefined) return undefined;
  // Memory does not depend on how fast the machine is at the time of a bench.
  if (metric === 'memory') return environmentRatio(peakMemories(left).flat(), peakMemories(right).flat(), []);
  const column: Column = metric === 'init' ? 'initMs' : metric === 'billed' ? 'billedMs' : 'durationMs';
  const statistic: Statistic = metric.startsWith('p')
    ? { kind: 'percentile', percent: Number(metric.slice(1)) }
    : MEAN;
  const [before, after] = [observationsOf(left, column), observationsOf(right, column)];
  if (left.temperature === 'warm') {
    return method.of === 'builds'
      ? pairedRatio(before.flat(), after.flat(), statistic, method.hosts)
      : unpairedChange(before, after, statistic, method.hosts);
  }
  if (statistic.kind === 'percentile' && statistic.percent !== COLD_PERCENTILE) return undefined;
  return method.of === 'builds'
    ? coldRatio(before.flat(), after.flat(), statistic, method.hosts)
    : unpairedEnvironments(before, after, method.hosts);
}

function changeOf(
  metric: ComparedMetric,
  before: number | undefined,
  after: number | undefined,
  estimate: Estimate | undefined,
  method: Method,
): MetricChange[] {
  if (before === undefined || after === undefined) return [];
  const ratio = Number.isFinite(estimate?.ratio)
    ? estimate?.ratio
    : before === 0
      ? undefined
      : after / before;
  const interval = method.isVoid ? undefined : estimate?.interval;
  return [
    {
      metric,
      before,
      after,
      ...(ratio === undefined ? {} : { change: ratio - 1 }),
      ...(interval === undefined
        ? {}
        : {
            interval: { low: interval.low - 1, high: interval.high - 1 },
            noticeable: noticeableChange(interval),
          }),
      ...(estimate?.needs === undefined || method.isVoid ? {} : { needs: estimate.needs }),
      verdict:
        interval === undefined || (interval.low <= 1 && interval.high >= 1)
          ? 'unclear'
          : interval.high < 1
            ? 'better'
            : 'worse',
    },
  ];
}
