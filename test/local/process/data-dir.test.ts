import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchDataDir } from '../../../src/local/data-dir.ts';

const INTERVAL_MS = 5;
const ROOMY = { bavail: 1_000_000, bsize: 4096 };
const FULL = { bavail: 10, bsize: 4096 };

let folder: string;
let end: (() => void) | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-data-'));
});
afterEach(() => {
  end?.();
  rmSync(folder, { recursive: true, force: true });
});

function watch(free: () => typeof ROOMY) {
  const onLoss = vi.fn();
  end = watchDataDir(folder, onLoss, { intervalMs: INTERVAL_MS, freeSpace: () => Promise.resolve(free()) });
  return onLoss;
}

const aFewLooks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20 * INTERVAL_MS));

describe('the watch over the data folder', () => {
  test('the watch over the data folder tells nothing while the folder is there and the disk has room', async () => {
    const onLoss = watch(() => ROOMY);
    await aFewLooks();
    expect(onLoss).not.toHaveBeenCalled();
  });

  test('the watch over the data folder tells once that the folder is gone', async () => {
    const onLoss = watch(() => ROOMY);
    rmSync(folder, { recursive: true });
    await expect.poll(() => onLoss).toHaveBeenCalled();
    await aFewLooks();
    expect(onLoss.mock.calls).toEqual([['its data folder is gone']]);
  });

  test('the watch over the data folder tells once that the disk is full, and forgives one look at a full disk', async () => {
    let looks = 0;
    const onLoss = watch(() => (looks++ === 1 ? FULL : ROOMY));
    await aFewLooks();
    expect(onLoss).not.toHaveBeenCalled();
    end?.();
    const onFull = watch(() => FULL);
    await expect.poll(() => onFull).toHaveBeenCalled();
    expect(onFull.mock.calls[0]?.[0]).toContain('the disk of its data folder is full');
  });
});
