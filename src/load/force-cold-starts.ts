import type { RunRecord, RunWarning } from '../model/run.ts';
import { coldPlan, withColdRounds } from './cold-rounds.ts';
import type { LoadDeps, LoadResult, LoadTarget } from './load-result.ts';
import { runRounds } from './run-load.ts';

/** How often calls are repeated that were warm or got no row. */
const MOST_REPEATS = 3;

/** The code of the warning of a run that has fewer cold starts than requested. */
export const COLD_STARTS_SHORT = 'cold-starts-short';

/** What forcing cold starts needs besides the load itself. */
export interface ColdStarts {
  /** How many cold starts each run needs, at least 1. */
  readonly asked: number;
  /** How many environments of one function the target starts at once, at least 1. */
  readonly atOnce: number;
  /** Makes the target end all environments of these functions. Resolves when no call reaches them any more. */
  readonly retire: (functionNames: readonly string[]) => Promise<void>;
  /**
   * Counts the cold starts among the REPORT rows of the run's forced rounds. Undefined if the rows can't be queried.
   */
  readonly count: (run: RunRecord) => Promise<number | undefined>;
}

/** A stored run, and how to load its function again. */
export interface ColdJob {
  readonly run: RunRecord;
  readonly functionName: string;
  readonly target: LoadTarget;
}

/** Called after every wave with the record to write. */
export type KeepRun = (run: RunRecord) => Promise<RunRecord>;

/**
 * Forces cold starts after a load. In each wave the environments of all functions are ended. Then each function in turn
 * gets as many simultaneous calls as the target starts environments at once. Afterwards the REPORT rows are counted,
 * and calls that were not cold are repeated up to three times. A run that still has too few cold starts gets a warning.
 *
 * @returns the records with the cold rounds, in the order of the jobs
 * @throws the error of `retire`; every wave until then has been written
 */
export async function forceColdStarts(
  jobs: readonly ColdJob[],
  cold: ColdStarts,
  keep: KeepRun,
  deps: LoadDeps,
): Promise<RunRecord[]> {
  let runs = jobs.map(({ run }) => run);
  let missing = jobs.map(() => cold.asked);
  let counts: readonly (number | undefined)[] = [];
  for (let pass = 0; pass <= MOST_REPEATS && missing.some((count) => count > 0); pass++) {
    if (deps.interrupt.first.aborted) return runs;
    runs = await playWaves(jobs, runs, missing, cold, keep, deps);
    if (deps.interrupt.first.aborted) return runs;
    counts = await Promise.all(runs.map((run) => cold.count(run)));
    // Calls whose rows can't be read are not repeated: they would be repeated each time.
    missing = counts.map((count = cold.asked) => Math.max(0, cold.asked - count));
  }
  return await Promise.all(
    runs.map(async (run, at) => {
      const count = missing[at] ?? 0;
      if (counts[at] === undefined) return await keep(withWarning(run, UNCOUNTED));
      return count > 0 ? await keep(withWarning(run, shortBy(run, count))) : run;
    }),
  );
}

/** Plays waves until each run has had as many calls as it lacks cold starts. */
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
      // An interrupt also ends the update in progress. The sessions end by themselves.
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

const UNCOUNTED: RunWarning = {
  code: 'cold-starts-uncounted',
  message:
    'The REPORT rows of the forced cold starts could not be read, so it is not known how many were cold.',
  hint: 'shedbench report, once the log group can be queried',
};

function shortBy(run: RunRecord, missing: number): RunWarning {
  const { asked = 0 } = run.coldStarts ?? {};
  return {
    code: COLD_STARTS_SHORT,
    message: `${asked - missing} of ${asked} forced cold starts were cold; the others met an environment that was still there, or left no row, also after ${MOST_REPEATS} repeats.`,
    hint: 'Look for other callers of the function, and for provisioned concurrency',
  };
}

function withWarning(run: RunRecord, warning: RunWarning): RunRecord {
  return { ...run, warnings: [...run.warnings, warning] };
}
