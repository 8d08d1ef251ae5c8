import { link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { awsError, fileError } from '../errors.ts';
import { draftOf, readPlain, sweepDrafts } from '../store/files.ts';
import { isSameProcess, processStart } from './process-identity.ts';

/** The longest wait for the end of another start. */
const WAIT_LIMIT_MS = 60_000;
const POLL_MS = 50;

export interface LockDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while no other process holds the same lock file. The lock of an ended process is taken over.
 *
 * @throws ShedbenchError `local-cloud-busy` (exit 3) if another process holds the lock longer than a minute; `odd-file`
 *   (exit 2) if a link, a folder or the like is in the place of the lock file
 */
export async function withStartLock<T>(lockFile: string, deps: LockDeps, work: () => Promise<T>): Promise<T> {
  const content = JSON.stringify({ pid: process.pid, processStart: await processStart(process.pid) });
  const deadline = deps.now() + WAIT_LIMIT_MS;
  while (!(await create(lockFile, content))) {
    deps.signal?.throwIfAborted();
    if (await removeIfAbandoned(lockFile)) continue;
    if (deps.now() > deadline) {
      throw awsError(
        'local-cloud-busy',
        'Another shedbench is starting or stopping the local cloud of this folder and does not finish',
        `If none is: rm ${lockFile}`,
      );
    }
    await deps.sleep(POLL_MS, deps.signal);
  }
  try {
    await sweepDrafts(dirname(lockFile));
    return await work();
  } finally {
    await unlinkIfThere(lockFile);
  }
}

async function create(lockFile: string, content: string): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>;
  // A complete draft is linked to the lock's path, because an incomplete lock would look abandoned.
  const draft = draftOf(lockFile);
  try {
    file = await open(draft, 'wx', 0o600);
  } catch (error) {
    throw fileError(error) ?? awsError('local-cloud-folder', `Can't write ${draft}`, undefined, error);
  }
  try {
    await file.writeFile(content);
    await file.close();
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlinkIfThere(draft);
  }
}

/** Removes the lock of an ended process. True if there is no lock any longer. */
async function removeIfAbandoned(lockFile: string): Promise<boolean> {
  const content = await readPlain(lockFile);
  if (content === undefined) return true;
  if (await isHeld(content)) return false;
  // The lock is moved aside before it is removed. Of two processes that saw the same abandoned lock, only one can move
  // it. A process that is late moves a fresh lock, sees that by its content, and puts it back.
  const aside = draftOf(lockFile);
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  if ((await readPlain(aside)) !== content) await link(aside, lockFile).catch(ignoreExisting);
  await unlinkIfThere(aside);
  return true;
}

async function isHeld(content: string): Promise<boolean> {
  try {
    const holder = JSON.parse(content) as { pid?: unknown; processStart?: unknown };
    if (typeof holder.pid !== 'number' || typeof holder.processStart !== 'string') return false;
    return await isSameProcess({ pid: holder.pid, processStart: holder.processStart });
  } catch {
    return false;
  }
}

async function unlinkIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
