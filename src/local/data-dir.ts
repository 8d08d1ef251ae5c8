import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the data folders of local clouds are called; the watchdog and `stop` remove nothing else. */
const PREFIX = 'shedbench-cloud-';

/**
 * Makes a cloud's data folder, mode 0700, in the system's temporary folder: there no project's `package.json` or
 * `node_modules` lies above the code of functions and changes what it means.
 */
export function makeDataDir(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), PREFIX));
}

/** Removes a data folder; sandboxes that just ended may still have let go of a file late. */
export async function removeDataDir(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
