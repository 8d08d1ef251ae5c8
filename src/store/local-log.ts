import type { FileHandle } from 'node:fs/promises';
import { openAfresh, openPlain } from './files.ts';
import { localPaths } from './local-state.ts';

/**
 * Opens an empty `.shedbench/local.log` for the output of a new local cloud. The log of the previous cloud becomes
 * `local.log.1`, because it explains why that cloud ended. The cloud can truncate its log when it grows too large. The
 * caller closes the file.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe or the like in the place of one of the two files
 */
export async function openNewLocalLog(folder: string): Promise<FileHandle> {
  const { logFile } = localPaths(folder);
  return await openAfresh(logFile, `${logFile}.1`);
}

/**
 * Opens the log of a folder's local cloud for reading. Undefined if there is none. The caller closes the file.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe or the like in its place
 */
export async function openLocalLog(folder: string): Promise<FileHandle | undefined> {
  return await openPlain(localPaths(folder).logFile);
}
