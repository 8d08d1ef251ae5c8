import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { EXIT, ShedbenchError } from '../../errors.ts';
import { type EncodedHistogram, mergeHistograms, quantileMs } from '../../model/histogram.ts';
import { settleAll } from '../../model/settle-all.ts';
import type { EngineSetup } from '../engine/create-engine.ts';
import type { Engine, Phase, PhaseOutcome, Snapshot } from '../engine/engine.ts';
import { sharesOf } from '../shares-of.ts';
import { isOpenFileLimit } from '../wire/wire-error.ts';
import type { Order, Report, ThreadSnapshot, WorkerSetup } from './messages.ts';

/**
 * The worker script lies beside the program, beside its chunks, or in `dist/` when the program runs from the sources.
 */
const SCRIPT_CANDIDATES = ['./load-worker.js', '../load-worker.js', '../../../dist/load-worker.js'];
const EMPTY: ThreadSnapshot = { successes: 0, unexpected: 0, errors: 0, latency: [] };

/** A load that several threads share. Each has its part of the connections, and all take calls from one counter. */
export class ThreadedEngine implements Engine {
  readonly #threads: Thread[];
  /** The threads that take part: all but those that the limit of open files left without any connection. */
  #working: readonly Thread[];

  constructor(setup: Omit<EngineSetup, 'thread'>, counter: SharedArrayBuffer) {
    const script = SCRIPT_CANDIDATES.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(
      existsSync,
    );
    if (script === undefined) throw new Error('dist/load-worker.js is missing: node build.mjs');
    const { plan } = setup;
    this.#threads = sharesOf(plan.parallel, plan.threads).map(
      (parallel, index) =>
        new Thread(script, {
          engine: { ...setup, plan: { ...plan, parallel }, thread: { index, count: plan.threads } },
          counter,
        }),
    );
    this.#working = this.#threads;
  }

  /**
   * Opens the connections of all threads. Every thread has started before the first one opens a connection: a thread
   * that starts needs open files as well, and connections of others could have taken all that the limit allows.
   */
  async prepare(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ask({ do: 'start' }, 'started')));
    const reports = await Promise.all(
      this.#threads.map((thread) => thread.ask({ do: 'prepare' }, 'prepared')),
    );
    this.#working = this.#threads.filter((_, at) => reports[at]?.isStarved === false);
    if (this.#working.length === 0) throw tooFewOpenFiles('No connection could be opened');
  }

  async runPhase(phase: Phase): Promise<PhaseOutcome> {
    const count = this.#working.length;
    const reports = await Promise.all(
      this.#working.map((thread, index) => thread.ask({ do: 'run', phase, share: { index, count } }, 'ran')),
    );
    return {
      elapsedMs: Math.max(...reports.map(({ outcome }) => outcome.elapsedMs)),
      gaveUp: reports.every(({ outcome }) => outcome.gaveUp),
      data: reports.flatMap(({ outcome }) => outcome.data),
    };
  }

  latencySoFar(): readonly EncodedHistogram[] {
    return this.#threads.flatMap(({ snapshot }) => snapshot.latency);
  }

  snapshot(): Snapshot {
    const snapshots = this.#threads.map((thread) => thread.snapshot);
    const sum = (count: (snapshot: ThreadSnapshot) => number) =>
      snapshots.reduce((total, snapshot) => total + count(snapshot), 0);
    const latency = mergeHistograms(this.latencySoFar());
    const p50Ms = quantileMs(latency, 0.5);
    const p99Ms = quantileMs(latency, 0.99);
    return {
      successes: sum((snapshot) => snapshot.successes),
      unexpected: sum((snapshot) => snapshot.unexpected),
      errors: sum((snapshot) => snapshot.errors),
      ...(p50Ms === undefined ? {} : { p50Ms }),
      ...(p99Ms === undefined ? {} : { p99Ms }),
    };
  }

  stop(): void {
    for (const thread of this.#threads) thread.tell({ do: 'stop' });
  }

  cut(): void {
    for (const thread of this.#threads) thread.tell({ do: 'cut' });
  }

  async finish(): Promise<void> {
    try {
      await settleAll(this.#threads.map((thread) => thread.ask({ do: 'finish' }, 'finished')));
    } finally {
      await Promise.all(this.#threads.map((thread) => thread.end()));
    }
  }
}

/** A worker thread. At most one answer of it is awaited at a time. */
class Thread {
  snapshot: ThreadSnapshot = EMPTY;
  readonly #worker: Worker;
  #awaited:
    | { readonly settle: (report: Report) => void; readonly fail: (error: unknown) => void }
    | undefined;
  #failure: unknown;

  constructor(script: string, setup: WorkerSetup) {
    this.#worker = new Worker(script, { workerData: setup });
    this.#worker.on('message', (report: Report) => {
      if (report.is === 'snapshot' || report.is === 'ran') this.snapshot = report.snapshot;
      if (report.is === 'snapshot') return;
      const awaited = this.#awaited;
      this.#awaited = undefined;
      awaited?.settle(report);
    });
    this.#worker.on('error', (error) => this.#fail(asShortageOfFiles(error) ?? error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread of the load ended unexpectedly')));
  }

  tell(order: Order): void {
    this.#worker.postMessage(order);
  }

  ask<K extends Report['is']>(order: Order, kind: K): Promise<Extract<Report, { is: K }>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#awaited = {
        settle: (report) => {
          if (report.is === kind) resolve(report as Extract<Report, { is: K }>);
          else reject(new Error(`a thread answered '${report.is}' to '${order.do}'`));
        },
        fail: reject,
      };
      this.tell(order);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#awaited?.fail(this.#failure);
    this.#awaited = undefined;
  }
}

/**
 * The error of a thread that could not start because the limit of open files is reached. Undefined for any other error.
 */
function asShortageOfFiles(error: unknown): ShedbenchError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = /\bE[MN]FILE\b/.exec(`${(error as NodeJS.ErrnoException).code} ${error.message}`)?.[0];
  if (code === undefined || !isOpenFileLimit(code)) return undefined;
  return tooFewOpenFiles('The threads of the load could not be started', error);
}

function tooFewOpenFiles(what: string, cause?: unknown): ShedbenchError {
  return new ShedbenchError({
    code: 'too-few-open-files',
    message: `${what}: this machine allows no more open files.`,
    hint: 'ulimit -n 65536, or fewer --threads',
    exitCode: EXIT.usage,
    cause,
  });
}
