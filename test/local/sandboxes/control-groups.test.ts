import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import {
  ControlGroup,
  ControlGroups,
  QuotaAltered,
  quotaUsOf,
  refusalOfGroup,
} from '../../../src/local/sandboxes/control-groups.ts';
import { CpuLimits, findCpuLimitPlace, NoCpuLimit } from '../../../src/local/sandboxes/cpu-limits.ts';
import { judgeTrial, tryQuota } from '../../../src/local/sandboxes/quota-trial.ts';
import { lives } from '../../targets/living.ts';
import { type FakeTree, fakeTree } from './control-group-tree.ts';

let tree: FakeTree;
beforeEach(() => {
  tree = fakeTree();
});
afterEach(() => tree.remove());

const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

test('the quota of a memory size is its share of 1,769 MB in 20 ms', () => {
  expect([128, 512, 1769, 3538].map(quotaUsOf)).toEqual([1447, 5789, 20_000, 40_000]);
});

describe('groups in a fake tree', () => {
  test('version 2 moves the cloud to a group of its own and hands the cpu controller down', () => {
    const own = tree.group('unified', { 'cgroup.subtree_control': '', 'cgroup.procs': '1\n4711\n' });
    const groups = ControlGroups.open(
      { version: 2, folder: own, movesOut: 'the-cloud' },
      'shedbench-1',
      [4711],
    );
    expect(groups).toBeInstanceOf(ControlGroups);
    expect(read(own, 'shedbench-1/cloud/cgroup.procs')).toBe('4711');
    expect(read(own, 'cgroup.subtree_control')).toBe('+cpu');
    expect(read(own, 'shedbench-1/cgroup.subtree_control')).toBe('+cpu');
  });

  test('version 2 moves every process of the scope into the group of the cloud if the scope was made for this command line', () => {
    const own = tree.group('unified', { 'cgroup.subtree_control': 'cpu', 'cgroup.procs': '17\n' });
    const groups = ControlGroups.open(
      { version: 2, folder: own, movesOut: 'everybody' },
      'shedbench-1',
      [4711],
    );
    expect(groups).toBeInstanceOf(ControlGroups);
    expect(read(own, 'shedbench-1/cloud/cgroup.procs')).toBe('17');
    expect(read(own, 'cgroup.subtree_control')).toBe('cpu');
  });

  test('version 2 moves no process out of the root group', () => {
    const top = tree.group('unified', { 'cgroup.subtree_control': 'cpu memory' });
    const groups = ControlGroups.open({ version: 2, folder: top, movesOut: 'nobody' }, 'shedbench-1', [4711]);
    expect(groups).toBeInstanceOf(ControlGroups);
    expect(existsSync(join(top, 'shedbench-1/cloud'))).toBe(false);
  });

  test('version 2 writes quota and period to cpu.max', () => {
    const one = new ControlGroup(join(tree.folder, 'sandbox'), 2);
    one.limit(128);
    expect(read(one.folder, 'cpu.max')).toBe('1447 20000');
    expect(one.readLimit()).toEqual({ quotaUs: 1447, periodUs: 20_000 });
  });

  test('version 1 writes period and quota to their files', () => {
    const one = new ControlGroup(join(tree.folder, 'sandbox'), 1);
    one.limit(512);
    expect(read(one.folder, 'cpu.cfs_period_us')).toBe('20000');
    expect(read(one.folder, 'cpu.cfs_quota_us')).toBe('5789');
  });

  test.each([
    [1, { 'cpu.cfs_quota_us': '-1', 'cpu.cfs_period_us': '100000' }],
    [2, { 'cpu.max': 'max 100000' }],
  ] as const)('a control group of version %i without a quota has none to read', (version, files) => {
    const one = new ControlGroup(tree.group('sandbox', files), version);
    expect(one.readLimit()).toBeUndefined();
  });

  test('throttling is read in the units of either version', () => {
    const one = new ControlGroup(
      tree.group('one', { 'cpu.stat': 'nr_periods 10\nnr_throttled 7\nthrottled_time 5000000\n' }),
      1,
    );
    const two = new ControlGroup(
      tree.group('two', {
        'cpu.stat': 'usage_usec 99\nnr_periods 10\nnr_throttled 7\nthrottled_usec 5000\n',
      }),
      2,
    );
    const expected = { periods: 10, throttledPeriods: 7, throttledMs: 5 };
    expect([one.readThrottling(), two.readThrottling()]).toEqual([expected, expected]);
  });

  test.each([
    [1, 'cpu.cfs_quota_us', '2000'],
    [2, 'cpu.max', '2000 20000'],
  ] as const)(
    'a quota that the kernel rounds in version %i is refused with both figures',
    (version, file, kept) => {
      const one = new ControlGroup(tree.group('sandbox', { 'cpu.cfs_period_us': '20000' }), version);
      const path = join(one.folder, file);
      // A file that takes what is written and keeps something else.
      Object.assign(one, { readLimit: () => ({ quotaUs: Number(kept.split(' ')[0]), periodUs: 20_000 }) });
      writeFileSync(path, kept);
      expect(() => one.limit(128)).toThrow(QuotaAltered);
      expect(() => one.limit(128)).toThrow(/2000 µs in 20000 µs where 1447 µs in 20000 µs/);
    },
  );
});

describe('the trial of a quota', () => {
  test.each([
    ['holds where the kernel stopped the process and it used no more than the quota', 100, 15, 3, 'holds'],
    ['is ignored where the process used the whole core', 100, 99, 0, 'ignored'],
    ['is ignored where it was stopped and used far more than the quota all the same', 400, 300, 9, 'ignored'],
    ['is unsure while the process got too little of a busy machine', 100, 3, 0, 'unsure'],
    ['is unsure right after the start', 8, 8, 0, 'unsure'],
  ] as const)('the trial of a quota judges the throttling: %s', (_, elapsedMs, cpuMs, stops, verdict) => {
    expect(judgeTrial({ elapsedMs, cpuMs, stops })).toBe(verdict);
  });
});

describe('the trial of a group', () => {
  const options = {
    children: { register: () => undefined, forget: () => undefined },
    nowMs: () => performance.now(),
  };
  const group = {
    folder: '/sys/fs/cgroup/one',
    add: () => undefined,
    limit: () => undefined,
    readThrottling: () => ({ periods: 0, throttledPeriods: 0, throttledMs: 0 }),
  };
  const failing = (error: Error) => ({
    ...group,
    limit: () => {
      throw error;
    },
  });

  test.each([
    [0, /used \d+ ms and was stopped 0 times$/],
    [1, /used \d+ ms and was stopped once$/],
  ])(
    'the trial of a group reports a quota that the kernel accepts but does not enforce, after %i stops of a busy process',
    async (throttledPeriods, text) => {
      const readThrottling = () => ({ periods: 0, throttledPeriods, throttledMs: 0 });
      const refused = await tryQuota({ ...group, readThrottling }, options);
      expect(refused?.code).toBe('quota-ignored');
      expect(refused?.reason).toMatch(text);
    },
  );

  test.each([
    ['another quota than was set', new QuotaAltered('the kernel keeps 2000 µs'), 'quota-altered'],
    ['a smaller quota of a group above', Object.assign(new Error(), { code: 'EINVAL' }), 'quota-altered'],
    ['no file for a quota', Object.assign(new Error(), { code: 'EACCES' }), 'no-bandwidth-control'],
  ])('the failed trial of a group names %s', async (_, error, code) => {
    expect(await tryQuota(failing(error), options)).toMatchObject({ code, folder: group.folder });
  });
});

test.each([
  ['EBUSY', 'shared-group'],
  ['EROFS', 'read-only'],
  ['EACCES', 'no-rights'],
  ['EPERM', 'no-rights'],
])('a group that the kernel refuses with %s is named as %s', (error, code) => {
  expect(refusalOfGroup(error, '/sys/fs/cgroup')).toMatchObject({ code, folder: '/sys/fs/cgroup' });
});

const found = findGroupParents();
const isPossible = !isRefusal(found);
const children = { register: () => undefined, forget: () => undefined };

describe.runIf(isPossible)('groups of this machine', () => {
  async function open(name: string) {
    const place = findCpuLimitPlace(name);
    return await CpuLimits.open({
      place,
      ownPids: [],
      children,
      nowMs: () => performance.now(),
      log: (message) => {
        throw new Error(message);
      },
    });
  }

  test('a process of 128 MB is stopped again and again, is counted, and is killed with its group', async () => {
    const limits = await open(`shedbench-cloud-test-${process.pid}`);
    const one = limits.create(128);
    const child = spawn('/bin/sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    one.join(pid);
    one.limit();
    await expect.poll(() => limits.shares()[0]?.throttledPeriods ?? 0).toBeGreaterThan(2);
    expect(limits.shares()).toMatchObject([{ memorySizeMB: 128, quotaUs: 1447, environments: 1 }]);
    one.close();
    expect(limits.shares()[0]?.throttledPeriods).toBeGreaterThan(2);
    await limits.close();
    await expect.poll(() => lives(pid)).toBe(false);
    if (isRefusal(found)) throw new Error(found.reason);
    for (const { folder } of found) {
      expect(existsSync(join(folder, `shedbench-cloud-test-${process.pid}`))).toBe(false);
    }
  });

  test('a group that can not be made ends in the error that names why', async () => {
    const place = { ...findCpuLimitPlace('shedbench-cloud-no'), parents: [parentIn('/proc/self')] };
    const opening = CpuLimits.open({ place, ownPids: [], children, nowMs: () => 0, log: () => undefined });
    await expect(opening).rejects.toThrow(NoCpuLimit);
    await expect(opening).rejects.toMatchObject({ refusal: { code: 'no-rights', version: 1 } });
  });
});

function parentIn(folder: string) {
  return { version: 1, folder, movesOut: 'nobody' } as const;
}
