import type { RunRecord } from '../../model/run.ts';

/**
 * The latest run of the same work that was sent from the other place: from this machine where loaders in the region sent the
 * run, and the other way round. Undefined where there is none with a success.
 * @param all runs of this folder, the oldest first
 */
export function runFromElsewhere(runId: string, all: readonly RunRecord[]): RunRecord | undefined {
  const run = all.find(({ id }) => id === runId);
  if (run === undefined) return undefined;
  const requests = JSON.stringify(run.plan.requests);
  return all.findLast(
    (other) =>
      (other.fleet === undefined) !== (run.fleet === undefined) &&
      other.latency.success.count > 0 &&
      other.url === run.url &&
      other.runtime === run.runtime &&
      other.route === run.route &&
      other.artifactSha256 === run.artifactSha256 &&
      other.memorySizeMB === run.memorySizeMB &&
      other.plan.mode === run.plan.mode &&
      JSON.stringify(other.plan.requests) === requests,
  );
}
