import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ShedbenchError, usageError } from '../errors.ts';
import { isAbsent, requirePlainFile, requirePlainFolder, statOf } from './plain-path.ts';

/** The form of a draft's name: `.<file>.<pid>-<random>.draft`. */
const DRAFT = /^\..+\.(\d+)-[0-9a-f]+\.draft$/;
/** The age from which on a draft of an ended process is removed. Writing takes milliseconds. */
const DRAFT_LIFETIME_MS = 60_000;
/** Windows has neither flag. There only `lstat` detects links and devices. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

export interface WriteOptions {
  /** Permissions of the file, 0o644 by default. */
  readonly mode?: number;
  /**
   * Whether the document must survive a power failure. If so, the file and its name are on the disk when the promise
   * resolves. True by default.
   */
  readonly durable?: boolean;
}

/**
 * Writes a file atomically: a reader sees the old text or the new one, even if the process or the machine fails
 * meanwhile. Creates the folder. Removes drafts, also those of killed processes.
 *
 * @throws ShedbenchError `odd-file` (exit 2) if a link, a pipe or the like is in the file's or folder's place
 * @throws a system error with the file's `path` if it can't be written
 */
export async function writeWhole(path: string, text: string, options: WriteOptions = {}): Promise<void> {
  await throughDraft(path, text, options, (draft) => rename(draft, path));
}

/**
 * Creates a file that must not exist yet, with its whole text at once. Of several processes that call this at the same
 * time, only one creates the file. Otherwise as `writeWhole`.
 *
 * @returns false if the file exists already
 */
export async function createWhole(path: string, text: string, options: WriteOptions = {}): Promise<boolean> {
  let isCreated = false;
  await throughDraft(path, text, options, async (draft) => {
    // Unlike a rename, a link never replaces a file.
    isCreated = await link(draft, path).then(() => true, falseIfExists);
    await rm(draft, { force: true });
  });
  return isCreated;
}

/** Writes the text to a draft beside the file, and calls `place`, which must leave no draft. */
async function throughDraft(
  path: string,
  text: string,
  options: WriteOptions,
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await requirePlainFolder(folder);
  await makeFolder(folder);
  await requirePlainFile(path);
  const draft = draftOf(path);
  const durable = options.durable ?? true;
  try {
    const file = await open(draft, 'wx', options.mode ?? 0o644);
    try {
      await file.writeFile(text);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await place(draft);
    if (durable) await syncFolder(folder);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw aboutFile(cause, path);
  }
  await sweepDrafts(folder);
}

/**
 * Makes a folder of `.shedbench/` and tests whether files can be created in it.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe or the like on the way to it or in its place
 * @throws a system error of the folder, which `main` shows as `file-trouble` (exit 2)
 */
export async function makeWritableFolder(folder: string): Promise<void> {
  await requirePlainFolder(folder);
  await makeFolder(folder);
  await access(folder, constants.W_OK);
}

/** @throws ShedbenchError `odd-file` (exit 2) if a link in the folder's path leads to nothing */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    // All folders on the way are made, so only such a link remains as the cause.
    if (!isAbsent(cause)) throw cause;
    throw usageError(
      'odd-file',
      `${folder} can't be made, because a link in its path leads to nothing.`,
      'Remove the link, or restore the folder that it leads to',
    );
  }
}

/**
 * Renames a damaged file as `setAside` does, if its text is still `text`. Undefined, and no change, if there is no file,
 * or if another process has replaced it by one with another text.
 */
export async function setAsideIfUnchanged(path: string, text: string): Promise<string | undefined> {
  const aside = await takeIfUnchanged(path, text);
  return aside === undefined ? undefined : await renameToFreeName(aside, path);
}

/**
 * Removes a file if its text is still `text`. Does nothing if there is no file, or if another process has replaced it
 * by one with another text.
 */
export async function removeIfUnchanged(path: string, text: string): Promise<void> {
  const aside = await takeIfUnchanged(path, text);
  if (aside !== undefined) await rm(aside);
}

/** Moves a file to the path of a draft if its text is still `text`. Returns that path, or undefined without a move. */
async function takeIfUnchanged(path: string, text: string): Promise<string | undefined> {
  await requirePlainFile(path);
  // The file is moved before its text is compared. Of two processes that saw the same text, only one can move it. A
  // process that is late moves a newer file, sees that by its text, and puts it back.
  const aside = draftOf(path);
  try {
    await rename(path, aside);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
  if ((await readPlain(aside)) === text) return aside;
  await link(aside, path).catch(falseIfExists);
  await rm(aside);
  return undefined;
}

function falseIfExists(cause: NodeJS.ErrnoException): false {
  if (cause.code === 'EEXIST') return false;
  throw cause;
}

/**
 * The text of a file. Undefined if there is none.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe, a device or a folder in its place, which is not opened,
 *   and for a link or the like in the place of a folder that leads to it
 */
export async function readPlain(path: string): Promise<string | undefined> {
  const file = await openPlain(path);
  if (file === undefined) return undefined;
  try {
    return await file.readFile('utf8');
  } catch (cause) {
    throw aboutFile(cause, path);
  } finally {
    await file.close();
  }
}

/** Opens a file for reading. Undefined if there is none. The caller closes it. @throws as `readPlain` */
export async function openPlain(path: string): Promise<FileHandle | undefined> {
  try {
    await requirePlainFile(path);
    // Another program could replace the file by a link or a pipe after the check. The flags refuse a link and do not
    // wait for a pipe.
    return await open(path, constants.O_RDONLY | NO_LINK | NO_WAIT);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause instanceof ShedbenchError ? cause : aboutFile(cause, path);
  }
}

/**
 * Creates an empty file for appending, readable only by its owner. A former file of this path is renamed to
 * `formerPath` and replaces the file there. Creates the folder. The caller closes the file.
 * @throws as `writeWhole`
 */
export async function openAfresh(path: string, formerPath: string): Promise<FileHandle> {
  await requirePlainFolder(dirname(path));
  await makeFolder(dirname(path));
  await requirePlainFile(path);
  await requirePlainFile(formerPath);
  try {
    await rename(path, formerPath);
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
  }
  return await open(path, 'ax', 0o600);
}

/**
 * The names of the `.json` files of a folder, sorted. Empty if there is no folder.
 * @throws ShedbenchError `odd-file` (exit 2) if a link or a file is in the folder's place
 */
export async function documentNames(folder: string): Promise<string[]> {
  await requirePlainFolder(folder);
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw cause;
  }
}

/**
 * Removes a file. Does nothing if there is none.
 * @throws ShedbenchError `odd-file` (exit 2) if a link, a pipe or the like is in the file's or folder's place
 */
export async function removeFile(path: string): Promise<void> {
  try {
    await requirePlainFile(path);
    await rm(path);
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
  }
}

/**
 * Renames a file to the first free of `<name>.damaged`, `<name>.damaged-2`, … and returns the new name.
 * @throws ShedbenchError `odd-file` (exit 2) if a link, a pipe or the like is in the file's or folder's place
 */
export async function setAside(path: string): Promise<string> {
  await requirePlainFile(path);
  return await renameToFreeName(path, path);
}

/** Renames `from` to the first free name of a damaged file that was at `path`, and returns that name. */
async function renameToFreeName(from: string, path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `${basename(path)}.damaged${number === 1 ? '' : `-${number}`}`;
    const aside = join(dirname(path), name);
    if ((await statOf(aside)) !== undefined) continue;
    await rename(from, aside);
    return name;
  }
}

/**
 * Sets the file's path in an error. Node's errors name no path if a call on an open file fails, as `write` on a full
 * disk does, and otherwise name the draft's.
 */
function aboutFile(cause: unknown, path: string): unknown {
  return cause instanceof Error && 'code' in cause ? Object.assign(cause, { path }) : cause;
}

/** Writes the new name of a file to the disk. Windows can't sync folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A new path for the draft of a file, in the same folder. `sweepDrafts` removes the draft if this process ends too
 * early.
 */
export function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}.draft`);
}

/** Removes the drafts in a folder whose processes ended while they wrote. */
async function sweepDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(DRAFT.exec(name)?.[1]);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const stat = await statOf(join(folder, name));
    if (stat !== undefined && Date.now() - stat.mtimeMs > DRAFT_LIFETIME_MS) {
      await rm(join(folder, name), { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
