import { medianOf } from '../../model/median.ts';
import type { Report } from '../../model/report.ts';
import { mean } from '../statistics/statistics.ts';

/** The share by which the yardstick of one machine differs at most on another day. */
const YARDSTICK_LIMIT = 0.05;
/** From this share of all cores on, other programs take time from the functions, each time another amount. */
const CORES_LIMIT = 0.2;
/** The largest difference between two benches in the share of the cores that other programs used. */
const CORES_DIFFERENCE_LIMIT = 0.1;

/** The state of a side's machine, over all runs of the report. */
interface Machine {
  /** The median of the yardsticks, ms. */
  readonly yardstickMs?: number;
  /** The share of all cores that other programs and the hypervisor used, 0 to 1, mean over the runs. */
  readonly takenShare?: number;
}

/**
 * Why two benches of the local cloud say nothing about the code: the machine was in different states. Undefined if no
 * difference was observed, and on AWS, where the functions do not run on the observed machine.
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
  const yardstickMs = medianOf(machines.flatMap(({ yardsticks }) => yardsticks.map(({ ms }) => ms)))?.p50;
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
