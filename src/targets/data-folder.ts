import { randomBytes } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, normalize } from 'node:path';

/** The start of the name of every data folder of a local cloud. No folder of another name is ever removed. */
const PREFIX = 'shedbench-cloud-';

/** The absolute path of a new data folder in the system's temporary folder. The local cloud makes the folder. */
export async function newDataFolder(): Promise<string> {
  return join(await realpath(tmpdir()), `${PREFIX}${randomBytes(8).toString('hex')}`);
}

/**
 * Removes the data folder of a local cloud, if it is there. A path that does not look like one is left alone: somebody
 * may have edited the state file that names it.
 */
export async function removeDataFolder(path: string): Promise<void> {
  if (!isAbsolute(path) || normalize(path) !== path || !basename(path).startsWith(PREFIX)) return;
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
