import { EXIT } from '../../errors.ts';
import type { ReportedRun, ReportProblem } from '../../model/report.ts';
import { runLabel } from '../../model/run-name.ts';
import type { ReportSubject } from '../subject.ts';
import { LOGS_FAILURES } from './logs-failure.ts';
import type { MeasuredRun } from './measure-run.ts';
import { groupsOf } from './samples.ts';

/** The code of the problem that a run's rows can't be queried, because its local cloud has ended or was restarted. */
export const CLOUD_GONE = 'cloud-gone';

/** The codes of problems with missing rows. They are dropped if an earlier report read these rows. */
const SETTLED_BY_KEPT: ReadonlySet<string> = new Set([
  CLOUD_GONE,
  LOGS_FAILURES.logGroupMissing,
  LOGS_FAILURES.rowsExpired,
  'no-rows',
  'rows-missing',
]);

function foundRows(server: ReportedRun['server'] | undefined): number {
  return server?.state === 'measured' ? server.completeness.found : -1;
}

/** Computes the percentiles that this report shows from the rows of an earlier report, if it kept them. */
function withPercentiles(server: ReportedRun['server'], percentiles: readonly number[]) {
  if (server.state !== 'measured' || server.samples === undefined) return server;
  return { ...server, ...groupsOf(server.samples, percentiles) };
}

/**
 * The figures of a run: those just measured, or those of an earlier report if that one found more rows. Log groups are
 * deleted with their stacks, and rows at the end of their retention, but the reports on disk stay.
 */
export function preferKept(
  record: ReportSubject,
  measured: MeasuredRun | undefined,
  kept: readonly ReportedRun[],
  percentiles: readonly number[],
): MeasuredRun | undefined {
  const best = kept
    .filter(({ runId, server }) => runId === record.id && server.state === 'measured')
    .sort((a, b) => foundRows(b.server) - foundRows(a.server))[0];
  if (best === undefined || foundRows(best.server) <= foundRows(measured?.server)) return measured;
  const remaining = (measured?.problems ?? []).filter(({ code }) => !SETTLED_BY_KEPT.has(code));
  const said: ReportProblem = {
    code: 'kept-figures',
    severity: 'warning',
    exitCode: EXIT.ok,
    message: `${runLabel(record)}: the rows no longer exist; the figures are those of an earlier report`,
    runIds: [record.id],
  };
  return {
    server: withPercentiles(best.server, percentiles),
    ...(best.memorySizeMB === undefined ? {} : { memorySizeMB: best.memorySizeMB }),
    ...(best.invocations === undefined ? {} : { invocations: best.invocations }),
    problems: [...remaining, said],
  };
}
