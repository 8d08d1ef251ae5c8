import type { RunRecord } from '../../model/run.ts';

/**
 * The latest run of the same work that was sent from the other place: from this machine if loaders in the region sent
 * the given run, otherwise from loaders. Undefined if no such run has a success.
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
