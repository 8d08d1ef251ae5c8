import { awsError, ShedbenchError } from '../../errors.ts';
import { PLACES } from '../../store/places.ts';
import type { ReportDeps } from '../deps.ts';
import type { ReportSubject } from '../subject.ts';
import { LOGS_FAILURES, logsFailure } from './logs-failure.ts';
import type { InsightsAccess } from './run-query.ts';

/** One second, because the Date header that determines the window has a resolution of a second. */
const DOUBT_MS = 1000;

/**
 * Refuses to wait for rows of a log group that was created after the end of the run, because it replaced the group
 * with the rows. Does nothing if the age of the group is unknown.
 * @throws ShedbenchError `rows-expired` (exit 3); the abort's reason when aborted
 */
export async function refuseNewerGroup(
  { port, context }: InsightsAccess,
  { run, logGroupName }: { readonly run: ReportSubject; readonly logGroupName: string },
  deps: ReportDeps,
): Promise<void> {
  let createdAtEpochMs: number | undefined;
  try {
    createdAtEpochMs = await port.logGroupCreatedAt(logGroupName, deps.signal);
  } catch (error) {
    deps.signal.throwIfAborted();
    // The age only improves the message. A missing permission to read it must not fail the report.
    if (!(logsFailure(error, [logGroupName], context) instanceof ShedbenchError)) throw error;
    return;
  }
  const ended = run.window.endEpochMs - run.window.closedLateMs + DOUBT_MS;
  if (createdAtEpochMs === undefined || createdAtEpochMs <= ended) return;
  throw awsError(
    LOGS_FAILURES.rowsExpired,
    `The rows no longer exist: the run ended at ${time(run.window.endEpochMs)}, and ${logGroupName} was created at ${time(createdAtEpochMs)}`,
    `Report before \`shedbench teardown\`: the figures are then kept in ${PLACES.reports}`,
  );
}

function time(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
