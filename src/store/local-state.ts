import { readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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
}

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

/** The state file of a folder; undefined where there is none or it is not one of ours (cut short, edited, older). */
export async function readLocalState(folder: string): Promise<LocalCloudState | undefined> {
  let text: string;
  try {
    text = await readFile(localPaths(folder).stateFile, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  return parseLocalState(text);
}

/** Removes the state file, if there is one. */
export async function removeLocalState(folder: string): Promise<void> {
  try {
    await unlink(localPaths(folder).stateFile);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** ENOTDIR: `.shedbench` is a file, so there is nothing in it. */
function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Writes the state file, readable by its owner alone, in one step: no reader sees half of one. */
export async function writeLocalState(folder: string, state: LocalCloudState): Promise<void> {
  const { stateFile } = localPaths(folder);
  const draft = `${stateFile}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, stateFile);
}

/** The state that a text holds, or undefined. */
export function parseLocalState(text: string): LocalCloudState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const state = value as Record<string, unknown>;
  const isWhole =
    state.schema === LOCAL_STATE_SCHEMA &&
    isPid(state.pid) &&
    isPid(state.port) &&
    [
      'processStart',
      'endpoint',
      'accessKeyId',
      'secretAccessKey',
      'region',
      'accountId',
      'toolVersion',
      'logFile',
      'dataDir',
    ].every((name) => typeof state[name] === 'string') &&
    typeof state.startedAtEpochMs === 'number' &&
    Array.isArray(state.helpers) &&
    state.helpers.every((helper) => isPid(helper?.pid) && typeof helper.processStart === 'string');
  return isWhole ? (value as LocalCloudState) : undefined;
}

/** A pid of 0 or below would make `kill` reach whole process groups. */
function isPid(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
