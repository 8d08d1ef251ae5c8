import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import type { TargetKind } from '../model/target.ts';
import { type DocumentKind, readDocuments } from './document.ts';
import { removeFile, writeWhole } from './files.ts';
import { count, exactly, finite, object, optional, targetKind, text } from './shapes.ts';

const CHANGED_FUNCTION_SCHEMA = 'shedbench/changed-function@1';

/**
 * A Lambda function whose settings a command changed for a while, and what must be put back. The record is on disk
 * before the change and is removed after the function is as it was. So a command that finds it after a crash can put
 * the function back.
 *
 * The record holds no environment variable of the function: their values may be secret, and taking one variable away
 * needs none of them.
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
  /** Memory in MB: what it was, and what it was set to. Absent where it was not changed. */
  readonly memorySizeMB?: { readonly before: number; readonly set: number };
  /** The process that made the change. While it lives, no other command touches the function. */
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
      endpoint: optional(text),
    }),
    functionName: text,
    variable: optional(text),
    memorySizeMB: optional(
      object<NonNullable<ChangedFunction['memorySizeMB']>>({ before: count, set: count }),
    ),
    owner: object<ChangedFunction['owner']>({ pid: count, processStart: text }),
    changedAtEpochMs: finite,
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

/** Removes the record; none there is as good. */
export async function removeChangedFunction(cwd: string, record: ChangedFunction): Promise<void> {
  await removeFile(pathOf(cwd, record));
}

/** All records of a folder. Damaged ones are renamed, each with a warning. */
export async function readChangedFunctions(cwd: string, emit: Emit): Promise<readonly ChangedFunction[]> {
  const found = await readDocuments(folderOf(cwd), CHANGED_FUNCTION_DOCUMENT, emit);
  return found.map(({ document }) => document);
}

const folderOf = (cwd: string): string => join(cwd, '.shedbench', 'changed-functions');

/** One file per function of a target. The hash stands for the target and for characters that no file name may have. */
function pathOf(cwd: string, { target, functionName }: ChangedFunction): string {
  const { kind, accountId, region, endpoint = '' } = target;
  const hash = createHash('sha256').update([kind, accountId, region, endpoint, functionName].join(' '));
  return join(folderOf(cwd), `${hash.digest('hex').slice(0, 32)}.json`);
}
