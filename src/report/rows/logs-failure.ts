import { type ErrorContext, errorMessageOf, translateAwsError } from '../../aws/errors.ts';
import { classifyFailure } from '../../aws/failure-kind.ts';
import { awsError, ShedbenchError } from '../../errors.ts';

/** The error codes that only CloudWatch Logs causes. `translateAwsError` defines the others. */
export const LOGS_FAILURES = {
  logGroupMissing: 'log-group-missing',
  rowsExpired: 'rows-expired',
  queryRefused: 'query-refused',
  queryFailed: 'query-failed',
  queryTimedOut: 'query-timed-out',
  queryCancelled: 'query-cancelled',
  unreadable: 'unreadable-rows',
} as const;

/** The hint after a temporary failure. Nothing measured is lost, because the runs are on disk. */
export const ASK_AGAIN = 'shedbench report queries again: the runs are on disk';

/**
 * StartQuery's message for a window in which the log group cannot contain anything. Its error class is that of a
 * syntax error. "Query's end date and time is either before the log groups creation time or exceeds the log groups
 * log retention settings ([0,79])"
 */
const OUTSIDE_LOG_GROUP = /log groups creation time|log groups log retention/;

const OF_ONE_LOG_GROUP: ReadonlySet<string> = new Set([
  LOGS_FAILURES.logGroupMissing,
  LOGS_FAILURES.rowsExpired,
  LOGS_FAILURES.queryFailed,
  LOGS_FAILURES.queryTimedOut,
  LOGS_FAILURES.queryCancelled,
  LOGS_FAILURES.unreadable,
]);

/**
 * Whether the failure concerns every log group: credentials, permissions, network, or a query that Insights refuses.
 */
export function isGeneralFailure(failure: ShedbenchError): boolean {
  return !OF_ONE_LOG_GROUP.has(failure.code);
}

/** Whether the request should be repeated after a pause, and which of two reasons there is. */
export function passingTrouble(error: unknown): 'busy' | 'network' | undefined {
  if (error instanceof ShedbenchError) return undefined;
  switch (classifyFailure(error)) {
    case 'throttled':
    case 'server':
    // The only quota of queries is the number of simultaneous ones. It is free again when one of them ends.
    case 'quota':
      return 'busy';
    case 'network':
      return 'network';
    default:
      return undefined;
  }
}

/**
 * Translates an SDK error into a ShedbenchError of exit code 3 for the person who asked for a report. Returns other
 * errors than those of AWS, credentials or network unchanged, because they are bugs.
 */
export function logsFailure(
  error: unknown,
  logGroupNames: readonly string[],
  context: ErrorContext,
): unknown {
  if (error instanceof ShedbenchError) return error;
  const name = error instanceof Error ? error.name : '';
  const groups = logGroupNames.join(', ');
  if (name === 'ResourceNotFoundException') {
    return awsError(
      LOGS_FAILURES.logGroupMissing,
      `The log group ${groups} does not exist: its stack was torn down, or is in another account or region`,
      'Report before `shedbench teardown`, and keep it: shedbench report -o report.json',
      error,
    );
  }
  if (name === 'MalformedQueryException' && OUTSIDE_LOG_GROUP.test(errorMessageOf(error))) {
    return awsError(
      LOGS_FAILURES.rowsExpired,
      `The rows no longer exist: the run ended before ${groups} was created, or longer ago than its retention`,
      'Deploy with a longer retention (shedbench deploy --log-retention 30), and keep reports: shedbench report -o report.json',
      error,
    );
  }
  if (name === 'MalformedQueryException' || name === 'InvalidParameterException') {
    return awsError(
      LOGS_FAILURES.queryRefused,
      `CloudWatch Logs refused the query over ${groups}: ${errorMessageOf(error)}`,
      undefined,
      error,
    );
  }
  return translateAwsError(error, context);
}
