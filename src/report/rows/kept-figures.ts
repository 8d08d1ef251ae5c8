import type { ReportedRun, ReportProblem } from '../../model/report.ts';
import { functionLabel } from '../../model/route.ts';
import type { RunRecord } from '../../model/run.ts';
import { LOGS_FAILURES } from './logs-failure.ts';
import type { MeasuredRun } from './measure-run.ts';

/** Problems that are none where an earlier report has the rows: they are gone, but they were read. */
const SETTLED_BY_KEPT: ReadonlySet<string> = new Set([
  LOGS_FAILURES.logGroupMissing,
  LOGS_FAILURES.rowsExpired,
  'no-rows',
  'rows-missing',
]);

function foundRows(server: ReportedRun['server'] | undefined): number {
  return server?.state === 'measured' ? server.completeness.found : -1;
}

/**
 * What is known of a run: what was just measured, or where an earlier report found more rows than stand there now,
 * what that one kept. Log groups go with their stacks and rows with their retention; figures need not.
 */
export function preferKept(
  record: RunRecord,
  measured: MeasuredRun | undefined,
  kept: readonly ReportedRun[],
): MeasuredRun | undefined {
  const best = kept
    .filter(({ runId, server }) => runId === record.id && server.state === 'measured')
    .sort((a, b) => foundRows(b.server) - foundRows(a.server))[0];
  if (best === undefined || foundRows(best.server) <= foundRows(measured?.server)) return measured;
  const remaining = (measured?.problems ?? []).filter(({ code }) => !SETTLED_BY_KEPT.has(code));
  const said: ReportProblem = {
    code: 'kept-figures',
    severity: 'warning',
    exitCode: 0,
    message: `${functionLabel(record.runtime, record.route)}: its rows are no longer to be had; the figures are those of an earlier report`,
    runIds: [record.id],
  };
  return {
    server: best.server,
    ...(best.memorySizeMB === undefined ? {} : { memorySizeMB: best.memorySizeMB }),
    problems: [...remaining, said],
  };
}
