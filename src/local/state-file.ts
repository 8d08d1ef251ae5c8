import { readFileSync, unlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** How often a cloud looks whether it can still be found: seldom, for functions are timed beside it. */
const LOOK_INTERVAL_MS = 2_000;
/** One look may meet a file system in the middle of something; two in a row may not. */
const LOOKS_TO_BE_SURE = 2;

/**
 * Calls back once the state file that named this process does so no more: deleted with its folder, overwritten, the
 * next cloud's. Nobody knows the secret of such a cloud any more, so nobody could use it or end it.
 *
 * @returns ends the watch
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
    // A slow disk may have several looks under way when one of them ends the watch.
    if (isOver) return;
    // The starter writes it a moment after the door is open.
    wasSeen ||= isOurs;
    misses = isOurs || !wasSeen ? 0 : misses + 1;
    if (misses < LOOKS_TO_BE_SURE) return;
    end();
    onLoss();
  }

  return end;
}

/** Removes the state file while it is this process's: it is the next cloud's as soon as there is one. */
export function removeOwnStateFile(path: string): void {
  try {
    if (names(readFileSync(path, 'utf8'), process.pid)) unlinkSync(path);
  } catch {
    // None, or none that can be read: nothing of ours to remove.
  }
}

function names(text: string, pid: number): boolean {
  try {
    return (JSON.parse(text) as { pid?: unknown } | null)?.pid === pid;
  } catch {
    return false;
  }
}
