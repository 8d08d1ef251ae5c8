import type { EnvironmentHost, Invocation } from './environment-plan.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import { InstancePool } from './instance-pool.ts';

/** What the queue knows of a version of a function. */
export interface Dispatchable {
  readonly key: string;
  /** How many cores a new sandbox uses until it is initialised. */
  readonly startCost: number;
  /** Creates a new environment of this version. */
  createEnvironment(listener: EnvironmentListener): ExecutionEnvironment;
}

export type EnvironmentListener = Pick<
  EnvironmentHost<ExecutionEnvironment>,
  'onAnswered' | 'onFree' | 'onLimited'
>;

export interface DispatcherOptions {
  /** How many cores the busy sandboxes may use together. */
  readonly cores: number;
  /** How much memory the idle sandboxes may hold together, MiB. */
  readonly maxIdleMiB: number;
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  /** The cloud's own log. */
  readonly log: (message: string) => void;
}

/** An invocation that waits for a sandbox. */
export interface Call extends Invocation {
  /** Returns the version to run when the call's turn comes. Undefined if the function was deleted. */
  version(): Dispatchable | undefined;
  onDispatch?: (() => void) | undefined;
  /** Called if the call will never run. */
  refuse(reason: 'deleted' | 'stopping' | 'failed'): void;
}

/** How long a sandbox may stay idle. Lambda keeps sandboxes for minutes too, without a promise. */
const IDLE_MS = 5 * 60_000;
const REAP_EVERY_MS = 15_000;
/** How often busy sandboxes are checked. A function can exceed its memory limit by what it allocates in this time. */
const TICK_MS = 25;

/**
 * The queue in front of all functions. Calls wait in the order of their arrival, whatever their function, until a core
 * of this machine is free.
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
    onLimited: (environment) => {
      if (!this.#busy.has(environment)) return;
      this.#pool.recharge(environment);
      this.#pump();
    },
  };

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#pool = new InstancePool(options.cores);
    this.#reaper = setInterval(() => this.#reap(), REAP_EVERY_MS);
    this.#reaper.unref();
  }

  /** The number of calls that wait for a core. */
  get waiting(): number {
    return this.#queue.length - this.#queueHead;
  }

  /** The number of sandboxes, busy and idle. */
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

  /** Ends the idle sandboxes of a version that is no longer current. Busy ones end after their invocation. */
  retire(key: string): void {
    this.#retiredKeys.add(key);
    for (const environment of this.#pool.evictAll(key)) void environment.dispose();
  }

  /** Ends every sandbox. Resolves when all have ended. Waiting calls are refused, running ones fail. */
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
      const placement = this.#pool.place(version.key, version.startCost);
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
        `The sandbox of ${version.key} could not be created: ${error instanceof Error ? error.stack : String(error)}`,
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

  /** Ends idle sandboxes, so that functions that were called earlier do not fill the machine's memory. */
  #makeRoom(): void {
    for (const environment of this.#pool.evictOver(this.#options.maxIdleMiB)) void environment.dispose();
  }
}

const COMPACT_AT = 4096;
/**
 * How long a runtime may take between its answer and its next request for work. After that another sandbox is started.
 */
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
