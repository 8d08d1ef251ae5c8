import type { ErrorContext } from '../../aws/errors.ts';
import { awsError } from '../../errors.ts';
import type { ReportDeps } from '../deps.ts';
import type { InsightsPort, InsightsRow, QueryPage, QueryRequest } from './insights-port.ts';
import { ASK_AGAIN, LOGS_FAILURES, logsFailure, passingTrouble } from './logs-failure.ts';

/**
 * The pauses between two requests for the results of a running query, ms. The first is short, for the local cloud.
 * AWS allows 10 requests per second.
 */
const POLL_FIRST_MS = 100;
const POLL_GROWTH = 1.6;
const POLL_MOST_MS = 3000;
/** The time after which a query is stopped. A query over one run's rows takes seconds. */
const QUERY_PATIENCE_MS = 600_000;
/** How often one request is repeated after the SDK's own retries. */
const PASSING_RETRIES = { busy: 8, network: 3 } as const;
const RETRY_FIRST_MS = 1000;

/** CloudWatch Logs, and its place for error messages. */
export interface InsightsAccess {
  readonly port: InsightsPort;
  readonly context: ErrorContext;
}

/** Repeats a request while its failure is temporary. */
async function withPatience<T>(request: () => Promise<T>, deps: ReportDeps): Promise<T> {
  const used = { busy: 0, network: 0 };
  for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, 30_000)) {
    try {
      return await request();
    } catch (error) {
      deps.signal.throwIfAborted();
      const kind = passingTrouble(error);
      if (kind === undefined || used[kind]++ >= PASSING_RETRIES[kind]) throw error;
      await deps.sleep(pauseMs, deps.signal);
    }
  }
}

async function untilComplete(
  port: InsightsPort,
  queryId: string,
  groups: string,
  deps: ReportDeps,
): Promise<QueryPage> {
  const giveUpAt = deps.now() + QUERY_PATIENCE_MS;
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(pauseMs * POLL_GROWTH, POLL_MOST_MS)) {
    const page = await withPatience(() => port.getQueryResults(queryId, undefined, deps.signal), deps);
    switch (page.status) {
      case 'Complete':
        return page;
      case 'Failed':
        throw awsError(
          LOGS_FAILURES.queryFailed,
          `The query over ${groups} failed in CloudWatch Logs (query ${queryId})`,
          ASK_AGAIN,
        );
      case 'Cancelled':
        throw awsError(
          LOGS_FAILURES.queryCancelled,
          `Somebody cancelled the query over ${groups} (query ${queryId})`,
          ASK_AGAIN,
        );
      case 'Timeout':
        throw awsError(
          LOGS_FAILURES.queryTimedOut,
          `The query over ${groups} timed out in CloudWatch Logs (query ${queryId})`,
          'Report one run at a time: shedbench report --run ID',
        );
      case 'Scheduled':
      case 'Running':
      case 'Unknown':
        if (deps.now() >= giveUpAt) {
          throw awsError(
            LOGS_FAILURES.queryTimedOut,
            `The query over ${groups} was still ${page.status.toLowerCase()} after ${QUERY_PATIENCE_MS / 60_000} minutes (query ${queryId})`,
            'Report one run at a time: shedbench report --run ID',
          );
        }
        await deps.sleep(pauseMs, deps.signal);
    }
  }
}

/**
 * Runs one query to its end and yields its rows, page by page. If it is aborted or fails, the query is stopped,
 * because it would count among the account's simultaneous queries.
 * @throws ShedbenchError (exit 3) with a code of `LOGS_FAILURES` or of `translateAwsError`; the abort's reason when aborted
 */
export async function runQuery(
  { port, context }: InsightsAccess,
  request: QueryRequest,
  deps: ReportDeps,
  onRow: (row: InsightsRow) => void,
): Promise<void> {
  const groups = request.logGroupNames.join(', ');
  let queryId: string | undefined;
  try {
    deps.signal.throwIfAborted();
    queryId = await withPatience(() => port.startQuery(request, deps.signal), deps);
    const running = queryId;
    let page = await untilComplete(port, running, groups, deps);
    queryId = undefined;
    const seen = new Set<string>();
    for (;;) {
      for (const row of page.rows) onRow(row);
      const token = page.nextToken;
      if (token === undefined) return;
      if (seen.has(token))
        throw new Error(`GetQueryResults gave the same nextToken twice (query ${running})`);
      seen.add(token);
      page = await withPatience(() => port.getQueryResults(running, token, deps.signal), deps);
      if (page.status !== 'Complete') {
        throw awsError(
          LOGS_FAILURES.queryFailed,
          `The query over ${groups} became ${page.status} while its rows were read (query ${running})`,
          ASK_AGAIN,
        );
      }
    }
  } catch (error) {
    if (queryId !== undefined) await stop(port, queryId, deps);
    deps.signal.throwIfAborted();
    throw logsFailure(error, request.logGroupNames, context);
  }
}

async function stop(port: InsightsPort, queryId: string, deps: ReportDeps): Promise<void> {
  try {
    await port.stopQuery(queryId);
  } catch (error) {
    // The query has already ended.
    if (error instanceof Error && error.name === 'InvalidParameterException') return;
    deps.emit({
      type: 'warning',
      code: 'query-not-stopped',
      message: `Query ${queryId} could not be stopped: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'It ends by itself, within an hour.',
    });
  }
}
