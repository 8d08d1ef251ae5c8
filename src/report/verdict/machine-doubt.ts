import type { MachineDoubt, ReportedRun } from '../../model/report.ts';
import { percentile, sorted } from '../statistics/statistics.ts';

/** The share of the cores from which on other programs are mentioned. */
const WORTH_MENTIONING = 0.1;

/**
 * The share of the timings that is ignored at either end, because a single interruption does not describe the
 * machine.
 */
const USUAL_PERCENT = 95;

/**
 * How much slower the machine may have been at one moment than at another, as a share (0.3: by 30 %). It is computed
 * from the observations during the runs. The yardstick shows it directly: its slow timings divided by its fast ones.
 * Other programs or a hypervisor that use a share s of the cores can make the functions 1/(1 − s) times as slow.
 * Undefined if nothing was observed.
 */
export function machineDoubt(runs: readonly ReportedRun[]): MachineDoubt | undefined {
  const machines = runs.flatMap(({ machine }) => (machine === undefined ? [] : [machine]));
  if (machines.length === 0) return undefined;
  const timings = sorted(machines.flatMap(({ yardsticks }) => yardsticks.map(({ ms }) => ms)));
  const [fast, slow] = [percentile(timings, 100 - USUAL_PERCENT), percentile(timings, USUAL_PERCENT)];
  const yardstickMoved = fast === undefined || slow === undefined || fast <= 0 ? 0 : slow / fast - 1;
  const most = (value: (machine: (typeof machines)[number]) => number | undefined) =>
    Math.min(0.99, Math.max(0, ...machines.map((machine) => value(machine) ?? 0)));
  const otherCpuShare = most((machine) => machine.otherCpuShare);
  const stealShare = most((machine) => machine.stealShare);
  const slowed = (share: number) => 1 / (1 - share) - 1;
  return {
    share: Math.max(yardstickMoved, slowed(otherCpuShare), slowed(stealShare)),
    yardstickMoved,
    otherCpuShare,
    stealShare,
  };
}

/** Whether a ratio differs from 1 by no more than the speed of the machine may have changed. */
export function isWithinDoubt(ratio: number, doubt: MachineDoubt | undefined): boolean {
  return doubt !== undefined && Math.abs(Math.log(ratio)) <= Math.log(1 + doubt.share);
}

/** `the same work took up to 34 % longer at times, and other programs used 21 % of its cores` */
export function doubtText({ yardstickMoved, otherCpuShare, stealShare }: MachineDoubt): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const parts = [
    `the same work took up to ${percent(yardstickMoved)} longer at times`,
    ...(otherCpuShare >= WORTH_MENTIONING
      ? [`other programs used ${percent(otherCpuShare)} of its cores`]
      : []),
    ...(stealShare >= WORTH_MENTIONING ? [`its host kept ${percent(stealShare)} of its cores back`] : []),
  ];
  return parts.join(', and ');
}

/** Whether other programs or the host used enough of the cores to be mentioned. */
export function hasNeighbours({ otherCpuShare, stealShare }: MachineDoubt): boolean {
  return otherCpuShare >= WORTH_MENTIONING || stealShare >= WORTH_MENTIONING;
}
