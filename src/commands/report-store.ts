import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../model/report.ts';
import { renderJson } from '../render/json.ts';
import type { CommandDeps } from './deps.ts';

/** `<cwd>/.shedbench/reports`: every report collected here, so that it outlives the log groups. */
export function reportsFolder(cwd: string): string {
  return join(cwd, '.shedbench', 'reports');
}

/** The file of the report on a run or bench. */
export function reportFile(cwd: string, id: string): string {
  return join(reportsFolder(cwd), `${id}.json`);
}

/**
 * Keeps a report under the id of its bench, or of its run where that is only one. A report on a mixture (the latest
 * runs of several loads) goes under its newest run's bench.
 */
export async function keepReport(report: Report, deps: Pick<CommandDeps, 'cwd'>): Promise<string> {
  const newest = report.runs.at(-1);
  const file = reportFile(deps.cwd, newest?.benchId ?? String(report.createdAtEpochMs));
  await mkdir(reportsFolder(deps.cwd), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, renderJson(report));
  await rename(draft, file);
  return file;
}
