import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchStateFile } from '../../../src/local/state-file.ts';

const PID = 4711;
const INTERVAL_MS = 5;

let folder: string;
let path: string;
let end: (() => void) | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-state-'));
  path = join(folder, 'local.json');
});
afterEach(() => {
  end?.();
  rmSync(folder, { recursive: true, force: true });
});

function watch() {
  const onLoss = vi.fn();
  end = watchStateFile(path, onLoss, { pid: PID, intervalMs: INTERVAL_MS });
  return onLoss;
}

const aFewLooks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20 * INTERVAL_MS));

describe('a cloud whose state file', () => {
  test('a cloud whose state file is not written yet, or names it, goes on', async () => {
    const onLoss = watch();
    await aFewLooks();
    writeFileSync(path, JSON.stringify({ pid: PID }));
    await aFewLooks();
    expect(onLoss).not.toHaveBeenCalled();
  });

  test.each([
    ['is deleted', () => rmSync(path)],
    ['is overwritten with what is no state', () => writeFileSync(path, 'garbage{')],
    ['names another process', () => writeFileSync(path, JSON.stringify({ pid: PID + 1 }))],
  ])('a local cloud whose state file %s is informed once', async (_, lose) => {
    writeFileSync(path, JSON.stringify({ pid: PID }));
    const onLoss = watch();
    await aFewLooks();
    lose();
    await expect.poll(() => onLoss).toHaveBeenCalled();
    await aFewLooks();
    expect(onLoss).toHaveBeenCalledOnce();
  });
});
