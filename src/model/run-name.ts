import { cellNamer } from './cell.ts';
import type { ReportedRun } from './report.ts';
import { functionLabel, isRoute } from './route.ts';
import { INVOKE } from './subject.ts';

/**
 * The name that identifies a run among the others of its route: the runtime. If the runtime has several runs, the
 * name adds their differences, and if these do not identify each run, the time of its measurement.
 */
export function runName(run: ReportedRun, siblings: readonly ReportedRun[]): string {
  const same = siblings.filter(({ runtime }) => runtime === run.runtime);
  if (same.length < 2) return run.runtime;
  const cellName = cellNamer(same);
  const nameOf = (of: ReportedRun) => [run.runtime, cellName(of)].filter((part) => part !== '').join(' ');
  const name = nameOf(run);
  if (same.filter((other) => nameOf(other) === name).length < 2) return name;
  return `${name} ${new Date(run.window.startEpochMs).toISOString().slice(5, 16).replace('T', ' ')}`;
}

/**
 * The label of a run in messages and reports: its function, as `rust-delete-wolf-ocd` or the name of the user's
 * function. A load of a URL is named by server and subject.
 */
export function runLabel({ runtime, route }: { readonly runtime: string; readonly route: string }): string {
  if (isRoute(route)) return functionLabel(runtime, route);
  return route === INVOKE ? runtime : `${runtime} ${route}`;
}
