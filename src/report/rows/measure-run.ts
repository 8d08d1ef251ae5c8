import { ShedbenchError } from '../../errors.ts';
import type { CrossCheck, ReportProblem, Samples, ServerSide } from '../../model/report.ts';
import type { ReportDeps } from '../deps.ts';
import { completenessProblem, crossCheckProblem, failureProblem } from '../problems.ts';
import type { Aggregate } from './aggregate.ts';
import { type AwaitedRun, askAggregate, secondsWindow } from './await-rows.ts';
import { completenessOf } from './completeness.ts';
import { crossCheck } from './cross-check.ts';
import { diagnose } from './diagnose.ts';
import { fetchRows } from './fetch-rows.ts';
import type { InsightsAccess } from './run-query.ts';
import { groupsOf } from './samples.ts';

/** Times both questions are asked again when a late row came between them. */
const ASK_AGAIN_FOR_LATE_ROWS = 3;
const LATE_ROWS_PAUSE_MS = 2000;

export interface MeasuredRun {
  readonly server: ServerSide;
  readonly memorySizeMB?: number;
  readonly problems: readonly ReportProblem[];
}

interface TwoAnswers {
  readonly aggregate: Aggregate;
  readonly samples?: Samples;
  readonly check: CrossCheck;
}

/**
 * Asks for the raw rows of a run whose rows were waited for, and holds them against the aggregate. Never rejects for
 * what CloudWatch Logs did: that is among the problems, beside whatever had been measured before.
 * @throws the abort's reason when aborted
 */
export async function measureRun(
  access: InsightsAccess,
  awaited: AwaitedRun,
  withRows: boolean,
  deps: ReportDeps,
): Promise<MeasuredRun> {
  const { run, logGroupName } = awaited;
  const problems: ReportProblem[] = [];
  let answers: TwoAnswers = {
    aggregate: awaited.aggregate,
    check: { state: 'skipped', reason: awaited.failure?.message ?? 'no row was found' },
  };
  let failure = awaited.failure;
  if (failure === undefined) {
    try {
      if (awaited.aggregate.found === 0 && run.accounting.reachedLambda.min > 0) {
        const { code, message, hint } = await diagnose(access, run, logGroupName, deps);
        problems.push({ code, severity: 'error', exitCode: 1, message, hint, runIds: [run.id] });
      } else if (awaited.aggregate.found > 0) {
        answers = await askBoth(access, awaited, withRows, deps);
      }
    } catch (error) {
      deps.signal.throwIfAborted();
      if (!(error instanceof ShedbenchError)) throw error;
      failure = error;
      answers = { ...answers, check: { state: 'skipped', reason: error.message } };
    }
  }
  if (failure !== undefined) problems.unshift(failureProblem(failure, run.id));
  const { aggregate, samples, check } = answers;
  if (failure !== undefined && aggregate.found === 0) {
    return { server: { state: 'unavailable', code: failure.code, reason: failure.message }, problems };
  }
  const completeness = completenessOf(aggregate.found, run.accounting.reachedLambda);
  const said = [
    // A shortfall of everything has been diagnosed above; of a failed question it says nothing.
    aggregate.found === 0 || failure !== undefined
      ? undefined
      : completenessProblem(run, completeness, awaited.waitedMs),
    crossCheckProblem(run, check),
  ];
  const groups = samples === undefined ? aggregate.groups : groupsOf(samples);
  return {
    server: {
      state: 'measured',
      source: samples === undefined ? 'aggregate' : 'rows',
      ...groups,
      completeness,
      crossCheck: check,
      ...(samples === undefined ? {} : { samples }),
    },
    ...(aggregate.memorySizeMB === undefined ? {} : { memorySizeMB: aggregate.memorySizeMB }),
    problems: [...problems, ...said.filter((problem) => problem !== undefined)],
  };
}

/** The rows beside the aggregate; both again where a row came in between and their counts differ. */
async function askBoth(
  access: InsightsAccess,
  awaited: AwaitedRun,
  withRows: boolean,
  deps: ReportDeps,
): Promise<TwoAnswers> {
  let { aggregate } = awaited;
  if (!withRows) {
    return { aggregate, check: { state: 'skipped', reason: 'more rows than are read one by one' } };
  }
  for (let attempt = 1; ; attempt++) {
    const samples = await fetchRows(
      access,
      awaited.logGroupName,
      secondsWindow(awaited.run),
      awaited.run.window.startEpochMs,
      aggregate.found,
      deps,
    );
    if (samples === undefined) {
      return { aggregate, check: { state: 'skipped', reason: 'more than 100,000 rows in one second' } };
    }
    const check = crossCheck(aggregate.groups, groupsOf(samples));
    if (samples.durationMs.length === aggregate.found || attempt > ASK_AGAIN_FOR_LATE_ROWS) {
      return { aggregate, samples, check };
    }
    await deps.sleep(LATE_ROWS_PAUSE_MS, deps.signal);
    aggregate = await askAggregate(access, awaited, deps);
  }
}
