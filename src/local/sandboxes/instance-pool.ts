/** What the pool knows of an execution environment. */
export interface PooledInstance {
  /** The version of the function. Instances of an older version are not used again. */
  readonly key: string;
  /** How many cores it uses while busy: 1 at full speed, otherwise the CPU share of its memory size. */
  readonly cost: number;
  /** Set by the pool: the cost that counts for it now. */
  chargedCost: number;
  /** Since when it has been idle; monotonic, ms. */
  idleSinceMs: number;
  /** Its last known resident memory, MiB. */
  readonly memoryMiB: number;
  /** Set by the pool: it has answered and will be free in a moment. */
  isReturning: boolean;
}

/** What happens to the first call of the queue. */
export type Placement<I> =
  | { readonly kind: 'reuse'; readonly instance: I }
  | { readonly kind: 'start' }
  | { readonly kind: 'wait' };

/**
 * Knows which sandboxes are idle and how many cores the busy ones use. It holds plain state, without processes or a
 * clock. `place` alone decides when another instance is started.
 */
export class InstancePool<I extends PooledInstance> {
  /** How many cores the busy sandboxes may use together. */
  readonly cores: number;
  #busyCost = 0;
  readonly #idleByKey = new Map<string, I[]>();
  /** How many instances of a key have answered and are not free yet. */
  readonly #returningByKey = new Map<string, number>();

  constructor(cores: number) {
    this.cores = cores;
  }

  /** How many cores the busy and starting sandboxes use now. */
  get busyCores(): number {
    return this.#busyCost;
  }

  /**
   * Decides where a call of `key` runs. It takes the idle instance that was used last: its caches are warmest, and the
   * others can be ended. Without an idle instance, a new one is started. The call waits if all cores are in use. It
   * also waits if an instance has answered but not asked for work yet: otherwise a client that calls again at once
   * would be faster than the runtime and cause a cold start. If nothing is busy, a call always runs, whatever it costs.
   * @param startCost cores that a new instance fills until it is initialised
   */
  place(key: string, startCost: number): Placement<I> {
    const instance = this.#idleByKey.get(key)?.at(-1);
    const cost = instance?.cost ?? startCost;
    if (this.#busyCost > 0 && this.#busyCost + cost > this.cores + ROUNDING) return WAIT;
    if (instance !== undefined) return { kind: 'reuse', instance };
    return (this.#returningByKey.get(key) ?? 0) > 0 ? WAIT : START;
  }

  /** An instance in use has answered. Calls wait for it, until `giveUpOn`, instead of starting another one. */
  expect(instance: I): void {
    if (instance.isReturning) return;
    instance.isReturning = true;
    this.#returningByKey.set(instance.key, (this.#returningByKey.get(instance.key) ?? 0) + 1);
  }

  /** Calls no longer wait for this instance, because it takes too long. */
  giveUpOn(instance: I): void {
    if (!instance.isReturning) return;
    instance.isReturning = false;
    const count = (this.#returningByKey.get(instance.key) ?? 1) - 1;
    if (count > 0) this.#returningByKey.set(instance.key, count);
    else this.#returningByKey.delete(instance.key);
  }

  /** Adds the cost of an instance that was started or taken from the idle ones. */
  occupy(instance: I): void {
    instance.chargedCost = instance.cost;
    this.#busyCost += instance.cost;
    const idle = this.#idleByKey.get(instance.key);
    const at = idle?.lastIndexOf(instance) ?? -1;
    if (at !== -1) idle?.splice(at, 1);
  }

  /** Changes the cost of an instance in use. */
  recharge(instance: I): void {
    this.#busyCost += instance.cost - instance.chargedCost;
    instance.chargedCost = instance.cost;
  }

  /** Makes an instance free for the next call. */
  release(instance: I, nowMs: number): void {
    this.vacate(instance);
    instance.idleSinceMs = nowMs;
    const idle = this.#idleByKey.get(instance.key);
    if (idle === undefined) this.#idleByKey.set(instance.key, [instance]);
    else idle.push(instance);
  }

  /** Removes an instance that has ended. */
  vacate(instance: I): void {
    this.giveUpOn(instance);
    this.#busyCost -= instance.chargedCost;
    // Sums of fractions do not return to exactly 0.
    if (this.#busyCost < ROUNDING) this.#busyCost = 0;
  }

  /** Removes and returns all idle instances of `key`, whose function was changed or deleted. */
  evictAll(key: string): I[] {
    const idle = this.#idleByKey.get(key) ?? [];
    this.#idleByKey.delete(key);
    return idle;
  }

  /** Removes and returns the instances that were idle for longer than `idleMs`. */
  evictExpired(nowMs: number, idleMs: number): I[] {
    return this.#evictWhere((instance) => nowMs - instance.idleSinceMs > idleMs);
  }

  /** Removes and returns the instances that were idle longest, until the others hold at most `maxMiB`. */
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

  /** How many instances are idle, of `key` or in total. */
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

/** Tolerance for sums of CPU shares, which are inexact. */
const ROUNDING = 1e-9;
