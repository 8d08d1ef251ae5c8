import pLimit from 'p-limit';
import { ShedbenchError } from '../../errors.ts';
import { runLabel } from '../../model/run-name.ts';
import { settleAll } from '../../model/settle-all.ts';
import type { ReportDeps } from '../deps.ts';
import type { ReportSubject } from '../subject.ts';
import { type Aggregate, EMPTY_AGGREGATE, readAggregate } from './aggregate.ts';
import { expectedRows, isSettled } from './completeness.ts';
import type { SecondsWindow } from './fetch-rows.ts';
import type { InsightsRow } from './insights-port.ts';
import { refuseNewerGroup } from './log-group-age.ts';
import { isGeneralFailure } from './logs-failure.ts';
import { scopeOf } from './query-scope.ts';
import { aggregateQuery } from './query-text.ts';
import { type InsightsAccess, runQuery } from './run-query.ts';

/** The number of simultaneous queries. Insights allows 100 per account, and others may run some. */
export const QUERIES_AT_ONCE = 8;
/** The pauses between two queries for missing rows, ms. */
const PAUSE_FIRST_MS = 1000;
const PAUSE_GROWTH = 1.6;
const PAUSE_MOST_MS = 15_000;
/** The interval at which the remaining wait is reported, ms. */
const COUNTDOWN_MS = 1000;
/** The longest useful wait after the end of a window, ms. No later arrival of rows is known. */
const INGESTED_AFTER_MS = 15 * 60_000;

/** A run whose REPORT lines can be queried. */
export interface MeasurableRun {
  readonly run: ReportSubject;
  readonly logGroupName: string;
  /** The computed percentiles, from `computedPercentiles`. */
  readonly percentiles: readonly number[];
}

/** The result of querying the rows of one run. */
export interface AwaitedRun extends MeasurableRun {
  /** The last result. It is kept if a later query fails. */
  readonly aggregate: Aggregate;
  readonly failure?: ShedbenchError;
  readonly waitedMs: number;
}

/** The run's window in whole seconds, which contain it. */
export function secondsWindow(run: ReportSubject): SecondsWindow {
  return {
    startEpochSeconds: Math.floor(run.window.startEpochMs / 1000),
    endEpochSeconds: Math.ceil(run.window.endEpochMs / 1000),
  };
}

/** Runs the aggregate query over one run's window. @throws ShedbenchError as `runQuery` does */
export async function askAggregate(
  access: InsightsAccess,
  { run, logGroupName, percentiles }: MeasurableRun,
  deps: ReportDeps,
): Promise<Aggregate> {
  const rows: InsightsRow[] = [];
  await runQuery(
    access,
    {
      logGroupNames: [logGroupName],
      ...secondsWindow(run),
      query: aggregateQuery(scopeOf(run), percentiles),
    },
    deps,
    (row) => rows.push(row),
  );
  return readAggregate(rows, run.project === undefined ? logGroupName : runLabel(run), percentiles);
}

interface Progress {
  readonly target: MeasurableRun;
  aggregate: Aggregate;
  before: Aggregate | undefined;
  settled: boolean;
  failure: ShedbenchError | undefined;
}

/** The server's time, epoch ms, computed with the difference of the clocks in the run's record. */
function serverNow(run: ReportSubject, deps: ReportDeps): number {
  return deps.now() - run.clockOffsetMs;
}

/**
 * Waits until every run's window has closed and its REPORT rows exist. It queries with growing pauses, for at most
 * `waitMs`. If the rows of a run do not arrive, its last result is returned. If a query fails, the results of earlier
 * ones are kept. A failure that concerns every log group ends the wait.
 */
export async function awaitRows(
  access: InsightsAccess,
  targets: readonly MeasurableRun[],
  waitMs: number,
  deps: ReportDeps,
): Promise<AwaitedRun[]> {
  const startedAt = deps.now();
  const deadline = startedAt + waitMs;
  const runs: Progress[] = targets.map((target) => ({
    target,
    aggregate: EMPTY_AGGREGATE,
    before: undefined,
    settled: false,
    failure: undefined,
  }));
  // A window may still be open, because it includes the time in which calls may run on after their client gave up.
  const openMs = Math.max(0, ...targets.map(({ run }) => run.window.endEpochMs - serverNow(run, deps)));
  if (openMs > 0) {
    showRows(runs, deadline, deps);
    await pause(Math.min(openMs, waitMs), runs, deadline, deps);
  }
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * PAUSE_GROWTH, PAUSE_MOST_MS)) {
    await askPending(access, runs.filter(isPending), deps);
    showRows(runs, deadline, deps);
    const general = runs.find(({ failure }) => failure !== undefined && isGeneralFailure(failure))?.failure;
    if (general !== undefined) {
      for (const run of runs.filter(isPending)) run.failure = general;
    }
    const leftMs = deadline - deps.now();
    if (leftMs <= 0 || !runs.some((run) => isPending(run) && mayGetRows(run, deps))) break;
    await pause(Math.min(pauseMs, leftMs), runs, deadline, deps);
  }
  const waitedMs = deps.now() - startedAt;
  return runs.map(({ target, aggregate, failure }) => ({
    ...target,
    aggregate,
    ...(failure === undefined ? {} : { failure }),
    waitedMs,
  }));
}

function isPending({ settled, failure }: Progress): boolean {
  return !settled && failure === undefined;
}

/** Whether further rows of a run may still arrive. */
function mayGetRows({ target: { run } }: Progress, deps: ReportDeps): boolean {
  return serverNow(run, deps) < run.window.endEpochMs + INGESTED_AFTER_MS;
}

/** Waits, and reports the remaining time every second. */
async function pause(
  totalMs: number,
  runs: readonly Progress[],
  deadline: number,
  deps: ReportDeps,
): Promise<void> {
  for (let leftMs = totalMs; leftMs > 0; leftMs -= COUNTDOWN_MS) {
    await deps.sleep(Math.min(COUNTDOWN_MS, leftMs), deps.signal);
    if (leftMs > COUNTDOWN_MS) showRows(runs, deadline, deps);
  }
}

/** Reports the number of rows so far, and the remaining time until `deadline`, by the clock of `deps`. */
function showRows(runs: readonly Progress[], deadline: number, deps: ReportDeps): void {
  deps.emit({
    type: 'rows',
    // Rows of other callers must not replace missing rows.
    found: sum(runs, ({ aggregate, target }) => foundOwn(target, aggregate)),
    expected: sum(runs, ({ target, aggregate }) => expectedRows(target.run)?.min ?? aggregate.requests),
    waitLeftMs: Math.max(0, deadline - deps.now()),
  });
}

/** The number of a run's own rows that were found. */
function foundOwn({ run }: MeasurableRun, { requests }: Aggregate): number {
  return Math.min(requests, expectedRows(run)?.max ?? requests);
}

async function askPending(
  access: InsightsAccess,
  pending: readonly Progress[],
  deps: ReportDeps,
): Promise<void> {
  const limit = pLimit(QUERIES_AT_ONCE);
  let general = false;
  await settleAll(
    pending.map((run) =>
      limit(async () => {
        if (general) return;
        try {
          run.aggregate = await askAggregate(access, run.target, deps);
          const expected = expectedRows(run.target.run);
          run.settled = isSettled(run.aggregate, run.before, expected);
          const isDue = expected !== undefined && expected.min > 0;
          if (run.aggregate.rows === 0 && isDue && run.before === undefined) {
            await refuseNewerGroup(access, run.target, deps);
          }
          run.before = run.aggregate;
        } catch (error) {
          deps.signal.throwIfAborted();
          if (!(error instanceof ShedbenchError)) throw error;
          run.failure = error;
          general ||= isGeneralFailure(error);
        }
      }),
    ),
  );
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
