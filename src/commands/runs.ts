import { EXIT } from '../errors.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { RunRecord } from '../model/run.ts';
import { listRuns } from '../store/runs.ts';

/** One line of the list of runs. */
export interface RunLine {
  readonly id: string;
  readonly benchId: string;
  /** The user's name for it (`--name`). */
  readonly name?: string;
  readonly startedAtEpochMs: number;
  readonly target: RunRecord['target'];
  readonly project?: string;
  readonly runtime: string;
  readonly route: RunRecord['route'];
  readonly state: RunRecord['state'];
  readonly calls: number;
  readonly successes: number;
  readonly unexpected: number;
  readonly errors: number;
}

export interface RunsResult {
  readonly schema: 'shedbench/runs@1';
  /** The number of runs on disk. */
  readonly total: number;
  /** The runs, the latest first. */
  readonly runs: readonly RunLine[];
}

/** Lists the run records of this folder. Unreadable ones are left out, each with a warning. */
export async function runs(
  options: { readonly limit: number },
  deps: CommandDeps,
): Promise<CommandResult<RunsResult>> {
  const all = await listRuns(deps.cwd, deps.emit);
  const latest = all.slice(-options.limit).reverse();
  return {
    exitCode: EXIT.ok,
    data: { schema: 'shedbench/runs@1', total: all.length, runs: latest.map(toLine) },
  };
}

function toLine(run: RunRecord): RunLine {
  const { calls, successes, unexpected, errors } = run.accounting;
  return {
    id: run.id,
    benchId: run.benchId,
    ...(run.name === undefined ? {} : { name: run.name }),
    startedAtEpochMs: run.startedAtEpochMs,
    target: run.target,
    ...(run.project === undefined ? {} : { project: run.project }),
    runtime: run.runtime,
    route: run.route,
    state: run.state,
    calls,
    successes,
    unexpected,
    errors,
  };
}
