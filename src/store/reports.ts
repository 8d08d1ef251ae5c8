import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { renderJson } from '../model/json-text.ts';
import type { Report, ReportedRun } from '../model/report.ts';
import type { RunRecord } from '../model/run.ts';
import { readDocument, reportDamage } from './document.ts';
import { writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { recordFile } from './record-file.ts';
import { REPORT_DOCUMENT } from './report-document.ts';

/** The folder of the kept reports, and the listener for warnings about them. */
interface KeptReportsDeps {
  readonly cwd: string;
  readonly emit: Emit;
}

/**
 * `<cwd>/.shedbench/reports`: the rows of each run as they were read, which remain after the log groups are deleted.
 */
export function reportsFolder(cwd: string): string {
  return join(cwd, PLACES.reports);
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
    const before = await readKept(run.runId, deps);
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
    await writeWhole(recordFile(reportsFolder(deps.cwd), run.runId), renderJson(alone));
  }
}

/** The kept results of these runs. Runs without a report are left out. */
export async function keptReports(
  runs: readonly Pick<RunRecord, 'id'>[],
  deps: KeptReportsDeps,
): Promise<readonly Report[]> {
  const kept = await Promise.all(runs.map(({ id }) => readKept(id, deps)));
  return kept.filter((report) => report !== undefined);
}

/** The kept results of one run. A file whose content is not of that run alone is damaged. */
async function readKept(runId: string, { cwd, emit }: KeptReportsDeps): Promise<Report | undefined> {
  const path = recordFile(reportsFolder(cwd), runId);
  const report = await readDocument(path, REPORT_DOCUMENT, emit);
  if (report === undefined || (report.runs.length === 1 && report.runs[0]?.runId === runId)) return report;
  const runs = report.runs.map((run) => run.runId).join(', ');
  await reportDamage(path, REPORT_DOCUMENT, `its runs are [${runs}], not ${runId} alone`, emit);
  return undefined;
}

/** Whether a kept run has all the rows that its load must have made. */
export function isWhole(run: ReportedRun | undefined): boolean {
  return run?.server.state === 'measured' && run.server.completeness.missing === 0;
}

function rowsOf(run: ReportedRun | undefined): number {
  return run?.server.state === 'measured' ? run.server.completeness.found : -1;
}
