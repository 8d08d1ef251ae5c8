import { cellName } from './cell.ts';
import type { ReportedRun } from './report.ts';
import { functionLabel, isRoute } from './route.ts';
import { INVOKE } from './subject.ts';

/**
 * The name that tells a run from the others of its route: the runtime, and where it is there several times, what differs
 * between these runs. Where that does not tell all of them apart, when each was measured.
 */
export function runName(run: ReportedRun, siblings: readonly ReportedRun[]): string {
  const same = siblings.filter(({ runtime }) => runtime === run.runtime);
  if (same.length < 2) return run.runtime;
  const nameOf = (of: ReportedRun) =>
    [run.runtime, cellName(of, same)].filter((part) => part !== '').join(' ');
  const name = nameOf(run);
  if (same.filter((other) => nameOf(other) === name).length < 2) return name;
  return `${name} ${new Date(run.window.startEpochMs).toISOString().slice(5, 16).replace('T', ' ')}`;
}

/**
 * How messages and reports name a run: by its function, as `rust-delete-wolf-ocd` or the name of a function of the user's
 * own; a load of a URL by server and subject.
 */
export function runLabel({ runtime, route }: { readonly runtime: string; readonly route: string }): string {
  if (isRoute(route)) return functionLabel(runtime, route);
  return route === INVOKE ? runtime : `${runtime} ${route}`;
}
