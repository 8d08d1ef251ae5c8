import pLimit from 'p-limit';
import { ShedbenchError } from '../../errors.ts';
import { functionLabel } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import type { ReportDeps } from '../deps.ts';
import { type Aggregate, EMPTY_AGGREGATE, readAggregate } from './aggregate.ts';
import { isSettled } from './completeness.ts';
import type { SecondsWindow } from './fetch-rows.ts';
import type { InsightsRow } from './insights-port.ts';
import { isGeneralFailure } from './logs-failure.ts';
import { aggregateQuery } from './query-text.ts';
import { type InsightsAccess, runQuery } from './run-query.ts';

/** Queries at once: Insights allows 100 per account, others may be asking too. */
export const QUERIES_AT_ONCE = 8;
/** Pauses between looks for missing rows. */
const PAUSE_FIRST_MS = 1000;
const PAUSE_GROWTH = 1.6;
const PAUSE_MOST_MS = 15_000;
/** While waiting, the time left is told this often. */
const COUNTDOWN_MS = 1000;
/** Rows later than this after the end of a window have not been reported by anyone: asking again is no use. */
const INGESTED_AFTER_MS = 15 * 60_000;

/** A run whose REPORT lines can be asked for. */
export interface MeasurableRun {
  readonly run: RunRecord;
  readonly project: string;
  readonly logGroupName: string;
}

/** What became of the question after one run's rows. */
export interface AwaitedRun extends MeasurableRun {
  /** The last answer; kept when a later question failed. */
  readonly aggregate: Aggregate;
  readonly failure?: ShedbenchError;
  readonly waitedMs: number;
}

/** The whole seconds that cover a run's window. */
export function secondsWindow(run: RunRecord): SecondsWindow {
  return {
    startEpochSeconds: Math.floor(run.window.startEpochMs / 1000),
    endEpochSeconds: Math.ceil(run.window.endEpochMs / 1000),
  };
}

/** Asks the aggregate query over one run's window. @throws ShedbenchError as `runQuery` does */
export async function askAggregate(
  access: InsightsAccess,
  { run, project, logGroupName }: MeasurableRun,
  deps: ReportDeps,
): Promise<Aggregate> {
  const rows: InsightsRow[] = [];
  await runQuery(
    access,
    { logGroupNames: [logGroupName], ...secondsWindow(run), query: aggregateQuery(project) },
    deps,
    (row) => rows.push(row),
  );
  return readAggregate(rows, functionLabel(run.runtime, run.route));
}

interface Progress {
  readonly target: MeasurableRun;
  aggregate: Aggregate;
  foundBefore: number | undefined;
  settled: boolean;
  failure: ShedbenchError | undefined;
}

/** Server time, epoch ms, as far as a run's record knows how this machine's clock differs from it. */
function serverNow(run: RunRecord, deps: ReportDeps): number {
  return deps.now() - run.clockOffsetMs;
}

/**
 * Waits until every run's window has closed and its REPORT rows are there, asking with growing pauses, for at most
 * `waitMs`. A run whose rows never come is given back as it was last seen; a failed question keeps the answers of
 * earlier ones. A failure that would meet every log group ends the asking.
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
    foundBefore: undefined,
    settled: false,
    failure: undefined,
  }));
  const isPending = ({ settled, failure }: Progress) => !settled && failure === undefined;
  const showRows = () =>
    deps.emit({
      type: 'rows',
      // What others called must not stand in for what is missing.
      found: sum(runs, ({ aggregate, target }) =>
        Math.min(aggregate.found, target.run.accounting.reachedLambda.max),
      ),
      expected: sum(runs, ({ target }) => target.run.accounting.reachedLambda.min),
      waitLeftMs: Math.max(0, deadline - deps.now()),
    });

  const pause = async (totalMs: number) => {
    for (let leftMs = totalMs; leftMs > 0; leftMs -= COUNTDOWN_MS) {
      await deps.sleep(Math.min(COUNTDOWN_MS, leftMs), deps.signal);
      if (leftMs > COUNTDOWN_MS) showRows();
    }
  };

  // A window may still be open: its end leaves time to calls that run on after their client gave up.
  const openMs = Math.max(0, ...targets.map(({ run }) => run.window.endEpochMs - serverNow(run, deps)));
  if (openMs > 0) {
    showRows();
    await pause(Math.min(openMs, waitMs));
  }
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * PAUSE_GROWTH, PAUSE_MOST_MS)) {
    await askPending(access, runs.filter(isPending), deps);
    showRows();
    const general = runs.find(({ failure }) => failure !== undefined && isGeneralFailure(failure))?.failure;
    if (general !== undefined) {
      for (const run of runs.filter(isPending)) run.failure = general;
    }
    const waiting = runs.filter(
      (run) =>
        isPending(run) &&
        serverNow(run.target.run, deps) < run.target.run.window.endEpochMs + INGESTED_AFTER_MS,
    );
    const leftMs = deadline - deps.now();
    if (waiting.length === 0 || leftMs <= 0) break;
    await pause(Math.min(pauseMs, leftMs));
  }
  const waitedMs = deps.now() - startedAt;
  return runs.map(({ target, aggregate, failure }) => ({
    ...target,
    aggregate,
    ...(failure === undefined ? {} : { failure }),
    waitedMs,
  }));
}

async function askPending(
  access: InsightsAccess,
  pending: readonly Progress[],
  deps: ReportDeps,
): Promise<void> {
  const limit = pLimit(QUERIES_AT_ONCE);
  let general = false;
  await allEnded(
    pending.map((run) =>
      limit(async () => {
        if (general) return;
        try {
          run.aggregate = await askAggregate(access, run.target, deps);
          const { found } = run.aggregate;
          run.settled = isSettled(found, run.foundBefore, run.target.run.accounting.reachedLambda);
          run.foundBefore = found;
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

/** Waits for all, so that none works on unseen, then rejects as the first that failed did. */
export async function allEnded(works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
