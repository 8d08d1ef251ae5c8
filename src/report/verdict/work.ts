import { EXIT } from '../../errors.ts';
import { cellOf } from '../../model/cell.ts';
import type { ReportedRun, ReportProblem } from '../../model/report.ts';
import { runLabel } from '../../model/run-name.ts';
import { workText } from '../../model/subject.ts';

/** If the numbers of sheep differ by more than this share, dog and wolf do different work. */
const SAME_SHED = 0.1;

/** Describes the difference between the work of two runs of a route. Undefined if no difference is known. */
export function workDifference(run: ReportedRun, base: ReportedRun): string | undefined {
  const of = (value: string, other: string) => `${run.runtime} had ${value}, ${base.runtime} ${other}`;
  const work = ({ plan }: ReportedRun) => (plan === undefined ? '' : workText(plan));
  if (work(run) !== work(base)) return of(work(run), work(base));
  if (run.route === 'sheep' || run.sheep === undefined || base.sheep === undefined) return undefined;
  const [own, other] = [run.sheep.before, base.sheep.before];
  return Math.abs(own - other) <= Math.max(own, other) * SAME_SHED
    ? undefined
    : of(`${own} sheep`, `${other}`);
}

/**
 * The run of the baseline with which a run is compared: that of the same bench, otherwise the latest of its route.
 * With several settings it is the run in the same setting.
 */
export function baselineRun(
  runs: readonly ReportedRun[],
  run: ReportedRun,
  baseline: string,
): ReportedRun | undefined {
  const ofRoute = runs.filter((other) => other.runtime === baseline && other.route === run.route);
  const ofCell = ofRoute.filter((other) => cellOf(other) === cellOf(run));
  const candidates = new Set(runs.map(cellOf)).size > 1 ? ofCell : ofRoute;
  return candidates.find((other) => other.benchId === run.benchId) ?? candidates.at(-1);
}

/** The warnings about runs without a ratio, because they did other work than the baseline's. */
export function workProblems(runs: readonly ReportedRun[], baseline: string | undefined): ReportProblem[] {
  if (baseline === undefined) return [];
  return runs.flatMap((run): ReportProblem[] => {
    const base = run.runtime === baseline ? undefined : baselineRun(runs, run, baseline);
    const difference = base === undefined ? undefined : workDifference(run, base);
    if (base === undefined || difference === undefined) return [];
    return [
      {
        code: 'different-work',
        severity: 'warning',
        exitCode: EXIT.ok,
        message: `${runLabel(run)}: no ratio to ${baseline}, because the work was not the same: ${difference}`,
        hint: 'Load both with the same options, or run the standard bench: shedbench bench',
        runIds: [run.runId, base.runId],
      },
    ];
  });
}
