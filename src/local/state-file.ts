import { readFileSync, unlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** How often a cloud checks its state file. Seldom, because functions are timed on the same machine. */
const LOOK_INTERVAL_MS = 2_000;
/** How many checks in a row must fail. A single one may meet a file that is just being replaced. */
const LOOKS_TO_BE_SURE = 2;

/**
 * Calls back once the state file no longer names this process: it was deleted, overwritten, or names another cloud.
 * Nobody knows the secret of this cloud any more, so nobody could use or stop it.
 *
 * @returns a function that ends the watch
 */
export function watchStateFile(
  path: string,
  onLoss: () => void,
  { pid = process.pid, intervalMs = LOOK_INTERVAL_MS } = {},
): () => void {
  let wasSeen = false;
  let misses = 0;
  let isOver = false;
  const timer = setInterval(() => {
    void readFile(path, 'utf8').then(
      (text) => look(names(text, pid)),
      () => look(false),
    );
  }, intervalMs);
  timer.unref();

  const end = () => {
    isOver = true;
    clearInterval(timer);
  };

  function look(isOurs: boolean): void {
    // On a slow disk another check may be in progress when one ends the watch.
    if (isOver) return;
    // The starter writes the file a moment after the cloud has begun to listen, so its absence counts only after it was
    // seen.
    wasSeen ||= isOurs;
    misses = isOurs || !wasSeen ? 0 : misses + 1;
    if (misses < LOOKS_TO_BE_SURE) return;
    end();
    onLoss();
  }

  return end;
}

/** Removes the state file if it names this process. Otherwise it belongs to another cloud. */
export function removeOwnStateFile(path: string): void {
  try {
    if (names(readFileSync(path, 'utf8'), process.pid)) unlinkSync(path);
  } catch {
    // The file is missing or can't be read, so there is nothing to remove.
  }
}

function names(text: string, pid: number): boolean {
  try {
    return (JSON.parse(text) as { pid?: unknown } | null)?.pid === pid;
  } catch {
    return false;
  }
}
