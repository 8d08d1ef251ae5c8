import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  adviceFor,
  ControlGroup,
  ControlGroups,
  findHierarchy,
  isRefusal,
  quotaUsOf,
} from '../../../src/local/sandboxes/control-groups.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-test-groups-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A fake system whose `/proc/self` says what is mounted where. */
function system(mountinfo: readonly string[], cgroup: readonly string[], platform = 'linux') {
  const procFolder = join(folder, 'proc');
  mkdirSync(join(procFolder, 'self'), { recursive: true });
  writeFileSync(join(procFolder, 'self', 'mountinfo'), `${mountinfo.join('\n')}\n`);
  writeFileSync(join(procFolder, 'self', 'cgroup'), `${cgroup.join('\n')}\n`);
  return { platform, procFolder };
}

function group(path: string, files: Readonly<Record<string, string>> = {}): string {
  const at = join(folder, path);
  mkdirSync(at, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text);
  return at;
}

const v1Mount = () => `32 31 0:29 / ${folder}/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct`;
const v2Mount = (root = '/') => `30 23 0:26 ${root} ${folder}/unified rw - cgroup2 cgroup2 rw,nsdelegate`;

describe('the quota of a memory size', () => {
  test('is its share of 1,769 MB in 20 ms', () => {
    expect([128, 512, 1769, 3538].map(quotaUsOf)).toEqual([1447, 5789, 20_000, 40_000]);
  });
});

describe('where groups can be made', () => {
  test('version 1 gives the group of this process below the mount of the cpu controller', () => {
    const own = group('cpu/docker/abc');
    expect(findHierarchy(system([v1Mount()], ['3:cpu,cpuacct:/docker/abc', '0::/']))).toEqual({
      version: 1,
      folder: own,
    });
  });

  test('version 2 gives the group of this process where it has the cpu controller', () => {
    const own = group('unified/user.slice', {
      'cgroup.controllers': 'cpuset cpu io memory pids\n',
      'cgroup.subtree_control': '',
    });
    expect(findHierarchy(system([v2Mount()], ['0::/user.slice']))).toEqual({ version: 2, folder: own });
  });

  test('a mount that shows a part of the hierarchy is followed from that part', () => {
    const own = group('unified/inner', { 'cgroup.controllers': 'cpu', 'cgroup.subtree_control': '' });
    expect(findHierarchy(system([v2Mount('/outer')], ['0::/outer/inner']))).toEqual({
      version: 2,
      folder: own,
    });
  });

  test.each([
    ['another system than Linux', () => system([], [], 'darwin'), 'no-linux'],
    ['no hierarchy at all', () => system([], []), 'no-control-groups'],
    [
      'a group without the cpu controller',
      () => {
        group('unified/app', { 'cgroup.controllers': 'memory pids', 'cgroup.subtree_control': '' });
        return system([v2Mount()], ['0::/app']);
      },
      'no-cpu-controller',
    ],
    [
      'a group whose subtree_control is missing',
      () => {
        group('unified/app', { 'cgroup.controllers': 'cpu' });
        return system([v2Mount()], ['0::/app']);
      },
      'not-writable',
    ],
    ['a group that does not exist', () => system([v1Mount()], ['3:cpu:/gone']), 'no-control-groups'],
  ])('%s is refused by name', (_, make, code) => {
    const found = findHierarchy(make());
    expect(isRefusal(found) && found.code).toBe(code);
  });

  test('every refusal comes with the line to type', () => {
    for (const code of [
      'no-linux',
      'no-control-groups',
      'no-cpu-controller',
      'not-delegated',
      'not-writable',
    ] as const) {
      expect(adviceFor({ code, reason: '' }, 'shedbench bench --as-lambda').length).toBeGreaterThan(0);
    }
    expect(adviceFor({ code: 'not-delegated', reason: '' }, 'shedbench bench').join('\n')).toContain(
      'systemd-run --user --scope -p Delegate=yes shedbench bench',
    );
  });
});

describe('groups in a fake tree', () => {
  test('version 2 moves the cloud to a leaf and hands the cpu controller down', () => {
    const own = group('unified');
    const groups = ControlGroups.open({ version: 2, folder: own }, 'shedbench-1', [4711]);
    if (isRefusal(groups as never)) throw new Error('refused');
    expect(readFileSync(join(own, 'shedbench-1/cloud/cgroup.procs'), 'utf8')).toBe('4711');
    expect(readFileSync(join(own, 'cgroup.subtree_control'), 'utf8')).toBe('+cpu');
    expect(readFileSync(join(own, 'shedbench-1/cgroup.subtree_control'), 'utf8')).toBe('+cpu');
  });

  test('version 2 writes quota and period to cpu.max', () => {
    const one = new ControlGroup(join(folder, 'sandbox'), 2);
    one.limit(128);
    expect(one.readLimit()).toEqual({ quotaUs: 1447, periodUs: 20_000 });
    one.unlimit();
    expect(one.readLimit()).toBeUndefined();
  });

  test('version 1 writes period and quota to their files', () => {
    const one = new ControlGroup(join(folder, 'sandbox'), 1);
    one.limit(512);
    expect(readFileSync(join(one.folder, 'cpu.cfs_quota_us'), 'utf8')).toBe('5789');
    one.unlimit();
    expect(one.readLimit()).toBeUndefined();
  });

  test('throttling is read in the units of either version', () => {
    const [one, two] = [new ControlGroup(join(folder, 'one'), 1), new ControlGroup(join(folder, 'two'), 2)];
    writeFileSync(join(one.folder, 'cpu.stat'), 'nr_periods 10\nnr_throttled 7\nthrottled_time 5000000\n');
    writeFileSync(
      join(two.folder, 'cpu.stat'),
      'usage_usec 99\nnr_periods 10\nnr_throttled 7\nthrottled_usec 5000\n',
    );
    const expected = { periods: 10, throttledPeriods: 7, throttledMs: 5 };
    expect([one.readThrottling(), two.readThrottling()]).toEqual([expected, expected]);
  });
});

const hierarchy = findHierarchy();

describe('groups of this machine', () => {
  test.skipIf(isRefusal(hierarchy))(
    'a process of 128 MB is stopped again and again, and its group goes when it has ended',
    async () => {
      if (isRefusal(hierarchy)) return;
      const groups = ControlGroups.open(hierarchy, `shedbench-test-${process.pid}`, []);
      if (!(groups instanceof ControlGroups)) throw new Error(groups.reason);
      const one = groups.create();
      const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
      try {
        one.limit(128);
        one.add(child.pid ?? 0);
        await expect
          .poll(() => one.readThrottling().throttledPeriods, { timeout: 10_000 })
          .toBeGreaterThan(2);
      } finally {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
        expect(await one.remove()).toBe(true);
        rmSync(groups.folder, { recursive: true, force: true });
      }
    },
  );
});
