import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { usageError } from '../errors.ts';
import { DOCUMENTS_FOLDER } from './places.ts';

/**
 * Refuses a path that does not lead to a plain file through plain folders. The check begins below `.shedbench/`: that
 * folder itself, and a build's output folder, may be links, because their owner made them. A file that is missing is
 * not refused.
 * @throws ShedbenchError `odd-file` (exit 2)
 */
export async function requirePlainFile(path: string): Promise<void> {
  await requirePlainFolder(dirname(path));
  await requirePlain(path, 'file');
}

/** Refuses a path that does not lead to a folder through plain folders. Otherwise as `requirePlainFile`. */
export async function requirePlainFolder(folder: string): Promise<void> {
  for (const each of foldersBelowDocuments(folder)) await requirePlain(each, 'folder');
}

/** The folders below `.shedbench/` that lead to a folder, and the folder itself, outermost first. */
function foldersBelowDocuments(folder: string): string[] {
  const parts = resolve(folder).split(sep);
  const start = parts.lastIndexOf(DOCUMENTS_FOLDER) + 1;
  if (start === 0) return [];
  return parts.slice(start).map((_part, at) => parts.slice(0, start + at + 1).join(sep));
}

/** @throws ShedbenchError `odd-file` if something else is in its place */
async function requirePlain(path: string, wanted: 'file' | 'folder'): Promise<void> {
  const stat = await statOf(path);
  if (stat === undefined || (wanted === 'file' ? stat.isFile() : stat.isDirectory())) return;
  throw usageError(
    'odd-file',
    `${path} is ${kindOf(stat)}, not a ${wanted}.`,
    `shedbench uses only plain files and folders in ${DOCUMENTS_FOLDER}/: move it away`,
  );
}

/** What stands at a path, without following a link there. Undefined if nothing does. */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
}

function kindOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFIFO()) return 'a pipe';
  if (stat.isSocket()) return 'a socket';
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return 'a device';
  return stat.isDirectory() ? 'a folder' : 'a file';
}

/** Whether an error says that there is no such file or folder. */
export function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
