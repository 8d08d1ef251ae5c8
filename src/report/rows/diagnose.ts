import { counted } from '../../model/number-text.ts';
import type { ReportDeps } from '../deps.ts';
import type { ReportSubject } from '../subject.ts';
import { numberIn } from './aggregate.ts';
import { secondsWindow } from './await-rows.ts';
import { parseInsightsTime } from './fetch-rows.ts';
import type { InsightsRow } from './insights-port.ts';
import { DIAGNOSIS_QUERY } from './query-text.ts';
import { type InsightsAccess, runQuery } from './run-query.ts';

/** How far around an empty window lines are searched. */
const MARGIN_SECONDS = 30 * 60;

/** Why a window has no REPORT row: a sentence and a hint. */
export interface Diagnosis {
  readonly code: 'no-rows' | 'rows-outside-window';
  readonly message: string;
  readonly hint: string;
}

const clock = (epochMs: number) => new Date(epochMs).toISOString().slice(11, 19);

/** Explains the result of `DIAGNOSIS_QUERY` around a window that has no REPORT row. */
function readDiagnosis(row: InsightsRow | undefined, run: ReportSubject, logGroupName: string): Diagnosis {
  const count = (field: string) => (row === undefined ? 0 : (numberIn(row, field) ?? 0));
  const window = `${clock(run.window.startEpochMs)} to ${clock(run.window.endEpochMs)} UTC`;
  const head = `${logGroupName} has no REPORT row from ${window}`;
  const reports = count('textReports') + count('jsonReports');
  if (reports > 0 && row?.firstAt !== undefined && row.lastAt !== undefined) {
    return {
      code: 'rows-outside-window',
      message: `${head}, but ${reports} within half an hour of it, from ${clock(parseInsightsTime(row.firstAt))} to ${clock(parseInsightsTime(row.lastAt))}: ${reports === 1 ? 'that is' : 'these are'} another run's, or this machine's clock is wrong`,
      hint: "Check this machine's clock (timedatectl), then load again",
    };
  }
  if (count('lines') > 0) {
    return {
      code: 'no-rows',
      message: `${head}, only ${counted(count('lines'), 'other line')}: the function's system log level may be above INFO`,
      hint: 'shedbench deploy restores the LoggingConfig; then load again',
    };
  }
  return {
    code: 'no-rows',
    message: `${head}, nor any other line within half an hour of it: the function logs to another group, may not write logs, or the lines expired`,
    hint: 'Find out where it logs to (aws lambda get-function-configuration --function-name NAME --query LoggingConfig), and whether its role allows logs:CreateLogStream and logs:PutLogEvents',
  };
}

/** Queries what a log group contains instead of the rows of a run. @throws ShedbenchError as `runQuery` does */
export async function diagnose(
  access: InsightsAccess,
  run: ReportSubject,
  logGroupName: string,
  deps: ReportDeps,
): Promise<Diagnosis> {
  const { startEpochSeconds, endEpochSeconds } = secondsWindow(run);
  const rows: InsightsRow[] = [];
  await runQuery(
    access,
    {
      logGroupNames: [logGroupName],
      startEpochSeconds: startEpochSeconds - MARGIN_SECONDS,
      endEpochSeconds: endEpochSeconds + MARGIN_SECONDS,
      query: DIAGNOSIS_QUERY,
    },
    deps,
    (row) => rows.push(row),
  );
  return readDiagnosis(rows[0], run, logGroupName);
}
