import type { ReportedRun } from '../../model/report.ts';
import { didItsWork, shortfallText } from '../../model/run-work.ts';

/** Why a run is left out of comparisons. Undefined if it is compared. */
export function leftOutReason(run: ReportedRun): string | undefined {
  if (run.state === 'failed') return 'no connection could be opened';
  if (run.client !== undefined && !didItsWork(run)) {
    return shortfallText(run.client) ?? 'no call was made';
  }
  if (run.server.state === 'unavailable') return 'its rows could not be read';
  if (run.server.warm === undefined && run.server.cold === undefined) return 'it has no rows';
  return undefined;
}
