import { randomBytes } from 'node:crypto';
import { readdir, readFile, realpath, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The beginning of the name of every data folder of a local cloud. Folders with other names are never removed. */
const PREFIX = 'shedbench-cloud-';

/** The absolute path for a new data folder in the system's temporary folder. The local cloud creates the folder. */
export async function newDataFolder(): Promise<string> {
  return join(await realpath(tmpdir()), `${PREFIX}${randomBytes(8).toString('hex')}`);
}

/**
 * Removes the data folder of a local cloud, if it exists. Ignores a path of another form, because somebody may have
 * edited the state file that contains it.
 */
export async function removeDataFolder(path: string): Promise<void> {
  if (!isAbsolute(path) || normalize(path) !== path || !basename(path).startsWith(PREFIX)) return;
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** How often the removal of control groups is repeated while their processes end. */
const GROUP_ATTEMPTS = 50;
const GROUP_PAUSE_MS = 10;

/**
 * Removes the control groups of a local cloud, if they exist. Usually the watchdog has removed them, unless it was
 * killed. Processes that are still in a group are killed. Ignores a folder that is not a cloud's.
 */
export async function removeGroupFolder(path: string): Promise<void> {
  if (!isAbsolute(path) || normalize(path) !== path || !basename(path).startsWith(PREFIX)) return;
  for (let attempt = 0; attempt < GROUP_ATTEMPTS; attempt += 1) {
    const names = await readdir(path, { withFileTypes: true }).catch(() => undefined);
    if (names === undefined) return;
    for (const group of names.filter((entry) => entry.isDirectory())) {
      // The group of the cloud itself may contain its caller, such as a shell, so only the groups of sandboxes are
      // emptied.
      if (group.name.startsWith('sandbox-'))
        for (const pid of await pidsIn(join(path, group.name))) signal(pid);
      await rmdir(join(path, group.name)).catch(() => undefined);
    }
    if (await isRemoved(path)) return;
    await sleep(GROUP_PAUSE_MS);
  }
}

async function isRemoved(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch {
    // A process in the group has not ended yet.
    return false;
  }
}

async function pidsIn(group: string): Promise<number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended by itself.
  }
}
