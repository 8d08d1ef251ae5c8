import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { RUN_SCHEMA, type RunRecord } from '../model/run.ts';
import { type DocumentKind, readNamedDocuments } from './document.ts';
import { makeWritableFolder, writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { recordFile } from './record-file.ts';
import { runRecord } from './run-schema.ts';

export const RUN_DOCUMENT: DocumentKind<RunRecord> = {
  name: 'run record',
  schema: RUN_SCHEMA,
  shape: runRecord,
  hint: 'Delete it, or repair it and give it its name back',
};

/** `<cwd>/.shedbench/runs`: the folder of the run records. */
export function runsFolder(cwd: string): string {
  return join(cwd, PLACES.runs);
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
  const path = recordFile(runsFolder(cwd), record.id);
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
  const runs = await readNamedDocuments(
    runsFolder(cwd),
    RUN_DOCUMENT,
    ({ id }) => `${id}.json`,
    emit,
    having,
  );
  return runs.sort((a, b) => a.startedAtEpochMs - b.startedAtEpochMs || (a.id < b.id ? -1 : 1));
}
