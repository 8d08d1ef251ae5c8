import type { InvokeOutcome } from '../seams.ts';
import type { EnvironmentHost, Invocation } from './environment-plan.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import { InstancePool } from './instance-pool.ts';

/** A version of a function, as the queue sees it. */
export interface Dispatchable {
  readonly key: string;
  readonly cost: number;
  /** Makes a fresh environment of this version. */
  createEnvironment(listener: EnvironmentListener): ExecutionEnvironment;
}

export type EnvironmentListener = Pick<EnvironmentHost, 'onAnswered' | 'onFree'>;

export interface DispatcherOptions {
  /** Cores that busy sandboxes may fill together. */
  readonly cores: number;
  /** Memory that idle sandboxes may hold together, in MiB. */
  readonly maxIdleMiB: number;
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  /** The cloud's own log. */
  readonly log: (message: string) => void;
}

export interface Call {
  readonly requestId: string;
  readonly payload: Buffer;
  readonly functionArn: string;
  readonly traceId: string;
  readonly clientContext: string | undefined;
  readonly wantsLogTail: boolean;
  /** The version to run, asked when the call's turn comes; undefined where the function is gone by then. */
  version(): Dispatchable | undefined;
  onDispatch?: (() => void) | undefined;
  settle(outcome: InvokeOutcome): void;
  /** The call will never run. */
  refuse(reason: 'deleted' | 'stopping' | 'failed'): void;
}

/** How long a sandbox may stand idle. Lambda keeps them for minutes as well, without a promise. */
const IDLE_MS = 5 * 60_000;
const REAP_EVERY_MS = 15_000;
/** How often busy sandboxes are looked at: what a function can allocate meanwhile is what it may overshoot by. */
const TICK_MS = 25;

/**
 * The front of all functions: calls wait here in the order in which they came, whichever function they are for, until
 * this machine has a core for them.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #pool: InstancePool<ExecutionEnvironment>;
  readonly #busy = new Set<ExecutionEnvironment>();
  readonly #retiredKeys = new Set<string>();
  #queue: Call[] = [];
  #queueHead = 0;
  #ticker: NodeJS.Timeout | undefined;
  readonly #reaper: NodeJS.Timeout;
  #isClosed = false;
  readonly #listener: EnvironmentListener = {
    onAnswered: (environment) => this.#pool.expect(environment),
    onFree: (environment) => this.#onFree(environment),
  };

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#pool = new InstancePool(options.cores);
    this.#reaper = setInterval(() => this.#reap(), REAP_EVERY_MS);
    this.#reaper.unref();
  }

  /** Calls that wait for a core. */
  get waiting(): number {
    return this.#queue.length - this.#queueHead;
  }

  /** Sandboxes that exist: busy ones and idle ones. */
  get instances(): number {
    return this.#busy.size + this.#pool.idleCount();
  }

  submit(call: Call): void {
    if (this.#isClosed) {
      call.refuse('stopping');
      return;
    }
    this.#queue.push(call);
    this.#pump();
  }

  /** Ends the idle sandboxes of a version that is no longer current; busy ones end after their invocation. */
  retire(key: string): void {
    this.#retiredKeys.add(key);
    for (const environment of this.#pool.evictAll(key)) void environment.dispose();
  }

  /** Ends every sandbox, and resolves when all are gone. Calls that wait are refused, calls under way fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#reaper);
    clearInterval(this.#ticker);
    const waiting = this.#queue.slice(this.#queueHead);
    this.#queue = [];
    this.#queueHead = 0;
    for (const call of waiting) call.refuse('stopping');
    const all = [...this.#pool.evictExpired(Number.POSITIVE_INFINITY, 0), ...this.#busy];
    this.#busy.clear();
    await Promise.all(all.map((environment) => environment.dispose()));
  }

  #pump(): void {
    while (this.#queueHead < this.#queue.length) {
      const call = this.#queue[this.#queueHead];
      if (call === undefined) break;
      const version = call.version();
      if (version === undefined) {
        this.#shift();
        call.refuse('deleted');
        continue;
      }
      const placement = this.#pool.place(version.key, version.cost);
      if (placement.kind === 'wait') return;
      this.#shift();
      const environment = placement.kind === 'reuse' ? placement.instance : this.#create(version);
      if (environment === undefined) {
        call.refuse('failed');
        continue;
      }
      this.#pool.occupy(environment);
      this.#busy.add(environment);
      this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
      if (placement.kind === 'start') this.#makeRoom();
      call.onDispatch?.();
      environment.run(invocationOf(call));
    }
  }

  #create(version: Dispatchable): ExecutionEnvironment | undefined {
    try {
      return version.createEnvironment(this.#listener);
    } catch (error) {
      this.#options.log(
        `no sandbox of ${version.key}: ${error instanceof Error ? error.stack : String(error)}`,
      );
      return undefined;
    }
  }

  #shift(): void {
    this.#queueHead += 1;
    if (this.#queueHead === this.#queue.length) {
      this.#queue = [];
      this.#queueHead = 0;
    } else if (this.#queueHead >= COMPACT_AT) {
      this.#queue = this.#queue.slice(this.#queueHead);
      this.#queueHead = 0;
    }
  }

  #onFree(environment: ExecutionEnvironment): void {
    if (!this.#busy.delete(environment)) return;
    if (this.#retiredKeys.has(environment.key)) {
      this.#pool.vacate(environment);
      void environment.dispose();
    } else this.#pool.release(environment, this.#options.nowMs());
    this.#pump();
  }

  #tick(): void {
    if (this.#busy.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
      return;
    }
    const lateMs = this.#options.nowMs() - RETURN_MS;
    for (const environment of this.#busy) {
      environment.tick();
      if (environment.isReturning && environment.answeredMs < lateMs) this.#pool.giveUpOn(environment);
    }
    this.#pump();
  }

  #reap(): void {
    for (const environment of this.#pool.evictExpired(this.#options.nowMs(), IDLE_MS))
      void environment.dispose();
  }

  /** Sandboxes of functions that were called before must not fill the machine's memory. */
  #makeRoom(): void {
    for (const environment of this.#pool.evictOver(this.#options.maxIdleMiB)) void environment.dispose();
  }
}

const COMPACT_AT = 4096;
/** How long a runtime may take from its answer to asking for more work before another is started in its stead. */
const RETURN_MS = 100;

function invocationOf(call: Call): Invocation {
  return {
    requestId: call.requestId,
    payload: call.payload,
    functionArn: call.functionArn,
    traceId: call.traceId,
    clientContext: call.clientContext,
    wantsLogTail: call.wantsLogTail,
    settle: (outcome) => call.settle(outcome),
  };
}
