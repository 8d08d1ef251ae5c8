import type { ReportedRun } from './report.ts';

/**
 * The name that tells a run from the others of its route: the runtime, and where it is there several times, what differs
 * between these runs and when each was measured.
 */
export function runName(run: ReportedRun, siblings: readonly ReportedRun[]): string {
  const same = siblings.filter(({ runtime }) => runtime === run.runtime);
  if (same.length < 2) return run.runtime;
  const differing = <T>(value: (run: ReportedRun) => T): boolean => new Set(same.map(value)).size > 1;
  const parts = [
    run.runtime,
    differing(({ memorySizeMB }) => memorySizeMB) && run.memorySizeMB !== undefined
      ? `${run.memorySizeMB} MB`
      : '',
    differing(({ architecture }) => architecture) ? (run.architecture ?? '') : '',
    new Date(run.window.startEpochMs).toISOString().slice(5, 16).replace('T', ' '),
  ];
  return parts.filter((part) => part !== '').join(' ');
}
