import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localPaths } from '../../../src/store/local-state.ts';
import { localCloudStatus, startLocalCloud, stopLocalCloud } from '../../../src/targets/local-cloud.ts';
import { descendants, lives } from '../../targets/living.ts';

let folder = '';
const deps = () => ({ folder, now: Date.now, sleep: (ms: number) => delay(ms), emit: () => undefined });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-end-test-'));
});
afterEach(async () => {
  await stopLocalCloud(deps());
  rmSync(folder, { recursive: true, force: true });
});

describe('a running local cloud ends itself with all its processes, and logs why, when', () => {
  test.each([
    [
      'its database process is killed',
      'its database process ended (SIGKILL)',
      (pids: readonly number[]) => process.kill(pids[1] ?? 0, 'SIGKILL'),
    ],
    [
      'its data folder is removed',
      'its data folder is gone',
      (_: readonly number[], dataDir: string) => rmSync(dataDir, { recursive: true }),
    ],
  ])('the local cloud ends with all its processes and logs the reason: %s', async (_, reason, harm) => {
    const { state } = await startLocalCloud({ ...deps(), toolVersion: '1.2.3' });
    const all = [state.pid, ...descendants(state.pid)];
    expect(all).toHaveLength(3);
    harm(
      state.helpers.map(({ pid }) => pid),
      state.dataDir,
    );
    for (const pid of all) await expect.poll(() => lives(pid), { timeout: 8_000 }).toBe(false);
    expect(existsSync(state.dataDir)).toBe(false);
    expect(await localCloudStatus(deps())).toEqual({ state: 'down', stale: false });
    expect(readFileSync(localPaths(folder).logFile, 'utf8')).toContain(`ends: ${reason}`);
  });
});
