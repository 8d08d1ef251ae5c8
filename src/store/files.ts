import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ShedbenchError, usageError } from '../errors.ts';

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
  await requirePlain(path, 'file');
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
 * Removes a file if its text is still `text`. Does nothing if there is no file, or if another process has replaced it
 * by one with another text.
 */
export async function removeIfUnchanged(path: string, text: string): Promise<void> {
  // The file is moved aside before its text is compared. Of two processes that saw the same text, only one can move it. A
  // process that is late moves a newer file, sees that by its text, and puts it back.
  const aside = draftOf(path);
  try {
    await rename(path, aside);
  } catch (cause) {
    if (isAbsent(cause)) return;
    throw cause;
  }
  if ((await readPlain(aside)) !== text) await link(aside, path).catch(falseIfExists);
  await rm(aside);
}

function falseIfExists(cause: NodeJS.ErrnoException): false {
  if (cause.code === 'EEXIST') return false;
  throw cause;
}

/**
 * The text of a file. Undefined if there is none.
 * @throws ShedbenchError `odd-file` (exit 2) for a link, a pipe, a device or a folder, which is not opened
 */
export async function readPlain(path: string): Promise<string | undefined> {
  try {
    await requirePlain(path, 'file');
    // Another program could replace the file by a link or a pipe after the check. The flags refuse a link and do not
    // wait for a pipe.
    const file = await open(path, constants.O_RDONLY | NO_LINK | NO_WAIT);
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause instanceof ShedbenchError ? cause : aboutFile(cause, path);
  }
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

/** Removes a file. Does nothing if there is none. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path);
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
  }
}

/** Renames a file to the first free of `<name>.damaged`, `<name>.damaged-2`, … and returns the new name. */
export async function setAside(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `${basename(path)}.damaged${number === 1 ? '' : `-${number}`}`;
    const aside = join(dirname(path), name);
    if ((await statOf(aside)) !== undefined) continue;
    await rename(path, aside);
    return name;
  }
}

/**
 * Refuses a link in the place of a folder of `.shedbench/`. That folder itself and a build's output folder may be
 * links, because their owner made them.
 * @throws ShedbenchError `odd-file` (exit 2)
 */
export async function requirePlainFolder(folder: string): Promise<void> {
  if (basename(dirname(folder)) === '.shedbench') await requirePlain(folder, 'folder');
}

/** @throws ShedbenchError `odd-file` if something else is in its place */
async function requirePlain(path: string, wanted: 'file' | 'folder'): Promise<void> {
  const stat = await statOf(path);
  if (stat === undefined || (wanted === 'file' ? stat.isFile() : stat.isDirectory())) return;
  throw usageError(
    'odd-file',
    `${path} is ${kindOf(stat)}, not a ${wanted}.`,
    `shedbench uses only plain files and folders in .shedbench/: move it away`,
  );
}

async function statOf(path: string): Promise<Stats | undefined> {
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

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
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
