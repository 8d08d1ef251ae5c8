import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startWatchdog, type Watchdog } from '../../../src/local/watchdog.ts';
import { descendants, lives } from '../../targets/living.ts';

const spawned: ChildProcess[] = [];
const watchdogs: Watchdog[] = [];
afterEach(async () => {
  for (const watchdog of watchdogs.splice(0)) await watchdog.close();
  for (const child of spawned.splice(0)) child.kill('SIGKILL');
});

function watch(dataDir = '/nonexistent'): Watchdog {
  const watchdog = startWatchdog(dataDir, () => undefined);
  watchdogs.push(watchdog);
  return watchdog;
}

function sleeper(options: { readonly detached?: boolean; readonly command?: string } = {}): number {
  const child = spawn('/bin/sh', ['-c', options.command ?? 'exec sleep 600'], {
    stdio: 'ignore',
    detached: options.detached ?? false,
  });
  spawned.push(child);
  return child.pid ?? 0;
}

describe('the watchdog', () => {
  test('the watchdog kills who is listed and spares who was struck off', async () => {
    const watchdog = watch();
    const pids = Array.from({ length: 12 }, () => sleeper());
    for (const pid of pids) watchdog.register(pid);
    const spared = pids.filter((_, index) => index % 3 === 0);
    for (const pid of spared) watchdog.forget(pid);
    await watchdog.close();
    for (const pid of pids) await expect.poll(() => lives(pid)).toBe(spared.includes(pid));
  });

  test('the watchdog kills a group with all that is in it', async () => {
    const watchdog = watch();
    const leader = sleeper({ detached: true, command: 'sleep 600 & sleep 600 & wait' });
    await expect.poll(() => descendants(leader).length).toBe(2);
    const all = [leader, ...descendants(leader)];
    watchdog.register(leader, { group: true });
    await watchdog.close();
    for (const pid of all) await expect.poll(() => lives(pid)).toBe(false);
  });

  test('the watchdog strikes off one of two whose numbers begin alike', async () => {
    const watchdog = watch();
    const pid = sleeper();
    // No such processes: they only stand beside it in the list.
    watchdog.register(pid * 10 + 1);
    watchdog.register(pid);
    watchdog.forget(pid * 10 + 1);
    await watchdog.close();
    await expect.poll(() => lives(pid)).toBe(false);
  });

  test('the watchdog takes no pid that would mean more than one process', async () => {
    const watchdog = watch();
    for (const pid of [0, -1, 1, Number.NaN, 1.5]) watchdog.register(pid);
    const bystander = sleeper();
    await watchdog.close();
    expect(lives(bystander)).toBe(true);
    expect(lives(process.pid)).toBe(true);
  });

  test.runIf(process.platform === 'linux')(
    'the watchdog kills a process that left its group, by the data folder in its environment, and no other',
    async () => {
      const data = mkdtempSync(join(tmpdir(), 'shedbench-cloud-'));
      const watchdog = watch(data);
      const leader = sleeper({
        detached: true,
        command: `AWS_SESSION_TOKEN=local-session/${basename(data)}/ setsid sleep 600 & wait`,
      });
      await expect.poll(() => descendants(leader).length).toBe(1);
      const [strayed = 0] = descendants(leader);
      const bystander = sleeper({
        command: `AWS_SESSION_TOKEN=local-session/${basename(data)}-other/ exec sleep 600`,
      });
      await watchdog.close();
      await expect.poll(() => lives(strayed)).toBe(false);
      expect(lives(bystander)).toBe(true);
    },
  );

  test('the watchdog removes a data folder, and nothing that is not called like one', async () => {
    const data = mkdtempSync(join(tmpdir(), 'shedbench-cloud-'));
    const other = mkdtempSync(join(tmpdir(), 'shedbench-watchdog-'));
    await watch(data).close();
    await watch(other).close();
    expect(existsSync(data)).toBe(false);
    expect(existsSync(other)).toBe(true);
    rmSync(other, { recursive: true });
  });

  test('the watchdog does not listen to the signals of a terminal', async () => {
    const watchdog = watch();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
      process.kill(watchdog.pid, signal);
    const pid = sleeper();
    watchdog.register(pid);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lives(watchdog.pid)).toBe(true);
    await watchdog.close();
    await expect.poll(() => lives(pid)).toBe(false);
  });
});
