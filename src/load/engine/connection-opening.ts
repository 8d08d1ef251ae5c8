import type { Slot } from '../wire/slot.ts';
import { isOpenFileLimit, isPortShortage } from '../wire/wire-error.ts';
import type { ConnectionLog } from './connection-log.ts';
import type { SlotPool } from './slot-pool.ts';

/** The longest pause after a refused connection, ms. Without pauses, a server that is down would cost a whole core. */
const MAX_REFUSED_PAUSE_MS = 20;
/** After this many refusals without a single connection the load gives up. */
const GIVE_UP_AFTER = 1000;
/** How long the calls of one of several threads wait for a connection while this machine allows no more, ms. */
const LIMIT_PATIENCE_MS = 1000;

/** Opens the connections of a load, and decides what follows if a connection can't be opened. */
export class ConnectionOpening {
  readonly #pool: SlotPool;
  readonly #connections: ConnectionLog;
  /** Whether no other thread shares the load. */
  readonly #isAlone: boolean;
  /** Since when no connection opened because this machine allowed no more, monotonic ms. */
  #limitedSinceMs: number | undefined;
  #gaveUp: string | undefined;
  #endWait: (() => void) | undefined;

  /** @param threads how many threads share the load */
  constructor(pool: SlotPool, connections: ConnectionLog, threads: number) {
    this.#pool = pool;
    this.#connections = connections;
    this.#isAlone = threads === 1;
  }

  /** The kind of the last error, if no connection could ever be opened and the load is given up. */
  get gaveUp(): string | undefined {
    return this.#gaveUp;
  }

  /** Gives the load up before its first connection. */
  giveUp(kind: string): void {
    this.#gaveUp = kind;
  }

  /** How long a slot rests after a refusal, ms. */
  get pauseMs(): number {
    return Math.min(MAX_REFUSED_PAUSE_MS, this.#connections.failed);
  }

  /** Waits for something that an interrupt may end early. Resolves at `endWait` at the latest. */
  async unlessEnded(work: Promise<void>): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#endWait = resolve;
    });
    await Promise.race([work, ended]);
    this.#endWait = undefined;
  }

  /** Opens `wanted` connections. Resolves when none of them is still opening, or at `endWait`. */
  open(wanted: number, nowMs: number): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#endWait = resolve;
      for (let count = 0; count < wanted; count++) this.#pool.open(nowMs);
    }).finally(() => {
      this.#endWait = undefined;
    });
  }

  /** Ends the wait for the first connections. */
  endWait(): void {
    this.#endWait?.();
  }

  /** Counts a connection that has opened. */
  opened(slot: Slot, nowMs: number): void {
    slot.connection = this.#connections.open(nowMs - slot.sinceMs, nowMs - slot.reachedMs);
    slot.sinceMs = nowMs;
    this.#limitedSinceMs = undefined;
    if (slot.call < 0) this.#pool.opening--;
    this.#endWaitIfLast();
  }

  /** Counts a refused connection. Returns true if the load is given up, because no connection was ever opened. */
  refused(kind: string): boolean {
    this.#connections.refuse(kind);
    const { opened, failed } = this.#connections;
    if (opened > 0 || failed < GIVE_UP_AFTER) return false;
    this.giveUp(kind);
    return true;
  }

  /**
   * Decides about a slot without a call whose connection was refused. `retired`: it was removed from use. `waits`: the
   * calls wait until another thread closes a connection. `failed`: a due call has to count the failure.
   * @param isInPhase whether a phase runs, in which a part of the calls belongs to this thread
   */
  fateOf(slot: Slot, kind: string, isInPhase: boolean, nowMs: number): 'retired' | 'waits' | 'failed' {
    this.#pool.opening--;
    const isLimit = this.#isMachineLimit(kind);
    // Before the first phase a thread that shares the load may lose all of its connections. It then takes no part.
    const isRetired = isLimit && this.#pool.retire(slot, this.#isAlone || isInPhase, nowMs);
    this.#endWaitIfLast();
    if (isRetired) return 'retired';
    return isLimit && this.#mayWait(nowMs) ? 'waits' : 'failed';
  }

  /**
   * Whether the calls of this thread may wait until another thread closes a connection. After a while without a connection
   * they fail, so that a load ends that can never open one.
   */
  #mayWait(nowMs: number): boolean {
    if (this.#isAlone) return false;
    this.#limitedSinceMs ??= nowMs;
    return nowMs - this.#limitedSinceMs < LIMIT_PATIENCE_MS;
  }

  /**
   * Whether a connection could not be opened because this machine allows no more at once. Local ports may also be short
   * because closed connections keep theirs for a minute. Then most connections of the load are closed, and fewer calls
   * in flight would not help.
   */
  #isMachineLimit(kind: string): boolean {
    if (!isPortShortage(kind)) return isOpenFileLimit(kind);
    const { opened } = this.#connections;
    return opened > 0 && 2 * this.#pool.connected > opened;
  }

  #endWaitIfLast(): void {
    if (this.#pool.opening === 0) this.endWait();
  }
}
