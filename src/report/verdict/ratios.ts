import type { ReportedRun, SpeedRatio } from '../../model/report.ts';
import { TEMPERATURES } from '../../model/report.ts';
import { type Conditions, runRatio } from './pair-runs.ts';
import { baselineRun } from './work.ts';

/** How many times faster every other runtime is than the baseline on each route, by the p50 of cold and of warm durations. */
export function speedRatios(
  runs: readonly ReportedRun[],
  baseline: string | undefined,
  conditions: Conditions,
): SpeedRatio[] {
  if (baseline === undefined) return [];
  return runs.flatMap((run) => {
    const base = run.runtime === baseline ? undefined : baselineRun(runs, run, baseline);
    if (base === undefined) return [];
    return TEMPERATURES.flatMap((temperature): SpeedRatio[] => {
      const ratio = runRatio(run, base, temperature, conditions);
      if (ratio === undefined) return [];
      const { runId, route, runtime } = run;
      return [{ runId, route, runtime, baseline, temperature, statistic: 'p50', ...ratio }];
    });
  });
}
