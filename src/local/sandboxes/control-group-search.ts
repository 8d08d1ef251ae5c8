import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ControlGroupVersion, CpuLimitRefusal } from '../start-protocol.ts';

/** A folder below which this process may create groups with a CPU limit. */
export interface GroupParent {
  readonly version: ControlGroupVersion;
  readonly folder: string;
  /**
   * Which processes must leave the folder's own group before groups below it can be limited. Only version 2 requires
   * that, except at the top of the hierarchy.
   */
  readonly movesOut: 'nobody' | 'the-cloud' | 'everybody';
}

/** The parts of the system that the search reads. Tests replace them. */
export interface ControlGroupSystem {
  readonly platform: string;
  /** `/`. The folders `proc` and `run` are searched below it. */
  readonly rootFolder: string;
  readonly isRoot: boolean;
  /** Whether this process may write to a file, or create folders in a folder. */
  readonly isWritable: (path: string) => boolean;
}

export const THIS_SYSTEM: ControlGroupSystem = {
  platform: process.platform,
  rootFolder: '/',
  isRoot: process.getuid?.() === 0,
  isWritable,
};

/** A refusal without the members that are equal for all refusals of a system. */
export type RefusalReason = Pick<CpuLimitRefusal, 'code' | 'reason' | 'folder'>;

/**
 * Finds the folders where this process may create groups with a CPU limit, the best one first. If version 1's `cpu`
 * controller is mounted, it is used, because the kernel has each controller in only one version.
 */
export function findGroupParents(
  system: ControlGroupSystem = THIS_SYSTEM,
): readonly GroupParent[] | CpuLimitRefusal {
  if (system.platform !== 'linux') {
    return refusalOf(system, { code: 'no-linux', reason: `${system.platform} has no control groups` });
  }
  const mounts = readMounts(system);
  const memberships = readMemberships(system);
  const v1 = mounts.find(({ type, options }) => type === 'cgroup' && options.includes('cpu'));
  if (v1 !== undefined) {
    const own = memberships.find(({ controllers }) => controllers.includes('cpu'));
    const found = parentOfVersion1(v1, own?.path ?? '/', system);
    return 'code' in found ? refusalOf(system, found, 1) : [found];
  }
  const v2 = mounts.find(({ type }) => type === 'cgroup2');
  if (v2 === undefined) {
    return refusalOf(system, { code: 'no-control-groups', reason: 'no control group hierarchy is mounted' });
  }
  const own = memberships.find(({ controllers }) => controllers.length === 0);
  const found = parentsOfVersion2(v2, own?.path ?? '/', system);
  return 'code' in found ? refusalOf(system, found, 2) : found;
}

/** Adds the facts to a refusal on which the advice depends. */
export function refusalOf(
  system: ControlGroupSystem,
  reason: RefusalReason,
  version?: ControlGroupVersion,
): CpuLimitRefusal {
  const has = (path: string): boolean => existsSync(join(system.rootFolder, path));
  return {
    ...reason,
    ...(version === undefined ? {} : { version }),
    isContainer: has('.dockerenv') || has('run/.containerenv'),
    hasSystemd: has('run/systemd/system'),
    isRoot: system.isRoot,
  };
}

export function isRefusal<Found extends object>(found: Found | CpuLimitRefusal): found is CpuLimitRefusal {
  return 'reason' in found;
}

interface Mount {
  readonly type: string;
  readonly isReadOnly: boolean;
  readonly options: readonly string[];
  /** The part of the hierarchy that is mounted. */
  readonly root: string;
  readonly point: string;
}

interface Membership {
  /** Empty for version 2. */
  readonly controllers: readonly string[];
  readonly path: string;
}

function parentOfVersion1(
  mount: Mount,
  path: string,
  { isWritable: mayWrite }: ControlGroupSystem,
): GroupParent | RefusalReason {
  const folder = groupFolder(mount, path);
  const trouble = troubleWith(mount, folder);
  if (trouble !== undefined) return trouble;
  if (!existsSync(join(folder, 'cpu.cfs_quota_us'))) {
    return {
      code: 'no-bandwidth-control',
      reason: 'this kernel was built without CPU quotas (CONFIG_CFS_BANDWIDTH)',
    };
  }
  return mayWrite(folder) ? { version: 1, folder, movesOut: 'nobody' } : noRights(folder);
}

function parentsOfVersion2(
  mount: Mount,
  path: string,
  { isWritable: mayWrite }: ControlGroupSystem,
): readonly GroupParent[] | RefusalReason {
  const own = groupFolder(mount, path);
  const trouble = troubleWith(mount, own);
  if (trouble !== undefined) return trouble;
  const mayLimitBelow = (folder: string): boolean =>
    hasCpu(folder, 'cgroup.controllers') && [folder, subtreeControlOf(folder)].every(mayWrite);
  const parents: GroupParent[] = [];
  if (own !== mount.point && mayLimitBelow(own)) {
    parents.push({
      version: 2,
      folder: own,
      movesOut: isScopeOfSystemdRun(path) ? 'everybody' : 'the-cloud',
    });
  }
  if (mayLimitBelow(mount.point)) {
    // Only the top of the hierarchy, which does not have this file, may contain processes and limit groups below it.
    const isTop = !existsSync(join(mount.point, 'cgroup.events'));
    parents.push({ version: 2, folder: mount.point, movesOut: isTop ? 'nobody' : 'the-cloud' });
  }
  if (parents.length > 0) return parents;
  if (hasCpu(own, 'cgroup.controllers')) return noRights(own);
  return withoutCpu(mount.point, own);
}

/** `run-u12.scope`, `run-r3f….scope`, `run-p17-i18.scope`: a group that systemd-run created for one command. */
function isScopeOfSystemdRun(path: string): boolean {
  return /\/run-[^/]+\.scope$/.test(path);
}

function troubleWith(mount: Mount, folder: string): RefusalReason | undefined {
  if (!existsSync(folder)) {
    return { code: 'no-control-groups', reason: `the group of this process, ${folder}, can't be seen` };
  }
  if (!mount.isReadOnly) return undefined;
  return { code: 'read-only', reason: `the control groups are mounted read-only at ${mount.point}`, folder };
}

function noRights(folder: string): RefusalReason {
  return { code: 'no-rights', reason: `this user may not make groups in ${folder}`, folder };
}

/**
 * Explains why a group of version 2 has no cpu controller: a group above has it and does not delegate it, or none has
 * it.
 */
function withoutCpu(top: string, own: string): RefusalReason {
  for (let folder = own; folder !== top && folder !== dirname(folder); folder = dirname(folder)) {
    const parent = dirname(folder);
    if (!hasCpu(parent, 'cgroup.controllers')) continue;
    return {
      code: 'not-delegated',
      reason: `the cpu controller exists and is not delegated: ${parent} does not hand it down`,
      folder: parent,
    };
  }
  return { code: 'no-cpu-controller', reason: `the control groups at ${top} have no cpu controller` };
}

export function subtreeControlOf(folder: string): string {
  return join(folder, 'cgroup.subtree_control');
}

function hasCpu(folder: string, file: string): boolean {
  return linesOf(join(folder, file)).some((line) => line.split(' ').includes('cpu'));
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function readMounts({ rootFolder }: ControlGroupSystem): Mount[] {
  return linesOf(join(rootFolder, 'proc/self/mountinfo')).flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point, mountOptions = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root === undefined || point === undefined) return [];
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const isReadOnly = mountOptions.split(',').includes('ro');
    return [
      { type, isReadOnly, options: options.split(','), root: unescaped(root), point: unescaped(point) },
    ];
  });
}

/** @see https://man7.org/linux/man-pages/man7/cgroups.7.html (the file /proc/PID/cgroup) */
function readMemberships({ rootFolder }: ControlGroupSystem): Membership[] {
  return linesOf(join(rootFolder, 'proc/self/cgroup')).flatMap((line) => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) return [];
    const [, controllers = '', path = '/'] = match;
    return [{ controllers: controllers === '' ? [] : controllers.split(','), path }];
  });
}

/** The folder of a group: its path within the hierarchy, as far as the mount shows it. */
function groupFolder({ root, point }: Mount, path: string): string {
  const isBelow = path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
  const inside = isBelow ? path.slice(root === '/' ? 0 : root.length) : '/';
  return inside === '' || inside === '/' ? point : join(point, inside);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The lines of a file. Empty if it can't be read. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** The kernel writes a space in a path as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
