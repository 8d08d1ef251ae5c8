import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { awsError, fileError } from '../errors.ts';
import { isSameProcess, processStart } from './process-identity.ts';

/** How long another `start` may take before this one gives up waiting for it. */
const WAIT_LIMIT_MS = 60_000;
const POLL_MS = 50;

export interface LockDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while no other process runs under the same lock file. The lock of a process that is gone is taken over.
 * @throws ShedbenchError `local-cloud-busy` (exit 3) when the holder doesn't let go within a minute
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
    return await work();
  } finally {
    await unlinkIfThere(lockFile);
  }
}

async function create(lockFile: string, content: string): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>;
  // Written beside and linked into place: a lock is never seen half-written, which would look abandoned.
  const draft = `${lockFile}.${process.pid}.${nextDraft++}`;
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
let nextDraft = 0;

/** True when the lock was an abandoned one and is gone now. */
async function removeIfAbandoned(lockFile: string): Promise<boolean> {
  const content = await readIfThere(lockFile);
  if (content === undefined) return true;
  if (await isHeld(content)) return false;
  // Moved aside first: of two that saw the same abandoned lock only one moves it, and whoever moved a fresh one by
  // being late sees that and puts it back.
  const aside = `${lockFile}.${process.pid}.abandoned`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  if ((await readIfThere(aside)) !== content) await link(aside, lockFile).catch(ignoreExisting);
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

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
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
