import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ShedbenchError } from '../errors.ts';
import type { CommandDeps } from '../model/command.ts';
import { renderJson } from '../model/json-text.ts';
import type { Report, ReportedRun } from '../model/report.ts';
import type { RunRecord } from '../model/run.ts';
import { readReport } from './report-document.ts';

/** `<cwd>/.shedbench/reports`: what was ever read of each run's rows, so that it outlives the log groups. */
export function reportsFolder(cwd: string): string {
  return join(cwd, '.shedbench', 'reports');
}

/**
 * Keeps what a report measured of each of its runs, one file a run, itself a report on that run alone. What has more
 * rows is never replaced by what has fewer.
 */
export async function keepReport(report: Report, deps: Pick<CommandDeps, 'cwd'>): Promise<void> {
  const folder = reportsFolder(deps.cwd);
  await mkdir(folder, { recursive: true });
  for (const run of report.runs) {
    if (run.server.state !== 'measured') continue;
    const before = await readKept(folder, run.runId);
    if (before !== undefined && rowsOf(before.runs[0]) >= rowsOf(run)) continue;
    const alone: Report = {
      ...report,
      runs: [run],
      ratios: [],
      problems: report.problems.filter(({ runIds }) => runIds.includes(run.runId)),
    };
    const file = join(folder, `${run.runId}.json`);
    const draft = `${file}.${process.pid}.tmp`;
    await writeFile(draft, renderJson(alone));
    await rename(draft, file);
  }
}

/** What earlier reports kept of these runs; runs that none was made on are not among them. */
export async function keptReports(
  runs: readonly RunRecord[],
  deps: Pick<CommandDeps, 'cwd'>,
): Promise<readonly Report[]> {
  const folder = reportsFolder(deps.cwd);
  const kept = await Promise.all(runs.map(({ id }) => readKept(folder, id)));
  return kept.filter((report) => report !== undefined);
}

/** Whether a kept run has all the rows that its load must have made. */
export function isWhole(run: ReportedRun | undefined): boolean {
  return run?.server.state === 'measured' && run.server.completeness.missing === 0;
}

function rowsOf(run: ReportedRun | undefined): number {
  return run?.server.state === 'measured' ? run.server.completeness.found : -1;
}

/** Undefined where there is none, or none that this version reads: it is a help, never a need. */
async function readKept(folder: string, runId: string): Promise<Report | undefined> {
  const file = join(folder, `${runId}.json`);
  try {
    return readReport(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ShedbenchError) return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
