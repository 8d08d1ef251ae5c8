import type { RunRecord } from '../model/run.ts';
import { coldPlan, withColdRounds } from './cold-rounds.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { runRounds } from './run-load.ts';

/** How many times calls that came warm, or got no row, are repeated. */
const MOST_REPEATS = 3;

/** The code of the warning that a run bears which has fewer cold starts than were asked for. */
export const COLD_STARTS_SHORT = 'cold-starts-short';

/** What forcing cold starts needs beside the load itself. */
export interface ColdStarts {
  /** Cold starts for each run, at least 1. */
  readonly asked: number;
  /** How many environments of one function the target starts at once, at least 1. */
  readonly atOnce: number;
  /** Makes the target end all environments of these functions, and resolves once calls meet none of them. */
  readonly retire: (functionNames: readonly string[]) => Promise<void>;
  /**
   * How many REPORT rows in the run's rounds of forced cold starts are of cold starts; undefined where that can't be
   * asked.
   */
  readonly count: (run: RunRecord) => Promise<number | undefined>;
}

/** A run that is on disk, and how to load its function again. */
export interface ColdJob {
  readonly run: RunRecord;
  readonly functionName: string;
  readonly target: LoadTarget;
}

/** What is on disk after every wave. */
export type KeepRun = (run: RunRecord) => Promise<RunRecord>;

/**
 * Forces cold starts after a load. In each wave the environments of all functions are ended, and then each function in
 * turn gets as many simultaneous calls as the target starts environments at once. The REPORT rows are counted
 * afterwards, and what was not cold is repeated up to three times; a run that still has too few bears a warning.
 *
 * @returns the records with the cold rounds in them, in the order of the jobs
 * @throws what `retire` throws; every wave until then is on disk
 */
export async function forceColdStarts(
  jobs: readonly ColdJob[],
  cold: ColdStarts,
  keep: KeepRun,
  deps: LoadDeps,
): Promise<RunRecord[]> {
  let runs = jobs.map(({ run }) => run);
  let missing = jobs.map(() => cold.asked);
  for (let pass = 0; pass <= MOST_REPEATS && missing.some((count) => count > 0); pass++) {
    if (deps.interrupt.first.aborted) return runs;
    runs = await playWaves(jobs, runs, missing, cold, keep, deps);
    if (deps.interrupt.first.aborted) return runs;
    missing = await Promise.all(
      runs.map(async (run) => Math.max(0, cold.asked - ((await cold.count(run)) ?? cold.asked))),
    );
  }
  return await Promise.all(
    runs.map(async (run, at) => {
      const count = missing[at] ?? 0;
      return count > 0 ? await keep(withWarning(run, count)) : run;
    }),
  );
}

/** Plays waves until each run has had as many calls as it misses cold starts. */
async function playWaves(
  jobs: readonly ColdJob[],
  before: readonly RunRecord[],
  missing: readonly number[],
  { asked, atOnce, retire }: ColdStarts,
  keep: KeepRun,
  deps: LoadDeps,
): Promise<RunRecord[]> {
  const due = jobs.flatMap((job, at) => {
    const [run, calls = 0] = [before[at], missing[at]];
    return run === undefined || calls === 0 ? [] : [{ ...job, at, run, calls }];
  });
  const waves = Math.ceil(Math.max(...due.map(({ calls }) => calls)) / atOnce);
  const runs = [...before];
  const put = async (place: number, result: LoadResult): Promise<void> => {
    const job = due[place];
    if (job !== undefined) runs[job.at] = await keep(withColdRounds(job.run, result, asked));
  };
  const retireAll = async (wave: number): Promise<void> => {
    if (wave > waves || deps.interrupt.first.aborted) return;
    try {
      await retire(due.map(({ functionName }) => functionName));
    } catch (error) {
      // An interrupt ends the update that is under way: the sessions end by themselves.
      if (!deps.interrupt.first.aborted) throw error;
    }
  };
  const results = await runRounds(
    due.map(({ run, calls, target }) => ({ plan: coldPlan(run.plan, run, calls, atOnce), target })),
    { rounds: waves, beforeRound: retireAll, afterTurn: put },
    deps,
  );
  for (const [place, result] of results.entries()) await put(place, result);
  return runs;
}

function withWarning(run: RunRecord, missing: number): RunRecord {
  const { asked = 0 } = run.coldStarts ?? {};
  const warning = {
    code: COLD_STARTS_SHORT,
    message: `${asked - missing} of ${asked} forced cold starts were cold; the others met an environment that was still there, or left no row, also after ${MOST_REPEATS} repeats.`,
    hint: 'Look for other callers of the function, and for provisioned concurrency',
  };
  return { ...run, warnings: [...run.warnings, warning] };
}
