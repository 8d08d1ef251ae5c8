import { awsError } from '../errors.ts';
import type { Emit } from '../model/events.ts';
import { createLocalLock, readLocalLock, removeAbandonedLock, removeLocalLock } from '../store/local-lock.ts';
import { localPaths } from '../store/local-state.ts';
import { isSameProcess, processStart } from './process-identity.ts';

/** The longest wait for the end of another start. */
const WAIT_LIMIT_MS = 60_000;
const POLL_MS = 50;

export interface LockDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly emit: Emit;
}

/**
 * Runs `work` while no other process holds the lock of the folder. The lock of an ended process is taken over. A
 * damaged lock is renamed with a warning.
 *
 * @throws ShedbenchError `local-cloud-busy` (exit 3) if another process holds the lock longer than a minute; `odd-file`
 *   (exit 2) if a link, a folder or the like is in the place of the lock file
 */
export async function withStartLock<T>(folder: string, deps: LockDeps, work: () => Promise<T>): Promise<T> {
  const holder = { pid: process.pid, processStart: (await processStart(process.pid)) ?? '' };
  const deadline = deps.now() + WAIT_LIMIT_MS;
  while (!(await createLocalLock(folder, holder))) {
    deps.signal?.throwIfAborted();
    const found = await readLocalLock(folder, deps.emit);
    if (found === undefined) continue;
    if (!(await isSameProcess(found.holder))) {
      await removeAbandonedLock(folder, found);
      continue;
    }
    if (deps.now() > deadline) {
      throw awsError(
        'local-cloud-busy',
        'Another shedbench is starting or stopping the local cloud of this folder and does not finish',
        `If none is: rm ${localPaths(folder).lockFile}`,
      );
    }
    await deps.sleep(POLL_MS, deps.signal);
  }
  try {
    return await work();
  } finally {
    await removeLocalLock(folder);
  }
}
