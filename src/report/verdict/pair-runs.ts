import type { MachineDoubt, ReportedRun, RunRatio, Temperature } from '../../model/report.ts';
import { didItsWork, FEWEST_FOR_MEDIAN } from '../../model/run-work.ts';
import { rowsOf } from '../../model/sample-rows.ts';
import type { Hosts, Observation } from '../statistics/estimate.ts';
import { coldRatio, pairedRatio } from '../statistics/paired-ratio.ts';
import { isWithinDoubt } from './machine-doubt.ts';
import { workDifference } from './work.ts';

/** The conditions that decide how much of a difference may have other causes than the code. */
export interface Conditions {
  /** The place where the environments of the functions ran. */
  readonly hosts: Hosts;
  /** The steadiness of the machine that ran them. Undefined if it is not known. */
  readonly doubt: MachineDoubt | undefined;
}

/** The statistic by which speeds are compared. */
const MEDIAN = { kind: 'percentile', percent: 50 } as const;

/** The p50 of a run that did its work and has enough rows for a p50. Undefined for any other run. */
export function usableMedian(run: ReportedRun, temperature: Temperature): number | undefined {
  const group = run.server.state === 'measured' ? run.server[temperature] : undefined;
  if (group === undefined || group.count < FEWEST_FOR_MEDIAN || !didItsWork(run)) return undefined;
  const { p50 } = group.durationMs;
  return p50 !== undefined && p50 > 0 ? p50 : undefined;
}

/**
 * How many times lower the median of a run is than that of another run of its route. It has an interval if both were
 * measured in the rounds of one bench. Undefined if one of them has no usable median, or if they did different work.
 */
export function runRatio(
  run: ReportedRun,
  base: ReportedRun,
  temperature: Temperature,
  { hosts, doubt }: Conditions,
): RunRatio | undefined {
  const [own, other] = [usableMedian(run, temperature), usableMedian(base, temperature)];
  if (own === undefined || other === undefined || workDifference(run, base) !== undefined) return undefined;
  const [ownRows, baseRows] = [observations(run, temperature), observations(base, temperature)];
  if (run.benchId !== base.benchId || ownRows === undefined || baseRows === undefined) {
    return { ratio: other / own, rounds: 0, environments: 0, verdict: 'unclear' };
  }
  const estimate = (temperature === 'warm' ? pairedRatio : coldRatio)(ownRows, baseRows, MEDIAN, hosts);
  const { interval } = estimate;
  if (!Number.isFinite(estimate.ratio)) {
    return { ratio: other / own, rounds: 0, environments: estimate.environments, verdict: 'unclear' };
  }
  if (interval === undefined) return { ...estimate, verdict: 'unclear' };
  const isDecided = interval.low > 1 || interval.high < 1;
  if (isDecided && isWithinDoubt(estimate.ratio, doubt)) {
    const { interval: _, ...rest } = estimate;
    return { ...rest, verdict: 'unclear', withinDoubt: true };
  }
  return { ...estimate, verdict: !isDecided ? 'unclear' : interval.low > 1 ? 'faster' : 'slower' };
}

function observations(run: ReportedRun, temperature: Temperature): Observation[] | undefined {
  const samples = run.server.state === 'measured' ? run.server.samples : undefined;
  return samples === undefined
    ? undefined
    : rowsOf(samples, temperature).map((row) => ({
        round: samples.round[row] ?? 0,
        environment: samples.environment[row] ?? 0,
        value: samples.durationMs[row] ?? Number.NaN,
      }));
}
