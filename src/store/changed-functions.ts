import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import type { TargetKind } from '../model/target.ts';
import { type DocumentKind, readNamedDocuments } from './document.ts';
import { removeFile, writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { epochMs, exactly, object, optional, positive, targetKind, text, webAddress } from './shapes.ts';

const CHANGED_FUNCTION_SCHEMA = 'shedbench/changed-function@1';

/**
 * A Lambda function whose settings a command changed temporarily, and the settings to restore. The record is written
 * before the change and removed after the settings are restored. So a later command can restore them after a crash.
 *
 * The record contains no environment variables of the function, because their values may be secret. Removing the
 * added variable does not need them.
 */
export interface ChangedFunction {
  readonly schema: typeof CHANGED_FUNCTION_SCHEMA;
  readonly target: {
    readonly kind: TargetKind;
    readonly region: string;
    readonly accountId: string;
    readonly endpoint?: string;
  };
  readonly functionName: string;
  /** The environment variable that was added and must be removed. */
  readonly variable?: string;
  /** The memory size in MB before the change and after it. Absent if it was not changed. */
  readonly memorySizeMB?: { readonly before: number; readonly set: number };
  /** The process that made the change. While it runs, no other command changes the function. */
  readonly owner: { readonly pid: number; readonly processStart: string };
  readonly changedAtEpochMs: number;
}

const CHANGED_FUNCTION_DOCUMENT: DocumentKind<ChangedFunction> = {
  name: 'record of a changed function',
  schema: CHANGED_FUNCTION_SCHEMA,
  shape: object<ChangedFunction>({
    schema: exactly(CHANGED_FUNCTION_SCHEMA),
    target: object<ChangedFunction['target']>({
      kind: targetKind,
      region: text,
      accountId: text,
      endpoint: optional(webAddress),
    }),
    functionName: text,
    variable: optional(text),
    memorySizeMB: optional(
      object<NonNullable<ChangedFunction['memorySizeMB']>>({ before: positive, set: positive }),
    ),
    owner: object<ChangedFunction['owner']>({ pid: positive, processStart: text }),
    changedAtEpochMs: epochMs,
  }),
  hint: "Look at the function's memory size, and remove its variable SHEDBENCH_COLD_START",
};

/** A new record with its schema. */
export function changedFunction(content: Omit<ChangedFunction, 'schema'>): ChangedFunction {
  return { schema: CHANGED_FUNCTION_SCHEMA, ...content };
}

/** Writes the record so that it survives a power cut. @throws as `writeWhole` */
export async function writeChangedFunction(cwd: string, record: ChangedFunction): Promise<void> {
  await writeWhole(pathOf(cwd, record), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Removes the record. Does nothing if there is none. */
export async function removeChangedFunction(cwd: string, record: ChangedFunction): Promise<void> {
  await removeFile(pathOf(cwd, record));
}

/** All records of a folder. Damaged ones are renamed, each with a warning. */
export async function readChangedFunctions(cwd: string, emit: Emit): Promise<readonly ChangedFunction[]> {
  return await readNamedDocuments(folderOf(cwd), CHANGED_FUNCTION_DOCUMENT, fileName, emit);
}

const folderOf = (cwd: string): string => join(cwd, PLACES.changedFunctions);

function pathOf(cwd: string, record: ChangedFunction): string {
  return join(folderOf(cwd), fileName(record));
}

/**
 * One file per function of a target. The hash replaces the target, and characters that are not allowed in file names.
 */
function fileName({ target, functionName }: ChangedFunction): string {
  const { kind, accountId, region, endpoint = '' } = target;
  const hash = createHash('sha256').update([kind, accountId, region, endpoint, functionName].join(' '));
  return `${hash.digest('hex').slice(0, 32)}.json`;
}
