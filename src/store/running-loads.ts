import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { type DocumentKind, readDocuments } from './document.ts';
import { removeFile, writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { epochMs, object, oneOf, positive, text } from './shapes.ts';

/** A command of this folder that sends load. */
export interface RunningLoad {
  readonly command: 'bench' | 'load';
  readonly pid: number;
  /** The start time of the process `pid`, from the system. */
  readonly processStart: string;
  readonly startedAtEpochMs: number;
}

const RUNNING_LOAD_DOCUMENT: DocumentKind<RunningLoad> = {
  name: 'mark of a running load',
  shape: object<RunningLoad>({
    command: oneOf(['bench', 'load']),
    pid: positive,
    processStart: text,
    startedAtEpochMs: epochMs,
  }),
  hint: 'Nothing needs it after its command has ended',
};

/**
 * Marks a load as running, under a name that no other mark has. The mark need not survive a restart of the machine.
 * @param nonce random lower-case letters and digits, which distinguish the loads of one process
 * @returns the mark's file name
 * @throws as `writeWhole`
 */
export async function writeRunningLoad(cwd: string, mark: RunningLoad, nonce: string): Promise<string> {
  const name = `${mark.pid}-${nonce}.json`;
  await writeWhole(join(folderOf(cwd), name), JSON.stringify(mark), { durable: false });
  return name;
}

/** Removes the mark of this file name. Does nothing if there is none. */
export async function removeRunningLoad(cwd: string, name: string): Promise<void> {
  await removeFile(join(folderOf(cwd), name));
}

/** The marks of a folder with their file names, also those of processes that have ended. */
export async function readRunningLoads(
  cwd: string,
  emit: Emit,
): Promise<readonly { readonly name: string; readonly document: RunningLoad }[]> {
  return await readDocuments(folderOf(cwd), RUNNING_LOAD_DOCUMENT, emit);
}

const folderOf = (cwd: string): string => join(cwd, PLACES.running);
