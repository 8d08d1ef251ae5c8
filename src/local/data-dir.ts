import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { lstat, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The beginning of a data folder's name. The watchdog and `stop` remove no folder of another name. */
const PREFIX = 'shedbench-cloud-';
/** How often the folder is checked. A check costs two system calls. */
const LOOK_INTERVAL_MS = 1_000;
/** Below this much free space no function can be unpacked and no object stored. */
const FULL_BELOW_BYTES = 1024 * 1024;
/** How many checks in a row must find the disk full, because another program may fill it for a moment. */
const FULL_LOOKS_TO_BE_SURE = 2;

/** The free blocks for ordinary users, and the size of a block in bytes. */
interface FreeSpace {
  readonly bavail: number;
  readonly bsize: number;
}

/**
 * Creates a cloud's data folder, mode 0700. By default it is a new one in the system's temporary folder: there, no
 * `package.json` or `node_modules` of a project lies above the functions' code, where Node would find it.
 * @throws Error `EEXIST` if something of that name exists
 */
export function makeDataDir(
  path = join(realpathSync(tmpdir()), `${PREFIX}${randomBytes(8).toString('hex')}`),
): string {
  mkdirSync(path, { mode: 0o700 });
  return path;
}

/** Removes a data folder. Repeats it a few times, because a sandbox that has just ended may still hold a file. */
export async function removeDataDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/**
 * Calls back once when the data folder was removed, as cleaners of temporary folders do, or when its disk is full.
 * Without its data folder a cloud can't work.
 *
 * @param onLoss gets the reason, worded for the cloud's log
 * @returns a function that ends the watch
 */
export function watchDataDir(
  path: string,
  onLoss: (why: string) => void,
  { intervalMs = LOOK_INTERVAL_MS, freeSpace = (folder: string): Promise<FreeSpace> => statfs(folder) } = {},
): () => void {
  let fullLooks = 0;
  let isOver = false;
  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  const end = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  const lose = (why: string): void => {
    // On a slow disk several checks may run at the same time.
    if (isOver) return;
    end();
    onLoss(why);
  };

  async function look(): Promise<void> {
    try {
      await lstat(path);
      const { bavail, bsize } = await freeSpace(path);
      fullLooks = bavail * bsize < FULL_BELOW_BYTES ? fullLooks + 1 : 0;
    } catch (error) {
      // Any other failure is temporary, or the next request fails with it.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') lose('its data folder is gone');
      return;
    }
    if (fullLooks >= FULL_LOOKS_TO_BE_SURE) lose(`the disk of its data folder is full (${path})`);
  }

  return end;
}
