import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** The length of the period in which a group may use its quota, in µs. Lambda's hosts use the same. */
const PERIOD_US = 20_000;
/** The memory size, in MB, that has one whole vCPU. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const FULL_CORE_MEMORY_MB = 1769;
/** How often the removal of a group is tried again while its processes end. */
const REMOVE_ATTEMPTS = 50;
const REMOVE_PAUSE_MS = 10;

/** The versions of Linux's control groups that can limit CPU. */
export type ControlGroupVersion = 1 | 2;

/** Where groups can be made, and how the kernel is told. */
export interface ControlGroupHierarchy {
  readonly version: ControlGroupVersion;
  /** The folder below which a group is a folder. */
  readonly folder: string;
}

/** Why no group can be made; `code` picks the advice. */
export interface ControlGroupRefusal {
  readonly code: 'no-linux' | 'no-control-groups' | 'no-cpu-controller' | 'not-delegated' | 'not-writable';
  readonly reason: string;
}

/** What of the system the search looks at; tests give a tree of their own. */
export interface ControlGroupSystem {
  readonly platform: string;
  /** `/proc` */
  readonly procFolder: string;
}

export const THIS_SYSTEM: ControlGroupSystem = { platform: process.platform, procFolder: '/proc' };

/** How much a group was held back so far. */
export interface ThrottleCount {
  /** Periods in which the group ran. */
  readonly periods: number;
  /** Periods in which it was stopped. */
  readonly throttledPeriods: number;
  /** Time for which its cores were stopped, in ms, added up over the cores. */
  readonly throttledMs: number;
}

/** The CPU time, in µs, that a memory size may use in each period of 20 ms: its share of 1,769 MB. */
export function quotaUsOf(memorySizeMB: number): number {
  return Math.round((PERIOD_US * memorySizeMB) / FULL_CORE_MEMORY_MB);
}

/**
 * Finds the folder where this process may make groups with a CPU limit: that of its own group, of version 1 (the `cpu`
 * controller) where it is mounted, else of version 2.
 */
export function findHierarchy(
  system: ControlGroupSystem = THIS_SYSTEM,
): ControlGroupHierarchy | ControlGroupRefusal {
  if (system.platform !== 'linux') {
    return { code: 'no-linux', reason: `${system.platform} has no control groups` };
  }
  const mounts = readMounts(system);
  const memberships = readMemberships(system);
  const [v1, v2] = [mounts.find(isCpuMount), mounts.find(({ type }) => type === 'cgroup2')];
  if (v1 !== undefined) {
    const own = memberships.find(({ controllers }) => controllers.includes('cpu'));
    return checked({ version: 1, folder: groupFolder(v1, own?.path ?? '/') });
  }
  if (v2 === undefined) return { code: 'no-control-groups', reason: 'no control group hierarchy is mounted' };
  const own = memberships.find(({ controllers }) => controllers.length === 0);
  return checked({ version: 2, folder: groupFolder(v2, own?.path ?? '/') });
}

export function isRefusal(found: ControlGroupHierarchy | ControlGroupRefusal): found is ControlGroupRefusal {
  return 'reason' in found;
}

/**
 * The command that makes enforcement possible on this kind of system, one for each way; `command` stands for the
 * person's own command line.
 */
export function adviceFor({ code }: ControlGroupRefusal, command: string): readonly string[] {
  switch (code) {
    case 'no-linux':
      return ['A Linux machine, or a virtual one; without it use shedbench forecast'];
    case 'no-control-groups':
    case 'no-cpu-controller':
      return [
        `In a container: docker run --privileged … ${command}`,
        'On the machine itself: an administrator enables the cpu controller of the control groups',
      ];
    case 'not-delegated':
      return [
        `systemd-run --user --scope -p Delegate=yes ${command}   (systemd 252 or later)`,
        `sudo systemd-run --scope -p Delegate=yes ${command}`,
      ];
    case 'not-writable':
      return [
        `sudo ${command}`,
        `systemd-run --user --scope -p Delegate=yes ${command}   (systemd 252 or later)`,
      ];
  }
}

interface Mount {
  readonly type: string;
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

/** @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function readMounts({ procFolder }: ControlGroupSystem): Mount[] {
  return linesOf(join(procFolder, 'self', 'mountinfo')).flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (root === undefined || point === undefined || type === undefined) return [];
    return type === 'cgroup' || type === 'cgroup2'
      ? [{ type, options: options.split(','), root: unescaped(root), point: unescaped(point) }]
      : [];
  });
}

/** @see https://man7.org/linux/man-pages/man7/cgroups.7.html (the file /proc/PID/cgroup) */
function readMemberships({ procFolder }: ControlGroupSystem): Membership[] {
  return linesOf(join(procFolder, 'self', 'cgroup')).flatMap((line) => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) return [];
    const [, controllers = '', path = '/'] = match;
    return [{ controllers: controllers === '' ? [] : controllers.split(','), path }];
  });
}

function isCpuMount({ type, options }: Mount): boolean {
  return type === 'cgroup' && options.includes('cpu');
}

/** The folder of a group: its path within the hierarchy, as far as the mount shows it. */
function groupFolder({ root, point }: Mount, path: string): string {
  const isBelow = path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
  return join(point, isBelow ? path.slice(root === '/' ? 0 : root.length) : '/');
}

function checked(hierarchy: ControlGroupHierarchy): ControlGroupHierarchy | ControlGroupRefusal {
  const { version, folder } = hierarchy;
  if (!existsSync(folder)) return { code: 'no-control-groups', reason: `the group ${folder} does not exist` };
  if (version === 2 && !wordsOf(join(folder, 'cgroup.controllers')).includes('cpu')) {
    return { code: 'no-cpu-controller', reason: `the group ${folder} has no cpu controller` };
  }
  const needed = version === 1 ? [folder] : [folder, join(folder, 'cgroup.subtree_control')];
  return needed.every(isWritable)
    ? hierarchy
    : { code: 'not-writable', reason: `this user may not make groups in ${folder}` };
}

/**
 * The groups of one local cloud: a folder that holds one group for each sandbox.
 *
 * Version 2 lets a group limit its children only while it holds no process itself. The processes of this cloud move to
 * a group of their own first; where other programs share the group, the kernel refuses, and so does `openControlGroups`.
 */
export class ControlGroups {
  /** Holds all groups of this cloud. Whoever cleans up after the cloud removes it with all folders below it. */
  readonly folder: string;
  readonly version: ControlGroupVersion;
  #count = 0;

  private constructor(folder: string, version: ControlGroupVersion) {
    this.folder = folder;
    this.version = version;
  }

  /**
   * @param name a folder name that no other cloud uses
   * @param ownPids the processes that must leave the present group under version 2
   */
  static open(
    hierarchy: ControlGroupHierarchy,
    name: string,
    ownPids: readonly number[],
  ): ControlGroups | ControlGroupRefusal {
    const folder = join(hierarchy.folder, name);
    try {
      mkdirSync(folder, { recursive: true });
      if (hierarchy.version === 2) {
        const leaf = join(folder, 'cloud');
        mkdirSync(leaf, { recursive: true });
        for (const pid of ownPids) writeFileSync(join(leaf, 'cgroup.procs'), String(pid));
        for (const parent of [hierarchy.folder, folder]) {
          writeFileSync(join(parent, 'cgroup.subtree_control'), '+cpu');
        }
      }
      return new ControlGroups(folder, hierarchy.version);
    } catch (error) {
      return {
        code: 'not-delegated',
        reason: `the kernel refused a group in ${hierarchy.folder} (${codeOf(error)})`,
      };
    }
  }

  /** Makes a group without a limit. @throws the system's error where the kernel refuses it */
  create(): ControlGroup {
    this.#count += 1;
    return new ControlGroup(join(this.folder, `sandbox-${this.#count}`), this.version);
  }
}

/** The group of one sandbox. Its methods throw the system's error where the kernel refuses. */
export class ControlGroup {
  readonly folder: string;
  readonly #version: ControlGroupVersion;

  constructor(folder: string, version: ControlGroupVersion) {
    this.folder = folder;
    this.#version = version;
    mkdirSync(folder, { recursive: true });
  }

  /** Moves a process with all its threads into the group. What it starts from now on stands in the group too. */
  add(pid: number): void {
    this.#write('cgroup.procs', String(pid));
  }

  /**
   * Limits the group to the share of a memory size.
   * @throws Error where the kernel keeps another quota than it was given
   */
  limit(memorySizeMB: number): void {
    const quotaUs = quotaUsOf(memorySizeMB);
    if (this.#version === 1) {
      this.#write('cpu.cfs_period_us', String(PERIOD_US));
      this.#write('cpu.cfs_quota_us', String(quotaUs));
    } else this.#write('cpu.max', `${quotaUs} ${PERIOD_US}`);
    const kept = this.readLimit();
    if (kept?.quotaUs !== quotaUs || kept.periodUs !== PERIOD_US) {
      throw new Error(
        `The kernel keeps a CPU limit of ${kept === undefined ? 'none' : `${kept.quotaUs} µs in ${kept.periodUs} µs`} where ${quotaUs} µs in ${PERIOD_US} µs were set.`,
      );
    }
  }

  /** Takes the limit away. */
  unlimit(): void {
    if (this.#version === 1) this.#write('cpu.cfs_quota_us', '-1');
    else this.#write('cpu.max', 'max');
  }

  /** The limit that the kernel keeps, in µs; undefined where there is none. */
  readLimit(): { readonly quotaUs: number; readonly periodUs: number } | undefined {
    const [quota, period] =
      this.#version === 1
        ? [this.#read('cpu.cfs_quota_us'), this.#read('cpu.cfs_period_us')]
        : this.#read('cpu.max').split(' ');
    const quotaUs = Number(quota);
    return Number.isInteger(quotaUs) && quotaUs > 0 ? { quotaUs, periodUs: Number(period) } : undefined;
  }

  /** How much the group was held back so far. */
  readThrottling(): ThrottleCount {
    const stat = new Map(
      this.#read('cpu.stat')
        .split('\n')
        .map((line) => {
          const [key = '', value = '0'] = line.split(' ');
          return [key, Number(value)];
        }),
    );
    const throttledUs =
      this.#version === 1 ? (stat.get('throttled_time') ?? 0) / 1000 : (stat.get('throttled_usec') ?? 0);
    return {
      periods: stat.get('nr_periods') ?? 0,
      throttledPeriods: stat.get('nr_throttled') ?? 0,
      throttledMs: throttledUs / 1000,
    };
  }

  /** Removes the group once its processes are gone; gives up, and says false, after half a second. */
  async remove(): Promise<boolean> {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
      try {
        rmdirSync(this.folder);
        return true;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return true;
        if (codeOf(error) !== 'EBUSY') throw error;
        await new Promise((resolve) => setTimeout(resolve, REMOVE_PAUSE_MS));
      }
    }
    return false;
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  #read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8').trim();
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The lines of a file; none where it can't be read. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function wordsOf(path: string): string[] {
  return linesOf(path).flatMap((line) => line.split(' '));
}

/** The kernel writes blanks in paths as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
