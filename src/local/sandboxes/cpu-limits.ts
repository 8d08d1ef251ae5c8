import { join } from 'node:path';
import type { ChildRegistry } from '../seams.ts';
import type { CpuLimitRefusal, CpuShareDescription } from '../start-protocol.ts';
import {
  type ControlGroupSystem,
  findGroupParents,
  type GroupParent,
  isRefusal,
  type RefusalReason,
  refusalOf,
  THIS_SYSTEM,
} from './control-group-search.ts';
import {
  type ControlGroup,
  ControlGroups,
  FULL_CORE_MEMORY_MB,
  quotaUsOf,
  type ThrottleCount,
} from './control-groups.ts';
import { tryQuota } from './quota-trial.ts';

/** Cores that a busy function of a memory size fills: its share of 1,769 MB, which have one. */
export function coreShareOf(memorySizeMB: number): number {
  return memorySizeMB / FULL_CORE_MEMORY_MB;
}

/** Thrown where this system does not let this user limit the CPU of a process. */
export class NoCpuLimit extends Error {
  override readonly name = 'NoCpuLimit';
  readonly refusal: CpuLimitRefusal;

  constructor(refusal: CpuLimitRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

export interface CpuLimitsOptions {
  readonly place: CpuLimitPlace;
  /** The processes of the cloud so far. */
  readonly ownPids: readonly number[];
  readonly children: ChildRegistry;
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  /** The cloud's own log. */
  readonly log: (message: string) => void;
}

/** Where groups can be made, as far as can be said without making one. */
export interface CpuLimitPlace {
  readonly system: ControlGroupSystem;
  /** The best first; never empty. */
  readonly parents: readonly GroupParent[];
  /** A folder name that no other cloud uses. */
  readonly name: string;
}

/**
 * Looks for a place where groups can be made. Changes nothing.
 * @param name a folder name that no other cloud uses
 * @throws NoCpuLimit
 */
export function findCpuLimitPlace(name: string, system: ControlGroupSystem = THIS_SYSTEM): CpuLimitPlace {
  const parents = findGroupParents(system);
  if (isRefusal(parents)) throw new NoCpuLimit(parents);
  return { system, parents, name };
}

/** The folders that groups may be made in: for whoever cleans up after the cloud. */
export function groupFoldersOf({ parents, name }: CpuLimitPlace): string[] {
  return parents.map(({ folder }) => join(folder, name));
}

/** What was counted of the sandboxes of one memory size. */
interface ShareTotals extends ThrottleCount {
  readonly environments: number;
}

const NO_TOTALS: ShareTotals = { environments: 0, periods: 0, throttledPeriods: 0, throttledMs: 0 };

/** The CPU limits of one cloud's sandboxes, each a control group of its own. */
export class CpuLimits {
  readonly #groups: ControlGroups;
  readonly #log: (message: string) => void;
  readonly #open = new Set<SandboxCpu>();
  readonly #removals = new Set<Promise<void>>();
  readonly #ended = new Map<number, ShareTotals>();

  private constructor(groups: ControlGroups, log: (message: string) => void) {
    this.#groups = groups;
    this.#log = log;
  }

  /**
   * Makes the cloud's folder of groups, and proves with a busy process that a quota holds there.
   * @throws NoCpuLimit
   */
  static async open(options: CpuLimitsOptions): Promise<CpuLimits> {
    const { system, parents } = options.place;
    let first: CpuLimitRefusal | undefined;
    for (const parent of parents) {
      const opened = await openIn(parent, options);
      if (opened instanceof ControlGroups) return new CpuLimits(opened, options.log);
      first ??= refusalOf(system, opened, parent.version);
    }
    throw first === undefined ? new Error('no place was found') : new NoCpuLimit(first);
  }

  get version(): 1 | 2 {
    return this.#groups.version;
  }

  /** A group for one sandbox, without a limit yet. @throws the system's error where the kernel refuses it */
  create(memorySizeMB: number): SandboxCpu {
    const group = this.#groups.create();
    const sandbox = new SandboxCpu(group, memorySizeMB, (throttling) => {
      if (!this.#open.delete(sandbox)) return;
      addTo(this.#ended, memorySizeMB, throttling);
      const removal = this.#remove(group).finally(() => this.#removals.delete(removal));
      this.#removals.add(removal);
    });
    this.#open.add(sandbox);
    return sandbox;
  }

  /** Removes all groups. What does not go by itself the watchdog removes after the cloud's end. */
  async close(): Promise<void> {
    for (const sandbox of this.#open) sandbox.close();
    await Promise.all(this.#removals);
    this.#groups.close();
  }

  /** Of each memory size that sandboxes had so far: the quota, and how often the kernel stopped them. */
  shares(): CpuShareDescription[] {
    const totals = new Map(this.#ended);
    for (const sandbox of this.#open) addTo(totals, sandbox.memorySizeMB, sandbox.throttling());
    return [...totals]
      .sort(([a], [b]) => a - b)
      .map(([memorySizeMB, counted]) => ({ memorySizeMB, quotaUs: quotaUsOf(memorySizeMB), ...counted }));
  }

  async #remove(group: ControlGroup): Promise<void> {
    const trouble = `the control group ${group.folder} can't be removed`;
    try {
      if (!(await group.remove())) this.#log(`${trouble}: a process in it does not end`);
    } catch (error) {
      this.#log(`${trouble}: ${String(error)}`);
    }
  }
}

function addTo(totals: Map<number, ShareTotals>, memorySizeMB: number, more: ThrottleCount): void {
  const before = totals.get(memorySizeMB) ?? NO_TOTALS;
  totals.set(memorySizeMB, {
    environments: before.environments + 1,
    periods: before.periods + more.periods,
    throttledPeriods: before.throttledPeriods + more.throttledPeriods,
    throttledMs: before.throttledMs + more.throttledMs,
  });
}

async function openIn(
  parent: GroupParent,
  options: CpuLimitsOptions,
): Promise<ControlGroups | RefusalReason> {
  const groups = ControlGroups.open(parent, options.place.name, options.ownPids);
  if (!(groups instanceof ControlGroups)) return groups;
  const group = groups.create();
  const refused = await tryQuota(group, options);
  await group.remove();
  if (refused === undefined) return groups;
  groups.close();
  return refused;
}

/** The CPU limit of one sandbox: it lasts for all processes that the sandbox has, one after the other. */
export class SandboxCpu {
  readonly memorySizeMB: number;
  readonly #group: Pick<ControlGroup, 'add' | 'limit' | 'readThrottling'>;
  readonly #onClose: (throttling: ThrottleCount) => void;
  #isLimited = false;

  constructor(
    group: Pick<ControlGroup, 'add' | 'limit' | 'readThrottling'>,
    memorySizeMB: number,
    onClose: (throttling: ThrottleCount) => void,
  ) {
    this.#group = group;
    this.memorySizeMB = memorySizeMB;
    this.#onClose = onClose;
  }

  /** Whether the sandbox runs at the share of its memory size; before, it runs at full speed. */
  get isLimited(): boolean {
    return this.#isLimited;
  }

  /** Takes a process in, before it starts others. @throws the system's error */
  join(pid: number): void {
    this.#group.add(pid);
  }

  /**
   * From now on the share of the memory size holds. The quota is read back from the kernel.
   * @throws QuotaAltered, or the system's error
   */
  limit(): void {
    this.#group.limit(this.memorySizeMB);
    this.#isLimited = true;
  }

  throttling(): ThrottleCount {
    return this.#group.readThrottling();
  }

  /** The sandbox is gone: what it left behind is killed, and its group is removed. */
  close(): void {
    this.#onClose(this.throttling());
  }
}
