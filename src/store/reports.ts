import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { renderJson } from '../model/json-text.ts';
import type { Report, ReportedRun } from '../model/report.ts';
import type { RunRecord } from '../model/run.ts';
import { readDocument } from './document.ts';
import { writeWhole } from './files.ts';
import { REPORT_DOCUMENT } from './report-document.ts';
import { runFile } from './runs.ts';

/** The folder of the kept reports, and the listener for warnings about them. */
interface KeptReportsDeps {
  readonly cwd: string;
  readonly emit: Emit;
}

/**
 * `<cwd>/.shedbench/reports`: the rows of each run as they were read, which remain after the log groups are deleted.
 */
export function reportsFolder(cwd: string): string {
  return join(cwd, '.shedbench', 'reports');
}

/**
 * Keeps the results of a report. Each run gets a file, which is a report on that run only. A file with more rows is
 * never replaced by one with fewer.
 *
 * @throws as `writeWhole`
 */
export async function keepReport(report: Report, deps: KeptReportsDeps): Promise<void> {
  for (const run of report.runs) {
    if (run.server.state !== 'measured') continue;
    const path = runFile(reportsFolder(deps.cwd), run.runId);
    const before = await readDocument(path, REPORT_DOCUMENT, deps.emit);
    if (before !== undefined && rowsOf(before.runs[0]) >= rowsOf(run)) continue;
    const { sweep: _ofAllRuns, ...rest } = report;
    const alone: Report = {
      ...rest,
      runs: [run],
      ratios: [],
      standings: [],
      verdict: [],
      problems: report.problems.filter(({ runIds }) => runIds.includes(run.runId)),
    };
    await writeWhole(path, renderJson(alone));
  }
}

/** The kept results of these runs. Runs without a report are left out. */
export async function keptReports(
  runs: readonly Pick<RunRecord, 'id'>[],
  deps: KeptReportsDeps,
): Promise<readonly Report[]> {
  const kept = await Promise.all(
    runs.map(({ id }) => readDocument(runFile(reportsFolder(deps.cwd), id), REPORT_DOCUMENT, deps.emit)),
  );
  return kept.filter((report) => report !== undefined);
}

/** Whether a kept run has all the rows that its load must have made. */
export function isWhole(run: ReportedRun | undefined): boolean {
  return run?.server.state === 'measured' && run.server.completeness.missing === 0;
}

function rowsOf(run: ReportedRun | undefined): number {
  return run?.server.state === 'measured' ? run.server.completeness.found : -1;
}
