import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openAfresh, openPlain } from './files.ts';
import { PLACES } from './places.ts';

/**
 * Opens an empty `.shedbench/local.log` for the output of a new local cloud. The log of the previous cloud becomes
 * `local.log.1`, because it explains why that cloud ended. The cloud can truncate its log when it grows too large. The
 * caller closes the file.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe or the like in the place of one of the two files
 */
export async function openNewLocalLog(folder: string): Promise<FileHandle> {
  return await openAfresh(join(folder, PLACES.localLog), join(folder, PLACES.formerLocalLog));
}

/**
 * Opens the log of a folder's local cloud for reading. Undefined if there is none. The caller closes the file.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe or the like in its place
 */
export async function openLocalLog(folder: string): Promise<FileHandle | undefined> {
  return await openPlain(join(folder, PLACES.localLog));
}
