import { computedPercentiles } from '../../model/percentiles.ts';
import type { RunRecord } from '../../model/run.ts';
import type { ReportDeps } from '../deps.ts';
import { awaitRows } from './await-rows.ts';
import { insightsAccess } from './insights-access.ts';
import type { InsightsPort } from './insights-port.ts';
import { measureRun } from './measure-run.ts';

/**
 * Waits for the rows of a run's rounds of forced cold starts, and counts those that are cold starts.
 *
 * @returns undefined if the rows could not be read
 * @throws the abort's reason when aborted
 */
export async function countColdStarts(
  run: RunRecord,
  logs: InsightsPort,
  waitMs: number,
  deps: ReportDeps,
): Promise<number | undefined> {
  const { logGroupName } = run;
  if (logGroupName === undefined) return undefined;
  const access = insightsAccess(run.target, logs, undefined);
  const percentiles = computedPercentiles([]);
  const [awaited] = await awaitRows(access, [{ run, logGroupName, percentiles }], waitMs, deps);
  if (awaited === undefined || awaited.failure !== undefined) return undefined;
  const { server } = await measureRun(access, awaited, true, deps);
  if (server.state !== 'measured' || server.samples === undefined) return undefined;
  const { initMs, round } = server.samples;
  return initMs.filter((init, row) => init !== null && (round[row] ?? 0) < 0).length;
}
