import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { type DocumentKind, readDocument } from './document.ts';
import { removeFile, writeWhole } from './files.ts';
import { DOCUMENTS_FOLDER, PLACES } from './places.ts';
import {
  epochMs,
  exactly,
  list,
  object,
  optional,
  port,
  positive,
  type Shape,
  text,
  webAddress,
} from './shapes.ts';

export const LOCAL_STATE_SCHEMA = 'shedbench/local@1';

/**
 * The content of `.shedbench/local.json` (mode 0600): the facts that are needed to call a folder's local cloud and to
 * end it.
 */
export interface LocalCloudState {
  readonly schema: typeof LOCAL_STATE_SCHEMA;
  readonly pid: number;
  /**
   * The start time of the process `pid`, from the system. Another program with the same pid has another start time.
   */
  readonly processStart: string;
  /** The processes that the cloud started first. The watchdog ends its sandboxes. */
  readonly helpers: readonly { readonly pid: number; readonly processStart: string }[];
  readonly port: number;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly accountId: string;
  readonly startedAtEpochMs: number;
  readonly toolVersion: string;
  readonly logFile: string;
  readonly dataDir: string;
  /** The folders in which the cloud may have created control groups. */
  readonly groupFolders?: readonly string[];
  /** Present if functions run at Lambda's speed. */
  readonly asLambda?: {
    /** The database's latency in words. */
    readonly dynamodbLatency: string;
  };
}

const processShape = object<LocalCloudState['helpers'][number]>({ pid: positive, processStart: text });

/** The shape of `.shedbench/local.json`. */
const localCloudState: Shape<LocalCloudState> = object<LocalCloudState>({
  schema: exactly(LOCAL_STATE_SCHEMA),
  pid: positive,
  processStart: text,
  helpers: list(processShape),
  port,
  endpoint: webAddress,
  accessKeyId: text,
  secretAccessKey: text,
  region: text,
  accountId: text,
  startedAtEpochMs: epochMs,
  toolVersion: text,
  logFile: text,
  dataDir: text,
  groupFolders: optional(list(text)),
  asLambda: optional(object<NonNullable<LocalCloudState['asLambda']>>({ dynamodbLatency: text })),
});

export const LOCAL_STATE_DOCUMENT: DocumentKind<LocalCloudState> = {
  name: "local cloud's state file",
  schema: LOCAL_STATE_SCHEMA,
  shape: localCloudState,
  hint: 'A local cloud without its state file ends itself within seconds; shedbench local start starts another',
};

/** The paths of a folder's local cloud. */
export function localPaths(folder: string): {
  readonly directory: string;
  readonly stateFile: string;
  readonly logFile: string;
  readonly lockFile: string;
} {
  return {
    directory: join(folder, DOCUMENTS_FOLDER),
    stateFile: join(folder, PLACES.localState),
    logFile: join(folder, PLACES.localLog),
    lockFile: join(folder, PLACES.localLock),
  };
}

/**
 * Reads the state file of a folder. Undefined if there is none that this version can use.
 * @throws ShedbenchError `odd-file` (exit 2)
 */
export async function readLocalState(folder: string, emit: Emit): Promise<LocalCloudState | undefined> {
  try {
    return await readDocument(localPaths(folder).stateFile, LOCAL_STATE_DOCUMENT, emit);
  } catch (error) {
    // `.shedbench` is a file, so no cloud ever ran here.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Removes the state file, if there is one. */
export async function removeLocalState(folder: string): Promise<void> {
  await removeFile(localPaths(folder).stateFile);
}

/**
 * Writes the state file, readable only by its owner because it contains the cloud's secret. @throws as `writeWhole`
 */
export async function writeLocalState(folder: string, state: LocalCloudState): Promise<void> {
  const { stateFile } = localPaths(folder);
  await writeWhole(stateFile, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
}
