import { EXIT, ShedbenchError } from '../../errors.ts';
import type { InvocationColumns } from '../../model/forecast.ts';
import type { Completeness, CrossCheck, ReportProblem, ServerSide } from '../../model/report.ts';
import { warmupRows } from '../../model/sample-rows.ts';
import type { ReportDeps } from '../deps.ts';
import {
  coldStartProblems,
  completenessProblem,
  crossCheckProblem,
  duplicatesProblem,
  failureProblem,
  noInvocations,
  unreadableProblem,
} from '../problems.ts';
import type { ReportSubject } from '../subject.ts';
import type { Aggregate } from './aggregate.ts';
import { type AwaitedRun, askAggregate, secondsWindow } from './await-rows.ts';
import { completenessOf, expectedRows } from './completeness.ts';
import { crossCheck } from './cross-check.ts';
import { diagnose } from './diagnose.ts';
import { type FetchedRows, fetchRows } from './fetch-rows.ts';
import { scopeOf } from './query-scope.ts';
import { readInvocations } from './read-invocations.ts';
import type { InsightsAccess } from './run-query.ts';
import { groupsOf } from './samples.ts';

/** How often both queries are repeated because a late row arrived between them. */
const ASK_AGAIN_FOR_LATE_ROWS = 3;
const LATE_ROWS_PAUSE_MS = 2000;

export interface MeasuredRun {
  readonly server: ServerSide;
  readonly memorySizeMB?: number;
  /** Absent if the CPU times of the invocations could not be read. */
  readonly invocations?: InvocationColumns;
  readonly problems: readonly ReportProblem[];
}

interface TwoAnswers {
  readonly aggregate: Aggregate;
  readonly rows?: FetchedRows;
  readonly check: CrossCheck;
}

/**
 * Reads the raw rows of a run after the wait for them, and checks them against the aggregate. A failure of CloudWatch
 * Logs is one of the problems; everything measured before is kept.
 * @throws the abort's reason when aborted
 */
export async function measureRun(
  access: InsightsAccess,
  awaited: AwaitedRun,
  withRows: boolean,
  deps: ReportDeps,
): Promise<MeasuredRun> {
  const { run } = awaited;
  const { answers, failure, problems } = await queryRun(access, awaited, withRows, deps);
  const { aggregate, rows, check } = answers;
  if (failure !== undefined && aggregate.rows === 0) {
    return { server: { state: 'unavailable', code: failure.code, reason: failure.message }, problems };
  }
  const completeness = completenessOfRun(run, aggregate, rows);
  const rowProblems = [
    // If all rows are missing, the diagnosis says why. If the query failed, it is unknown whether rows are missing.
    aggregate.rows === 0 || failure !== undefined
      ? undefined
      : completenessProblem(run, completeness, awaited.waitedMs),
    unreadableProblem(run, rows?.unreadable),
    duplicatesProblem(run, completeness),
    crossCheckProblem(run, check),
    ...coldStartProblems(run, rows?.coldStarts),
  ];
  // Runs on AWS need no forecast, because their durations are measured there.
  const invocations =
    access.context.kind === 'local' && failure === undefined && aggregate.rows > 0
      ? await readInvocations(access, run, secondsWindow(run), aggregate.rows, deps)
      : undefined;
  return {
    server: serverSide(answers, completeness, awaited.percentiles),
    ...(aggregate.memorySizeMB === undefined ? {} : { memorySizeMB: aggregate.memorySizeMB }),
    ...(invocations === undefined ? {} : { invocations }),
    problems: [...problems, ...rowProblems.filter((problem) => problem !== undefined)],
  };
}

/** The answers of both queries, the failure of one of them, and the problems of querying. */
interface QueriedRun {
  readonly answers: TwoAnswers;
  readonly failure: ShedbenchError | undefined;
  readonly problems: readonly ReportProblem[];
}

/** Queries the rows of a run, or what its log group contains instead of rows. */
async function queryRun(
  access: InsightsAccess,
  awaited: AwaitedRun,
  withRows: boolean,
  deps: ReportDeps,
): Promise<QueriedRun> {
  const { run, logGroupName, aggregate, failure } = awaited;
  const skipped = (reason: string): TwoAnswers => ({ aggregate, check: { state: 'skipped', reason } });
  if (failure !== undefined) {
    return { answers: skipped(failure.message), failure, problems: [failureProblem(failure, run.id)] };
  }
  try {
    if (aggregate.rows > 0) {
      const answers = await askBoth(access, awaited, withRows, deps);
      return { answers, failure, problems: [] };
    }
    const problem = await emptyWindowProblem(access, run, logGroupName, deps);
    return {
      answers: skipped('no row was found'),
      failure,
      problems: problem === undefined ? [] : [problem],
    };
  } catch (error) {
    deps.signal.throwIfAborted();
    if (!(error instanceof ShedbenchError)) throw error;
    return { answers: skipped(error.message), failure: error, problems: [failureProblem(error, run.id)] };
  }
}

/** The problem of a window without a row. Undefined if the calls of the run need not have left one. */
async function emptyWindowProblem(
  access: InsightsAccess,
  run: ReportSubject,
  logGroupName: string,
  deps: ReportDeps,
): Promise<ReportProblem | undefined> {
  const expected = expectedRows(run);
  if (expected === undefined) return noInvocations(run, logGroupName);
  if (expected.min === 0) return undefined;
  const { code, message, hint } = await diagnose(access, run, logGroupName, deps);
  return { code, severity: 'error', exitCode: EXIT.fellShort, message, hint, runIds: [run.id] };
}

/** The figures of a run: from its rows, or from the aggregate query if the rows were not read. */
function serverSide(
  { aggregate, rows, check }: TwoAnswers,
  completeness: Completeness,
  percentiles: readonly number[],
): ServerSide {
  return {
    state: 'measured',
    source: rows === undefined ? 'aggregate' : 'rows',
    ...(rows === undefined ? aggregate.groups : groupsOf(rows.samples, percentiles)),
    completeness,
    crossCheck: check,
    warmupRows: rows === undefined ? 0 : warmupRows(rows.samples),
    ...(rows === undefined ? {} : { samples: rows.samples }),
  };
}

/** The rows determine the number, because they are exact. Without them the aggregate's count of requests is used. */
function completenessOfRun(
  run: ReportSubject,
  aggregate: Aggregate,
  rows: FetchedRows | undefined,
): Completeness {
  const expected = expectedRows(run);
  if (rows === undefined) {
    const duplicates = aggregate.rows - aggregate.requests;
    return completenessOf(aggregate.requests, expected, { duplicates, unreadable: 0 });
  }
  const unreadable = rows.unreadable.count;
  return completenessOf(rows.samples.durationMs.length + unreadable, expected, {
    duplicates: rows.duplicates,
    unreadable,
  });
}

/**
 * Reads the rows to an aggregate. Both queries are repeated if their counts differ, because a row arrived between
 * them.
 */
async function askBoth(
  access: InsightsAccess,
  awaited: AwaitedRun,
  withRows: boolean,
  deps: ReportDeps,
): Promise<TwoAnswers> {
  let { aggregate } = awaited;
  const { run } = awaited;
  if (!withRows) {
    return { aggregate, check: { state: 'skipped', reason: 'more rows than are read one by one' } };
  }
  for (let attempt = 1; ; attempt++) {
    const rows = await fetchRows(
      access,
      awaited.logGroupName,
      secondsWindow(run),
      { windowStartEpochMs: run.window.startEpochMs, rounds: run.rounds, scope: scopeOf(run) },
      aggregate.rows,
      deps,
    );
    if (rows === undefined) {
      return { aggregate, check: { state: 'skipped', reason: 'more than 100,000 rows in one second' } };
    }
    const { allSamples, unreadable } = rows;
    // No row could be read, so only the aggregate is left.
    if (allSamples.durationMs.length === 0 && unreadable.first !== undefined) throw unreadable.first;
    const isSame = allSamples.durationMs.length + unreadable.count === aggregate.rows;
    if (isSame || attempt > ASK_AGAIN_FOR_LATE_ROWS) {
      const check: CrossCheck =
        unreadable.count > 0
          ? { state: 'skipped', reason: 'some rows could not be read' }
          : crossCheck(aggregate.groups, groupsOf({ ...allSamples, round: [] }));
      return { aggregate, rows, check };
    }
    await deps.sleep(LATE_ROWS_PAUSE_MS, deps.signal);
    aggregate = await askAggregate(access, awaited, deps);
  }
}
