import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlGroupVersion } from '../start-protocol.ts';
import { type GroupParent, type RefusalReason, subtreeControlOf } from './control-group-search.ts';

/** The length of the period in which a group may use its quota, in µs. Lambda's hosts use the same. */
export const PERIOD_US = 20_000;
/** The memory size, in MB, that has one whole vCPU. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const FULL_CORE_MEMORY_MB = 1769;
/** How often the removal of a group is tried while its processes end. */
const REMOVE_ATTEMPTS = 50;
const REMOVE_PAUSE_MS = 10;
/** The group that the processes of the cloud itself move to under version 2. */
const OWN_GROUP = 'cloud';

/** How often and for how long a group was stopped so far. */
export interface ThrottleCount {
  /** The number of periods in which the group ran. */
  readonly periods: number;
  /** The number of periods in which it was stopped. */
  readonly throttledPeriods: number;
  /** For how long its cores were stopped, ms, summed over the cores. */
  readonly throttledMs: number;
}

/** The CPU time, in µs, that a memory size may use in each period of 20 ms: its share of 1,769 MB. */
export function quotaUsOf(memorySizeMB: number): number {
  return Math.round((PERIOD_US * memorySizeMB) / FULL_CORE_MEMORY_MB);
}

/** Thrown if the kernel sets another quota than the requested one. */
export class QuotaAltered extends Error {
  override readonly name = 'QuotaAltered';
}

/**
 * The groups of one local cloud: a folder with one group for each sandbox.
 *
 * In version 2 a group can limit its children only while it contains no process. So the processes in it first move to
 * another group. If other programs share the group, the kernel refuses, and so does `open`.
 */
export class ControlGroups {
  /**
   * Contains all groups of this cloud. The watchdog removes it, with all folders below it, after the cloud has ended.
   */
  readonly folder: string;
  readonly version: ControlGroupVersion;
  readonly #parent: GroupParent;
  #count = 0;

  private constructor(parent: GroupParent, folder: string) {
    this.folder = folder;
    this.version = parent.version;
    this.#parent = parent;
  }

  /**
   * Creates the cloud's folder in the parent. If that is refused, everything is restored.
   * @param name a folder name that no other cloud uses
   * @param ownPids the processes of the cloud so far
   */
  static open(parent: GroupParent, name: string, ownPids: readonly number[]): ControlGroups | RefusalReason {
    const folder = join(parent.folder, name);
    try {
      makeFolder(folder);
      if (parent.version === 2) handDown(parent, folder, ownPids);
      return new ControlGroups(parent, folder);
    } catch (error) {
      withdraw(parent, folder);
      return refusalOfGroup(codeOf(error), parent.folder);
    }
  }

  /** Creates a group without a limit. @throws the system's error if the kernel refuses it */
  create(): ControlGroup {
    this.#count += 1;
    return new ControlGroup(join(this.folder, `sandbox-${this.#count}`), this.version);
  }

  /** Undoes what `open` did. The groups of sandboxes must be removed before. */
  close(): void {
    withdraw(this.#parent, this.folder);
  }
}

/** Moves the processes that must leave, and delegates the cpu controller to the groups of the sandboxes. */
function handDown(parent: GroupParent, folder: string, ownPids: readonly number[]): void {
  if (parent.movesOut !== 'nobody') {
    const own = join(folder, OWN_GROUP);
    makeFolder(own);
    const movers = parent.movesOut === 'everybody' ? pidsIn(parent.folder) : ownPids;
    for (const mover of movers) writeFileSync(join(own, 'cgroup.procs'), String(mover));
  }
  for (const group of [parent.folder, folder]) {
    if (!wordsIn(subtreeControlOf(group)).includes('cpu')) writeFileSync(subtreeControlOf(group), '+cpu');
  }
}

/** Moves the processes back that `handDown` moved, and removes the folder. */
function withdraw(parent: GroupParent, folder: string): void {
  const own = join(folder, OWN_GROUP);
  try {
    if (parent.version === 2 && parent.movesOut !== 'nobody' && existsSync(own)) {
      // A group that limits others below it can't contain a process.
      for (const group of [folder, parent.folder]) writeFileSync(subtreeControlOf(group), '-cpu');
      for (const pid of pidsIn(own)) writeFileSync(join(parent.folder, 'cgroup.procs'), String(pid));
      rmdirSync(own);
    }
    rmdirSync(folder);
  } catch {
    // A folder that remains is empty and limits nothing. The watchdog tries to remove it again.
  }
}

/** Why the kernel refuses a group, by the system's error code. */
export function refusalOfGroup(code: string, folder: string): RefusalReason {
  if (code === 'EBUSY') {
    return { code: 'shared-group', reason: `other programs stand in the group ${folder}`, folder };
  }
  if (code === 'EROFS') return { code: 'read-only', reason: `${folder} is read-only`, folder };
  return {
    code: 'no-rights',
    reason: `the kernel refused a group with a CPU limit in ${folder} (${code})`,
    folder,
  };
}

/** The group of one sandbox. Its methods throw the system's error if the kernel refuses. */
export class ControlGroup {
  readonly folder: string;
  readonly #version: ControlGroupVersion;

  constructor(folder: string, version: ControlGroupVersion) {
    this.folder = folder;
    this.#version = version;
    makeFolder(folder);
  }

  /** Moves a process with all its threads into the group. Processes that it starts later belong to the group too. */
  add(pid: number): void {
    this.#write('cgroup.procs', String(pid));
  }

  /**
   * Limits the group to the share of a memory size.
   * @throws QuotaAltered if the kernel sets another quota
   */
  limit(memorySizeMB: number): void {
    const quotaUs = quotaUsOf(memorySizeMB);
    if (this.#version === 1) {
      this.#write('cpu.cfs_period_us', String(PERIOD_US));
      this.#write('cpu.cfs_quota_us', String(quotaUs));
    } else this.#write('cpu.max', `${quotaUs} ${PERIOD_US}`);
    const kept = this.readLimit();
    if (kept?.quotaUs === quotaUs && kept.periodUs === PERIOD_US) return;
    const what = kept === undefined ? 'no CPU quota' : `a quota of ${kept.quotaUs} µs in ${kept.periodUs} µs`;
    throw new QuotaAltered(`the kernel keeps ${what} where ${quotaUs} µs in ${PERIOD_US} µs were set`);
  }

  /** Reads the limit that the kernel has, in µs. Undefined if there is none. */
  readLimit(): { readonly quotaUs: number; readonly periodUs: number } | undefined {
    const [quota, period] =
      this.#version === 1
        ? [this.#read('cpu.cfs_quota_us'), this.#read('cpu.cfs_period_us')]
        : this.#read('cpu.max').split(' ');
    const quotaUs = Number(quota);
    return Number.isInteger(quotaUs) && quotaUs > 0 ? { quotaUs, periodUs: Number(period) } : undefined;
  }

  /** Reads how often and for how long the group was stopped so far. */
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

  /**
   * Kills the remaining processes of the group and removes it. Returns false if it can't be removed within half a
   * second.
   */
  async remove(): Promise<boolean> {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt += 1) {
      try {
        rmdirSync(this.folder);
        return true;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return true;
        if (codeOf(error) !== 'EBUSY') throw error;
        for (const pid of pidsIn(this.folder)) kill(pid);
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

/**
 * Not `recursive`, because Node would repeat for ever where the system reports ENOENT for an existing folder, as in
 * /proc.
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** The processes in the group itself. Empty if the group does not exist. */
function pidsIn(folder: string): number[] {
  return wordsIn(join(folder, 'cgroup.procs')).map(Number);
}

/** The words of a file. Empty if it can't be read. */
function wordsIn(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
