import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bundledScript } from '../../bundled-script.ts';
import type { Cloud } from '../../seams.ts';
import type { DatabaseReady, DatabaseServed, DatabaseStart } from './database-process.ts';

/** The longest time from the fork until the process listens. It loads half a megabyte of code. */
const READY_LIMIT_MS = 20_000;
/** The longest time that the process has for its end. */
const END_LIMIT_MS = 1_000;
/** A database with larger young generations collects garbage less often, and each collection delays all functions. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];

/** The process of the database, from its start to its end. */
export class DatabaseChild {
  readonly pid: number;
  readonly #child: ChildProcess;
  /** Before the process listens, a failed start is reported by its own error. After `close` its end is expected. */
  #isExpectedToLive = false;
  #end: string | undefined;

  /** @param onLoss called with the reason if the process ends by itself after `start` */
  constructor(cloud: Pick<Cloud, 'log' | 'children'>, onLoss: (why: string) => void) {
    this.#child = fork(bundledScript('local-database.cjs'), [], {
      execArgv: NODE_OPTIONS,
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.pid = this.#child.pid ?? 0;
    cloud.children.register(this.pid);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => cloud.log(`database: ${line}`));
    }
    this.#child.once('exit', (code, signal) => {
      this.#end = signal === null ? `exit code ${code}` : signal;
      cloud.children.forget(this.pid);
      if (this.#isExpectedToLive) onLoss(`its database process ended (${this.#end})`);
    });
  }

  /** How the process ended: `SIGKILL`, `exit code 1`. Undefined while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Resolves with the ports when the process listens. Kills it if it does not. */
  async start(settings: DatabaseStart): Promise<DatabaseReady> {
    const ready = await new Promise<DatabaseReady>((resolve, reject) => {
      const timer = setTimeout(() => fail('did not listen in time'), READY_LIMIT_MS);
      const fail = (why: string) => {
        clearTimeout(timer);
        this.#child.kill('SIGKILL');
        reject(new Error(`The database process ${why}`));
      };
      this.#child.once('error', (error) => fail(`could not be started: ${error.message}`));
      this.#child.once('exit', (code, signal) => fail(`ended at once (${signal ?? `exit code ${code}`})`));
      this.#child.once('message', (message) => {
        clearTimeout(timer);
        resolve(message as DatabaseReady);
      });
      this.#child.send(settings);
    });
    this.#isExpectedToLive = true;
    return ready;
  }

  /** Calls the listener with the requests that the process has served for functions. To be called after `start`. */
  onServed(listener: (requests: DatabaseServed['served']) => void): void {
    this.#child.on('message', (message) => listener((message as DatabaseServed).served));
  }

  /** Ends the process, which ends by itself without its channel, or is killed. Resolves when it has ended. */
  async close(): Promise<void> {
    this.#isExpectedToLive = false;
    if (this.#end !== undefined) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    if (this.#child.connected) this.#child.disconnect();
    await ended;
    clearTimeout(timer);
  }
}
