import { join } from 'node:path';
import { usageError } from '../errors.ts';
import type { Emit } from '../model/events.ts';
import { RUN_SCHEMA, type RunRecord } from '../model/run.ts';
import { type DocumentKind, readDocuments, reportDamage } from './document.ts';
import { makeWritableFolder, writeWhole } from './files.ts';
import { RUN_ID, runRecord } from './run-schema.ts';

export const RUN_DOCUMENT: DocumentKind<RunRecord> = {
  name: 'run record',
  schema: RUN_SCHEMA,
  shape: runRecord,
  hint: 'Delete it, or repair it and give it its name back',
};

/** `<cwd>/.shedbench/runs`: the folder of the run records. */
export function runsFolder(cwd: string): string {
  return join(cwd, '.shedbench', 'runs');
}

/** `<folder>/<id>.json`. @throws ShedbenchError `bad-run-id` (exit 2) for an id that is no file name */
export function runFile(folder: string, id: string): string {
  if (!RUN_ID.test(id)) throw usageError('bad-run-id', `'${id}' is not the id of a run.`, 'shedbench runs');
  return join(folder, `${id}.json`);
}

/**
 * Writes a record atomically as `<cwd>/.shedbench/runs/<id>.json`, and returns that path.
 * @throws ShedbenchError `bad-run-id` (exit 2), and as `writeWhole`
 */
export async function writeRun(
  cwd: string,
  record: RunRecord,
  options: { readonly durable?: boolean } = {},
): Promise<string> {
  const path = runFile(runsFolder(cwd), record.id);
  await writeWhole(path, `${JSON.stringify(record)}\n`, options);
  return path;
}

/** Tests whether a record can be written, before a load that may take an hour. @throws as `makeWritableFolder` */
export async function tryRunsFolder(cwd: string): Promise<void> {
  await makeWritableFolder(runsFolder(cwd));
}

/** All records of a folder, oldest first. A record that cannot be read is named by a warning and left out. */
export async function listRuns(cwd: string, emit: Emit): Promise<RunRecord[]> {
  return await readRuns(cwd, emit);
}

/** The records of a folder whose load was sent by loaders in the region, oldest first. Other records are not parsed. */
export async function listFleetRuns(cwd: string, emit: Emit): Promise<RunRecord[]> {
  const runs = await readRuns(cwd, emit, '"fleet":');
  return runs.filter(({ fleet }) => fleet !== undefined);
}

async function readRuns(cwd: string, emit: Emit, having?: string): Promise<RunRecord[]> {
  const folder = runsFolder(cwd);
  const runs: RunRecord[] = [];
  for (const { name, document } of await readDocuments(folder, RUN_DOCUMENT, emit, having)) {
    if (name === `${document.id}.json`) runs.push(document);
    else await reportDamage(join(folder, name), RUN_DOCUMENT, `its id is ${document.id}`, emit);
  }
  return runs.sort((a, b) => a.startedAtEpochMs - b.startedAtEpochMs || (a.id < b.id ? -1 : 1));
}
