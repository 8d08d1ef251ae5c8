import { usageError } from '../../errors.ts';
import type { ReportedRun, ReportProblem, SpeedRatio, Temperature } from '../../model/report.ts';
import { TEMPERATURES } from '../../model/report.ts';
import { functionLabel } from '../../model/route.ts';
import { columnOf } from '../rows/samples.ts';
import { ratioInterval, resampledPercentile } from './bootstrap.ts';
import type { Random } from './random-draws.ts';
import { type Sorted, sorted } from './statistics.ts';

function p50(run: ReportedRun, temperature: Temperature): number | undefined {
  return run.server.state === 'measured' ? run.server[temperature]?.durationMs.p50 : undefined;
}

/** The runtimes of a report, each once, in order of appearance. */
function runtimesOf(runs: readonly ReportedRun[]): string[] {
  return [...new Set(runs.map(({ runtime }) => runtime))];
}

/** @throws usageError `unknown-baseline` */
export function checkBaseline(runtimes: readonly string[], asked: string | undefined): void {
  if (asked === undefined || runtimes.includes(asked)) return;
  throw usageError(
    'unknown-baseline',
    `The runs hold no runtime '${asked}' to be the baseline`,
    `--baseline takes one of ${[...new Set(runtimes)].join(', ')}`,
  );
}

/**
 * The runtime that ratios are against: the one asked for, else the slowest by the geometric mean, over the routes, of
 * its warm p50 against the route's best. Undefined where fewer than two runtimes have rows.
 * @throws usageError `unknown-baseline`
 */
export function chooseBaseline(runs: readonly ReportedRun[], asked: string | undefined): string | undefined {
  const runtimes = runtimesOf(runs);
  checkBaseline(runtimes, asked);
  const logs = new Map<string, number[]>();
  for (const route of new Set(runs.map((run) => run.route))) {
    const measured = runs.flatMap((run) => {
      const value = run.route === route ? p50(run, 'warm') : undefined;
      return value === undefined || value <= 0 ? [] : [{ runtime: run.runtime, value }];
    });
    const best = Math.min(...measured.map(({ value }) => value));
    for (const { runtime, value } of measured) {
      logs.set(runtime, [...(logs.get(runtime) ?? []), Math.log(value / best)]);
    }
  }
  if (runtimes.length < 2) return undefined;
  if (asked !== undefined) return asked;
  const slowness = [...logs].map(([runtime, values]) => ({
    runtime,
    mean: values.reduce((total, value) => total + value, 0) / values.length,
  }));
  slowness.sort((a, b) => b.mean - a.mean || a.runtime.localeCompare(b.runtime, 'en'));
  return slowness.length < 2 ? undefined : slowness[0]?.runtime;
}

function durations(run: ReportedRun, temperature: Temperature): Sorted | undefined {
  if (run.server.state !== 'measured' || run.server.samples === undefined) return undefined;
  return sorted(columnOf(run.server.samples, 'durationMs', temperature));
}

/** The baseline's run to hold a run against: of the same bench, else the latest of its route. */
function baselineRun(
  runs: readonly ReportedRun[],
  run: ReportedRun,
  baseline: string,
): ReportedRun | undefined {
  const candidates = runs.filter((other) => other.runtime === baseline && other.route === run.route);
  return candidates.find((other) => other.benchId === run.benchId) ?? candidates.at(-1);
}

/** Sheds whose sheep differ by more than this share make dog and wolf different work. */
const SAME_SHED = 0.1;

/** How the work of two runs of a route differed, in words; undefined where it was the same as far as is known. */
function workDiffers(run: ReportedRun, base: ReportedRun): string | undefined {
  const of = (value: string, other: string) => `${run.runtime} had ${value}, ${base.runtime} ${other}`;
  if (run.route === 'cat') {
    const work = ({ plan }: ReportedRun) => `m=${plan.m} n=${plan.n}`;
    return work(run) === work(base) ? undefined : of(work(run), work(base));
  }
  if (run.route === 'sheep' || run.sheep === undefined || base.sheep === undefined) return undefined;
  const [own, other] = [run.sheep.before, base.sheep.before];
  return Math.abs(own - other) <= Math.max(own, other) * SAME_SHED
    ? undefined
    : of(`${own} sheep`, `${other}`);
}

/** What is to be said of runs that get no ratio, since they did other work than the baseline's. */
export function workProblems(runs: readonly ReportedRun[], baseline: string | undefined): ReportProblem[] {
  if (baseline === undefined) return [];
  return runs.flatMap((run): ReportProblem[] => {
    const base = run.runtime === baseline ? undefined : baselineRun(runs, run, baseline);
    const difference = base === undefined ? undefined : workDiffers(run, base);
    if (base === undefined || difference === undefined) return [];
    return [
      {
        code: 'different-work',
        severity: 'warning',
        exitCode: 0,
        message: `${functionLabel(run.runtime, run.route)}: no ratio to ${baseline}, for the work was not the same: ${difference}`,
        hint: 'Load both alike, or the standard way: shedbench bench',
        runIds: [run.runId, base.runId],
      },
    ];
  });
}

/** How much faster every other runtime is than the baseline on each route, by p50 of cold and of warm durations. */
export function speedRatios(
  runs: readonly ReportedRun[],
  baseline: string | undefined,
  random: Random,
): SpeedRatio[] {
  if (baseline === undefined) return [];
  return runs.flatMap((run) => {
    const base = run.runtime === baseline ? undefined : baselineRun(runs, run, baseline);
    if (base === undefined || workDiffers(run, base) !== undefined) return [];
    return TEMPERATURES.flatMap((temperature) => {
      const [own, other] = [p50(run, temperature), p50(base, temperature)];
      if (own === undefined || other === undefined || own === 0) return [];
      const [ownValues, baseValues] = [durations(run, temperature), durations(base, temperature)];
      const interval =
        ownValues === undefined || baseValues === undefined
          ? undefined
          : ratioInterval(
              { size: baseValues.length, draw: resampledPercentile(baseValues, 50) },
              { size: ownValues.length, draw: resampledPercentile(ownValues, 50) },
              random,
            );
      const verdict =
        interval === undefined || (interval.low <= 1 && interval.high >= 1)
          ? 'unclear'
          : interval.low > 1
            ? 'faster'
            : 'slower';
      return [
        {
          runId: run.runId,
          route: run.route,
          runtime: run.runtime,
          baseline,
          temperature,
          statistic: 'p50' as const,
          ratio: other / own,
          ...(interval === undefined ? {} : { interval }),
          verdict,
        } satisfies SpeedRatio,
      ];
    });
  });
}
