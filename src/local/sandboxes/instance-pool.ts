/** What the pool knows of one execution environment. */
export interface PooledInstance {
  /** The version of the function that it runs; an older one's instances are not handed out again. */
  readonly key: string;
  /** Cores that it fills while busy: 1, or its share under a CPU share. */
  readonly cost: number;
  /** Monotonic, in ms: since when it stands idle. */
  idleSinceMs: number;
  /** Resident memory when last seen, in MiB. */
  readonly memoryMiB: number;
  /** Kept by the pool: it has answered and will be free any moment. */
  isReturning: boolean;
}

/** What is to happen to a call that stands first in the queue. */
export type Placement<I> =
  | { readonly kind: 'reuse'; readonly instance: I }
  | { readonly kind: 'start' }
  | { readonly kind: 'wait' };

/**
 * Which sandboxes stand idle and how many cores the busy ones fill. Plain state, no processes, no clock: the rule of
 * when another instance is started is `place`, and nothing else.
 */
export class InstancePool<I extends PooledInstance> {
  /** Cores that busy sandboxes may fill together. */
  readonly cores: number;
  #busyCost = 0;
  readonly #idleByKey = new Map<string, I[]>();
  /** How many of a key have answered and are not free yet. */
  readonly #returningByKey = new Map<string, number>();

  constructor(cores: number) {
    this.cores = cores;
  }

  /** Cores that busy and initialising sandboxes fill now. */
  get busyCores(): number {
    return this.#busyCost;
  }

  /**
   * Where a call of `key` goes: to the idle instance used last, whose caches are warmest and which leaves the others
   * to be reaped; to a new one where none is idle. It waits where the machine is full, and where an instance has
   * answered but not asked for more work yet: a client that calls again as soon as it has an answer would otherwise
   * be quicker than the runtime, and make a cold start of it. One call always goes through, however much it costs.
   */
  place(key: string, cost: number): Placement<I> {
    if (this.#busyCost > 0 && this.#busyCost + cost > this.cores + ROUNDING) return WAIT;
    const instance = this.#idleByKey.get(key)?.at(-1);
    if (instance !== undefined) return { kind: 'reuse', instance };
    return (this.#returningByKey.get(key) ?? 0) > 0 ? WAIT : START;
  }

  /** An occupied instance has answered: it is waited for, rather than another started, until it is given up on. */
  expect(instance: I): void {
    if (instance.isReturning) return;
    instance.isReturning = true;
    this.#returningByKey.set(instance.key, (this.#returningByKey.get(instance.key) ?? 0) + 1);
  }

  /** An expected instance takes too long: calls no longer wait for it. */
  giveUpOn(instance: I): void {
    if (!instance.isReturning) return;
    instance.isReturning = false;
    const count = (this.#returningByKey.get(instance.key) ?? 1) - 1;
    if (count > 0) this.#returningByKey.set(instance.key, count);
    else this.#returningByKey.delete(instance.key);
  }

  /** A new instance was started, or `instance` was taken from the idle ones: its cost counts from now on. */
  occupy(instance: I): void {
    this.#busyCost += instance.cost;
    const idle = this.#idleByKey.get(instance.key);
    const at = idle?.lastIndexOf(instance) ?? -1;
    if (at !== -1) idle?.splice(at, 1);
  }

  /** An occupied instance is free for the next call. */
  release(instance: I, nowMs: number): void {
    this.vacate(instance);
    instance.idleSinceMs = nowMs;
    const idle = this.#idleByKey.get(instance.key);
    if (idle === undefined) this.#idleByKey.set(instance.key, [instance]);
    else idle.push(instance);
  }

  /** An occupied instance ended for good. */
  vacate(instance: I): void {
    this.giveUpOn(instance);
    this.#busyCost -= instance.cost;
    // Sums of fractions don't return to nought by themselves.
    if (this.#busyCost < ROUNDING) this.#busyCost = 0;
  }

  /** Takes out all idle instances of `key`: its function was changed or deleted. */
  evictAll(key: string): I[] {
    const idle = this.#idleByKey.get(key) ?? [];
    this.#idleByKey.delete(key);
    return idle;
  }

  /** Takes out what stood idle for longer than `idleMs`. */
  evictExpired(nowMs: number, idleMs: number): I[] {
    return this.#evictWhere((instance) => nowMs - instance.idleSinceMs > idleMs);
  }

  /** Takes out the longest idle until the idle ones together hold at most `maxMiB`. */
  evictOver(maxMiB: number): I[] {
    const idle = [...this.#idleByKey.values()].flat().sort((a, b) => a.idleSinceMs - b.idleSinceMs);
    let totalMiB = idle.reduce((sum, instance) => sum + instance.memoryMiB, 0);
    const evicted = new Set<I>();
    for (const instance of idle) {
      if (totalMiB <= maxMiB) break;
      totalMiB -= instance.memoryMiB;
      evicted.add(instance);
    }
    return evicted.size === 0 ? [] : this.#evictWhere((instance) => evicted.has(instance));
  }

  /** How many stand idle, of `key` or of all. */
  idleCount(key?: string): number {
    if (key !== undefined) return this.#idleByKey.get(key)?.length ?? 0;
    let count = 0;
    for (const idle of this.#idleByKey.values()) count += idle.length;
    return count;
  }

  #evictWhere(isEvicted: (instance: I) => boolean): I[] {
    const evicted: I[] = [];
    for (const [key, idle] of this.#idleByKey) {
      const kept = idle.filter((instance) => !isEvicted(instance));
      if (kept.length === idle.length) continue;
      evicted.push(...idle.filter(isEvicted));
      if (kept.length === 0) this.#idleByKey.delete(key);
      else this.#idleByKey.set(key, kept);
    }
    return evicted;
  }
}

const WAIT = { kind: 'wait' } as const;
const START = { kind: 'start' } as const;

/** Slack for sums of CPU shares, which are not exact. */
const ROUNDING = 1e-9;
