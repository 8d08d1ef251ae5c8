import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { lstat, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The start of a data folder's name. The watchdog and `stop` remove no folder of another name. */
const PREFIX = 'shedbench-cloud-';
/** How often the folder is looked at. A look costs two system calls. */
const LOOK_INTERVAL_MS = 1_000;
/** With less free space than this no function can be unpacked and no object stored. */
const FULL_BELOW_BYTES = 1024 * 1024;
/** A disk that another program fills for a moment is no reason to end. */
const FULL_LOOKS_TO_BE_SURE = 2;

/** Free blocks for ordinary users, and the size of a block in bytes. */
interface FreeSpace {
  readonly bavail: number;
  readonly bsize: number;
}

/**
 * Makes a cloud's data folder, mode 0700. By default it is a new one in the system's temporary folder: there no
 * project's `package.json` or `node_modules` lies above the code of functions and changes what it means.
 * @throws Error `EEXIST` where something of that name is there already
 */
export function makeDataDir(
  path = join(realpathSync(tmpdir()), `${PREFIX}${randomBytes(8).toString('hex')}`),
): string {
  mkdirSync(path, { mode: 0o700 });
  return path;
}

/** Removes a data folder. Sandboxes that just ended may still hold a file for a moment, so it is tried several times. */
export async function removeDataDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/**
 * Calls back once when the data folder was removed (cleaners of temporary folders do that) or its disk is full. A cloud
 * without its data folder can't answer any more.
 *
 * @param onLoss gets the reason, as the cloud's log tells it
 * @returns ends the watch
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
    // A slow disk may have several looks under way at the same time.
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
      // Any other failure passes, or the next request tells it.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') lose('its data folder is gone');
      return;
    }
    if (fullLooks >= FULL_LOOKS_TO_BE_SURE) lose(`the disk of its data folder is full (${path})`);
  }

  return end;
}
