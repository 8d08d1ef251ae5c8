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

/** How many cores a busy function of a memory size uses: its share of 1,769 MB, which have one core. */
export function coreShareOf(memorySizeMB: number): number {
  return memorySizeMB / FULL_CORE_MEMORY_MB;
}

/** How many cores a sandbox uses while it initialises: at full speed one, or more if its memory size has more. */
export function startCostOf(cost: number): number {
  return Math.max(1, cost);
}

/** Thrown if this system does not let this user limit the CPU of a process. */
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

/** Where groups can be created, as far as is known without creating one. */
export interface CpuLimitPlace {
  readonly system: ControlGroupSystem;
  /** The best one first. Never empty. */
  readonly parents: readonly GroupParent[];
  /** A folder name that no other cloud uses. */
  readonly name: string;
}

/**
 * Finds a place where groups can be created. Changes nothing.
 * @param name a folder name that no other cloud uses
 * @throws NoCpuLimit
 */
export function findCpuLimitPlace(name: string, system: ControlGroupSystem = THIS_SYSTEM): CpuLimitPlace {
  const parents = findGroupParents(system);
  if (isRefusal(parents)) throw new NoCpuLimit(parents);
  return { system, parents, name };
}

/** The folders that groups may be created in, for processes that clean up after the cloud. */
export function groupFoldersOf({ parents, name }: CpuLimitPlace): string[] {
  return parents.map(({ folder }) => join(folder, name));
}

/** The counts of the sandboxes of one memory size. */
interface ShareTotals extends ThrottleCount {
  readonly environments: number;
}

const NO_TOTALS: ShareTotals = { environments: 0, periods: 0, throttledPeriods: 0, throttledMs: 0 };

/** The CPU limits of one cloud's sandboxes. Each sandbox has its own control group. */
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
   * Creates the cloud's folder of groups, and tests with a busy process that a quota is enforced.
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

  /** Creates a group for one sandbox, without a limit yet. @throws the system's error if the kernel refuses it */
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

  /** Removes all groups. The watchdog removes those that remain, after the cloud has ended. */
  async close(): Promise<void> {
    for (const sandbox of this.#open) sandbox.close();
    await Promise.all(this.#removals);
    this.#groups.close();
  }

  /** For each memory size so far: the quota, and how often the kernel stopped its sandboxes. */
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

/** The CPU limit of one sandbox, for all of its processes, which run one after the other. */
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

  /** Whether the sandbox runs at the CPU share of its memory size. Before that it runs at full speed. */
  get isLimited(): boolean {
    return this.#isLimited;
  }

  /** Adds a process, before it starts others. @throws the system's error */
  join(pid: number): void {
    this.#group.add(pid);
  }

  /**
   * Sets the quota of the memory size and reads it back from the kernel.
   * @throws QuotaAltered, or the system's error
   */
  limit(): void {
    this.#group.limit(this.memorySizeMB);
    this.#isLimited = true;
  }

  throttling(): ThrottleCount {
    return this.#group.readThrottling();
  }

  /** Kills what the sandbox left behind and removes its group. To be called when the sandbox has ended. */
  close(): void {
    this.#onClose(this.throttling());
  }
}
