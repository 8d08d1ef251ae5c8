import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ControlGroupSystem,
  findGroupParents,
  isRefusal,
} from '../../../src/local/sandboxes/control-group-search.ts';
import { kernelTickMs } from '../../../src/local/sandboxes/kernel-tick.ts';
import { type FakeTree, fakeTree } from './control-group-tree.ts';

let tree: FakeTree;
beforeEach(() => {
  tree = fakeTree();
});
afterEach(() => tree.remove());

const WITH_CPU = { 'cgroup.controllers': 'cpuset cpu io memory pids\n', 'cgroup.subtree_control': '' };

describe('where groups can be made', () => {
  test('in version 1 the place for groups is the group of this process below the mount of the cpu controller', () => {
    const own = tree.group('cpu/docker/abc', { 'cpu.cfs_quota_us': '-1' });
    const found = findGroupParents(tree.system([tree.v1Mount()], ['3:cpu,cpuacct:/docker/abc', '0::/']));
    expect(found).toEqual([{ version: 1, folder: own, movesOut: 'nobody' }]);
  });

  test('in version 2 the place for groups is a group of this process that has the cpu controller', () => {
    const own = tree.group('unified/user.slice', WITH_CPU);
    const found = findGroupParents(tree.system([tree.v2Mount()], ['0::/user.slice']));
    expect(found).toEqual([{ version: 2, folder: own, movesOut: 'the-cloud' }]);
  });

  test('in version 2 all processes leave the group of a scope that systemd-run made', () => {
    const own = tree.group('unified/user.slice/run-u7.scope', WITH_CPU);
    const found = findGroupParents(tree.system([tree.v2Mount()], ['0::/user.slice/run-u7.scope']));
    expect(found).toEqual([{ version: 2, folder: own, movesOut: 'everybody' }]);
  });

  test('in version 2 the top of the hierarchy is tried second, and no process has to leave it', () => {
    const top = tree.group('unified', WITH_CPU);
    const own = tree.group('unified/session.scope', WITH_CPU);
    const found = findGroupParents(tree.system([tree.v2Mount()], ['0::/session.scope']));
    expect(found).toEqual([
      { version: 2, folder: own, movesOut: 'the-cloud' },
      { version: 2, folder: top, movesOut: 'nobody' },
    ]);
  });

  test('in version 2 the top that a container sees has a group above it, so the cloud must leave it', () => {
    const top = tree.group('unified', { ...WITH_CPU, 'cgroup.events': 'populated 1\n' });
    const found = findGroupParents(tree.system([tree.v2Mount()], ['0::/']));
    expect(found).toEqual([{ version: 2, folder: top, movesOut: 'the-cloud' }]);
  });

  test('a mount that shows a part of the hierarchy is followed from that part', () => {
    const own = tree.group('unified/inner', WITH_CPU);
    const found = findGroupParents(tree.system([tree.v2Mount('/outer')], ['0::/outer/inner']));
    expect(found).toEqual([{ version: 2, folder: own, movesOut: 'the-cloud' }]);
  });
});

const readOnlyFiles = { isWritable: () => false };

describe('a system without a place for groups is refused by name', () => {
  test.each<[what: string, code: string, reason: RegExp, make: () => ControlGroupSystem]>([
    ['another system than Linux', 'no-linux', /darwin/, () => tree.system([], [], { platform: 'darwin' })],
    ['no hierarchy at all', 'no-control-groups', /no control group hierarchy/, () => tree.system([], [])],
    [
      'version 1, whose group of this process is out of sight',
      'no-control-groups',
      /can't be seen/,
      () => tree.system([tree.v1Mount()], ['3:cpu:/gone']),
    ],
    [
      'version 1 without quotas',
      'no-bandwidth-control',
      /CONFIG_CFS_BANDWIDTH/,
      () => {
        tree.group('cpu/app');
        return tree.system([tree.v1Mount()], ['3:cpu:/app']);
      },
    ],
    [
      'version 1 that this user may not write to',
      'no-rights',
      /may not make groups/,
      () => {
        tree.group('cpu/app', { 'cpu.cfs_quota_us': '-1' });
        return tree.system([tree.v1Mount()], ['3:cpu:/app'], readOnlyFiles);
      },
    ],
    [
      'version 1 mounted read-only, as in a container',
      'read-only',
      /mounted read-only/,
      () => {
        tree.group('cpu', { 'cpu.cfs_quota_us': '-1' });
        return tree.system([tree.v1Mount('ro,nosuid')], ['3:cpu:/']);
      },
    ],
    [
      'version 2 mounted read-only, as in a container',
      'read-only',
      /mounted read-only/,
      () => {
        tree.group('unified', WITH_CPU);
        return tree.system([tree.v2Mount('/', 'ro,nosuid')], ['0::/']);
      },
    ],
    [
      'version 2 without a cpu controller anywhere',
      'no-cpu-controller',
      /no cpu controller/,
      () => {
        tree.group('unified', { 'cgroup.controllers': 'memory', 'cgroup.subtree_control': '' });
        tree.group('unified/app', { 'cgroup.controllers': 'memory', 'cgroup.subtree_control': '' });
        return tree.system([tree.v2Mount()], ['0::/app'], readOnlyFiles);
      },
    ],
    [
      'version 2 whose cpu controller exists and is not delegated',
      'not-delegated',
      /is not delegated: .*user.slice does not hand it down/,
      () => {
        tree.group('unified', WITH_CPU);
        tree.group('unified/user.slice', WITH_CPU);
        tree.group('unified/user.slice/app', {
          'cgroup.controllers': 'memory',
          'cgroup.subtree_control': '',
        });
        return tree.system([tree.v2Mount()], ['0::/user.slice/app'], readOnlyFiles);
      },
    ],
    [
      'version 2 that this user may not write to',
      'no-rights',
      /may not make groups/,
      () => {
        tree.group('unified/app', WITH_CPU);
        return tree.system([tree.v2Mount()], ['0::/app'], readOnlyFiles);
      },
    ],
  ])('a system without a place for groups is refused by name: %s', (_, code, reason, make) => {
    const found = findGroupParents(make());
    if (!isRefusal(found)) throw new Error('a place was found');
    expect(found.code).toBe(code);
    expect(found.reason).toMatch(reason);
  });

  test('a system without a place for groups is refused by name with whatever the advice depends on', () => {
    tree.group('unified/app', WITH_CPU);
    tree.group('run/systemd/system');
    writeFileSync(join(tree.folder, '.dockerenv'), '');
    const found = findGroupParents(tree.system([tree.v2Mount()], ['0::/app'], readOnlyFiles));
    expect(found).toMatchObject({ version: 2, isContainer: true, hasSystemd: true, isRoot: false });
  });
});

describe('the tick of the kernel', () => {
  test.each([
    ['CONFIG_HZ_250=y\nCONFIG_HZ=250\n', 4],
    ['CONFIG_HZ=1000\n', 1],
    ['# CONFIG_HZ is not set\n', undefined],
  ])('the tick of the kernel is read from its configuration', (config, tickMs) => {
    tree.group('boot', { 'config-6.1': config });
    expect(kernelTickMs('6.1', tree.folder)).toBe(tickMs);
  });

  test('the tick of the kernel is unknown where the system does not tell it', () => {
    expect(kernelTickMs('6.1', tree.folder)).toBeUndefined();
  });
});
