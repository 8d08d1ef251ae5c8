import { EXIT, usageError } from '../../errors.ts';
import type { CommandDeps, CommandResult } from '../../model/command.ts';
import type { History } from '../../model/history.ts';
import type { Route } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import type { Selector } from '../../model/selector.ts';
import { historyOf } from '../../report/history.ts';
import { parseSince } from '../../report/parse-since.ts';
import { keptReports } from '../../store/reports.ts';
import { listRuns } from '../../store/runs.ts';

export interface HistoryOptions extends Selector {
  readonly runtimes?: readonly string[];
  readonly routes?: readonly Route[];
  /** Only runs since: `30d`, `2026-11-01`. */
  readonly since?: string;
}

/**
 * The medians of all runs in this folder over time, from the kept reports. It calls neither AWS nor a local cloud.
 *
 * @throws usageError `no-runs` if no run fits or none has a report; `bad-since`
 */
export async function history(options: HistoryOptions, deps: CommandDeps): Promise<CommandResult<History>> {
  const since = options.since === undefined ? undefined : parseSince(options.since, deps.now());
  const runs = (await listRuns(deps.cwd, deps.emit)).filter((run) => fits(run, options, since));
  const kept = await keptReports(runs, deps);
  const data = historyOf(kept, runs.length - kept.length, deps.now());
  if (data.groups.length === 0) {
    throw runs.length === 0
      ? usageError('no-runs', 'No run in this folder fits what was asked for.', 'shedbench runs')
      : usageError(
          'no-runs',
          'No report was made of the runs in this folder.',
          'shedbench report --since 7d',
        );
  }
  return { exitCode: EXIT.ok, data };
}

function fits(run: RunRecord, options: HistoryOptions, since: number | undefined): boolean {
  const { project, region, local, runtimes, routes } = options;
  return (
    (project === undefined || run.project === project) &&
    (region === undefined || run.target.region === region) &&
    (!local || run.target.kind === 'local') &&
    (runtimes?.includes(run.runtime) ?? true) &&
    (routes?.some((route) => route === run.route) ?? true) &&
    (since === undefined || run.startedAtEpochMs >= since)
  );
}
