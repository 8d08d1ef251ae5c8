import type { Emit } from '../model/events.ts';
import { checkDocument, type DocumentKind, warnOfDamage } from './document.ts';
import { createWhole, readPlain, removeFile, removeIfUnchanged, setAsideIfUnchanged } from './files.ts';
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
  readonly holder: LockHolder;
  readonly text: string;
}

const LOCK_DOCUMENT: DocumentKind<LockHolder> = {
  name: 'lock of the local cloud',
  shape: object<LockHolder>({ pid: positive, processStart: text }),
  hint: 'No shedbench writes such a lock. It is not needed any more',
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

/**
 * Reads the lock of a folder. Undefined if there is none. A damaged lock is renamed with a warning, and does not count.
 * @throws ShedbenchError `odd-file` (exit 2)
 */
export async function readLocalLock(folder: string, emit: Emit): Promise<FoundLock | undefined> {
  const { lockFile } = localPaths(folder);
  const text = await readPlain(lockFile);
  if (text === undefined) return undefined;
  const checked = checkDocument(text, LOCK_DOCUMENT);
  if (checked.state === 'good') return { holder: checked.document, text };
  // Another process may have seen the damage too, and created a lock since. Only the text that was read is renamed.
  const name = await setAsideIfUnchanged(lockFile, text);
  const reason = checked.state === 'damaged' ? checked.reason : `its schema is ${checked.schema}`;
  if (name !== undefined) warnOfDamage(lockFile, LOCK_DOCUMENT, reason, `it is now ${name}`, emit);
  return undefined;
}

/** Removes the lock of a folder, which this process holds. */
export async function removeLocalLock(folder: string): Promise<void> {
  await removeFile(localPaths(folder).lockFile);
}

/** Removes a lock whose holder has ended, unless another process has created a new one since. */
export async function removeAbandonedLock(folder: string, { text }: FoundLock): Promise<void> {
  await removeIfUnchanged(localPaths(folder).lockFile, text);
}
