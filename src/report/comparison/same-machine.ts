import type { Report } from '../../model/report.ts';
import { mean, percentile, sorted } from '../statistics/statistics.ts';

/** The yardstick of one machine comes out the same within this share on another day. */
const YARDSTICK_LIMIT = 0.05;
/** Other programs that use so much of all cores take time from the functions, and never the same twice. */
const CORES_LIMIT = 0.2;
/** Nor do two benches compare of which one had so much more of the cores than the other. */
const CORES_DIFFERENCE_LIMIT = 0.1;

/** What a side's machine did: over all runs of the report. */
interface Machine {
  /** The median of the yardsticks, ms. */
  readonly yardstickMs?: number;
  /** The share of all cores that other programs and the hypervisor used, 0 to 1, mean over the runs. */
  readonly takenShare?: number;
}

/**
 * Why two benches of the local cloud tell nothing about the code: the machine was not the same. Undefined where it was,
 * as far as was observed, and on AWS, where the functions do not run on the machine that is observed.
 */
export function machineDiffers(before: Report, after: Report): string | undefined {
  if (before.target.kind !== 'local' || after.target.kind !== 'local') return undefined;
  const [left, right] = [machineOf(before), machineOf(after)];
  if (left.yardstickMs !== undefined && right.yardstickMs !== undefined) {
    const ratio = right.yardstickMs / left.yardstickMs;
    if (Math.abs(Math.log(ratio)) > Math.log1p(YARDSTICK_LIMIT)) {
      const change = `${ratio > 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(0)} %`;
      return `the machine itself was not equally fast: the same fixed work took ${left.yardstickMs.toFixed(1)} ms before and ${right.yardstickMs.toFixed(1)} ms after (${change})`;
    }
  }
  if (left.takenShare !== undefined && right.takenShare !== undefined) {
    const isCrowded = Math.max(left.takenShare, right.takenShare) > CORES_LIMIT;
    if (isCrowded || Math.abs(right.takenShare - left.takenShare) > CORES_DIFFERENCE_LIMIT) {
      const percent = (share: number) => `${Math.round(share * 100)} %`;
      return `other programs used ${percent(left.takenShare)} of the cores before and ${percent(right.takenShare)} after`;
    }
  }
  return undefined;
}

function machineOf(report: Report): Machine {
  const machines = report.runs.flatMap(({ machine }) => (machine === undefined ? [] : [machine]));
  const yardstickMs = percentile(
    sorted(machines.flatMap(({ yardsticks }) => yardsticks.map(({ ms }) => ms))),
    50,
  );
  const takenShare = mean(
    machines.flatMap(({ otherCpuShare, stealShare }) =>
      otherCpuShare === undefined ? [] : [otherCpuShare + (stealShare ?? 0)],
    ),
  );
  return {
    ...(yardstickMs === undefined ? {} : { yardstickMs }),
    ...(takenShare === undefined ? {} : { takenShare }),
  };
}
