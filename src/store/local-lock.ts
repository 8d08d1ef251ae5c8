import { checkDocument, type DocumentKind } from './document.ts';
import { createWhole, readPlain, removeFile, removeIfUnchanged } from './files.ts';
import { localPaths } from './local-state.ts';
import { object, positive, text } from './shapes.ts';

/** The process that starts or stops the local cloud of a folder. */
export interface LockHolder {
  readonly pid: number;
  /** The start time of the process `pid`, from the system. */
  readonly processStart: string;
}

/** The lock of a folder as it was read. */
export interface FoundLock {
  /** Undefined if the lock's text does not name a process. */
  readonly holder: LockHolder | undefined;
  readonly text: string;
}

const LOCK_DOCUMENT: DocumentKind<LockHolder> = {
  name: 'lock of the local cloud',
  shape: object<LockHolder>({ pid: positive, processStart: text }),
  hint: 'The next start or stop of the local cloud removes it',
};

/**
 * Creates `.shedbench/local.lock`. It need not survive a restart of the machine.
 * @returns false if there is a lock already
 * @throws as `writeWhole`
 */
export async function createLocalLock(folder: string, holder: LockHolder): Promise<boolean> {
  const { lockFile } = localPaths(folder);
  return await createWhole(lockFile, JSON.stringify(holder), { mode: 0o600, durable: false });
}

/** Reads the lock of a folder. Undefined if there is none. @throws ShedbenchError `odd-file` (exit 2) */
export async function readLocalLock(folder: string): Promise<FoundLock | undefined> {
  const text = await readPlain(localPaths(folder).lockFile);
  if (text === undefined) return undefined;
  const checked = checkDocument(text, LOCK_DOCUMENT);
  return { holder: checked.state === 'good' ? checked.document : undefined, text };
}

/** Removes the lock of a folder, which this process holds. */
export async function removeLocalLock(folder: string): Promise<void> {
  await removeFile(localPaths(folder).lockFile);
}

/** Removes a lock whose holder has ended, unless another process has created a new one since. */
export async function removeAbandonedLock(folder: string, { text }: FoundLock): Promise<void> {
  await removeIfUnchanged(localPaths(folder).lockFile, text);
}
