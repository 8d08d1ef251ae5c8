import { join } from 'node:path';
import type { Emit } from '../model/events.ts';
import { type DocumentKind, readDocument } from './document.ts';
import { removeFile, writeWhole } from './files.ts';
import { exactly, finite, list, object, optional, positive, type Shape, text } from './shapes.ts';

export const LOCAL_STATE_SCHEMA = 'shedbench/local@1';

/** What `.shedbench/local.json` (mode 0600) says of a folder's local cloud: all it takes to reach it, and to end it. */
export interface LocalCloudState {
  readonly schema: typeof LOCAL_STATE_SCHEMA;
  readonly pid: number;
  /** When the process of `pid` started, as the system tells it: another program under the same pid differs in it. */
  readonly processStart: string;
  /** The processes that the cloud brought up at its start; its sandboxes are the watchdog's affair. */
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
  /** The folders in which it may have made control groups. */
  readonly groupFolders?: readonly string[];
  /** Where functions run at the speed that Lambda gives them. */
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
  port: positive,
  endpoint: text,
  accessKeyId: text,
  secretAccessKey: text,
  region: text,
  accountId: text,
  startedAtEpochMs: finite,
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
  hint: 'A cloud that its state file no longer names ends itself within seconds; shedbench local start brings up another',
};

/** Where a folder's local cloud keeps what outlives a command. */
export function localPaths(folder: string): {
  readonly directory: string;
  readonly stateFile: string;
  readonly logFile: string;
  readonly lockFile: string;
} {
  const directory = join(folder, '.shedbench');
  return {
    directory,
    stateFile: join(directory, 'local.json'),
    logFile: join(directory, 'local.log'),
    lockFile: join(directory, 'local.lock'),
  };
}

/**
 * The state file of a folder; undefined where there is none that this version can use.
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

/** Writes the state file, readable by its owner alone: it holds the cloud's secret. @throws as `writeWhole` */
export async function writeLocalState(folder: string, state: LocalCloudState): Promise<void> {
  const { stateFile } = localPaths(folder);
  await writeWhole(stateFile, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
}
