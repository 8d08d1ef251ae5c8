import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex, type Readable } from 'node:stream';
import type { ChildRegistry } from '../seams.ts';
import { type CpuMeter, openCpuMeter } from './cpu-meter.ts';
import { startError } from './executable.ts';
import { LineSplitter } from './line-splitter.ts';
import { OutputGate } from './output-gate.ts';
import { type PrivateTmp, START_FD } from './private-tmp.ts';
import { type MemoryMeter, type MemoryReading, openMemoryMeter } from './process-memory.ts';
import { RuntimeApi, type RuntimeListener } from './runtime-api.ts';

/** What becomes of a sandbox's process. Everything is told at most once, and nothing after `onEnd`. */
export interface ProcessListener extends RuntimeListener {
  /** A line that it wrote, with its line break. */
  onLine(line: string): void;
  /** It is gone, with all that it wrote read. */
  onEnd(end: ProcessEnd): void;
}

export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
  /** It could not be started at all; the system's error code, such as `ENOENT`. */
  | { readonly kind: 'not-started'; readonly code: string };

export interface ProcessPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Path that the Runtime API hides behind; empty where the runtime can't be told one. */
  readonly secret: string;
  /** The environment's own `/tmp`, where this system can make one. */
  readonly tmp: PrivateTmp | undefined;
  /** The environment, given the value of AWS_LAMBDA_RUNTIME_API. */
  environment(runtimeApi: string): Record<string, string>;
}

/** How long the pipes of an ended process may stay open, where a process that left its group holds them. */
const DRAIN_MS = 250;

/**
 * One process of a sandbox with its Runtime API. It leads a process group, which is killed as one.
 */
export class RuntimeProcess {
  readonly api: RuntimeApi;
  readonly #listener: ProcessListener;
  readonly #children: ChildRegistry;
  readonly #stdout: LineSplitter;
  readonly #stderr: LineSplitter;
  readonly #gate: OutputGate;
  #child: ChildProcess | undefined;
  #meter: MemoryMeter | undefined;
  #cpu: CpuMeter | undefined;
  #hasEnded = false;
  readonly #ended: Promise<void>;
  #markEnded: () => void = () => undefined;
  #isKilled = false;

  constructor(listener: ProcessListener, secret: string, nowMs: () => number, children: ChildRegistry) {
    this.#listener = listener;
    this.#children = children;
    this.#ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    this.api = new RuntimeApi(listener, secret, nowMs);
    this.#gate = new OutputGate(nowMs);
    this.#stdout = new LineSplitter((line) => listener.onLine(line));
    this.#stderr = new LineSplitter((line) => listener.onLine(line));
  }

  /**
   * Starts it; where that fails, `onEnd` tells how. `onStart` is told the monotonic clock just before the start, since
   * opening the Runtime API and mounting `/tmp` are no part of a cold start.
   */
  async start(plan: ProcessPlan, nowMs: () => number, onStart: (startedMs: number) => void): Promise<void> {
    try {
      const env = plan.environment(await this.api.listen());
      if (this.#isKilled) this.#onEnded({ kind: 'exit', code: null, signal: 'SIGKILL' });
      else if (plan.tmp === undefined) {
        onStart(nowMs());
        this.#watch(spawnPlain(plan, env));
      } else {
        const code = startError(plan.tmp.hostPath(plan.command));
        if (code !== undefined) this.#onEnded({ kind: 'not-started', code });
        else this.#watch(this.#spawnInTmp(plan, plan.tmp, env, () => onStart(nowMs())));
      }
    } catch (error) {
      this.#onEnded({ kind: 'not-started', code: errorCode(error) });
    }
  }

  /** `onStart` is called when `/tmp` is mounted, just before the program is started. */
  #spawnInTmp(
    plan: ProcessPlan,
    tmp: PrivateTmp,
    env: Record<string, string>,
    onStart: () => void,
  ): SpawnedProcess {
    const { command, args, inherited } = tmp.wrap(plan.cwd, [plan.command, ...plan.args]);
    const child = spawn(command, args, {
      cwd: '/',
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...inherited],
    });
    const { pid } = child;
    const dialogue = child.stdio[START_FD];
    if (pid === undefined || !(dialogue instanceof Duplex)) return withPipes(child);
    // A process that is killed meanwhile hangs up, and its exit is told.
    dialogue.on('error', () => undefined);
    dialogue.once('data', () => {
      try {
        tmp.keep(pid);
        onStart();
        dialogue.end('\n');
      } catch (error) {
        if (!this.#isKilled) this.#listener.onTrouble(`/tmp can't be kept: ${String(error)}`);
        this.kill();
      }
    });
    child.once('exit', () => dialogue.destroy());
    return withPipes(child);
  }

  #watch(child: SpawnedProcess): void {
    this.#child = child;
    this.#gate.add(child.stdout);
    this.#gate.add(child.stderr);
    child.stdout.on('data', (chunk: Buffer) => {
      this.#gate.count(chunk.length);
      this.#stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#gate.count(chunk.length);
      this.#stderr.push(chunk);
    });
    const end = (how: ProcessEnd): void => {
      this.flushLines();
      this.#onEnded(how);
    };
    child.on('error', (error) => {
      if (child.pid === undefined) end({ kind: 'not-started', code: errorCode(error) });
    });
    const { pid } = child;
    if (pid === undefined) return;
    this.#children.register(pid, { group: true });
    this.#meter = openMemoryMeter(pid);
    this.#cpu = openCpuMeter(pid);
    child.once('exit', (code, signal) => {
      this.#children.forget(pid);
      // What it started must not outlive it.
      killGroup(pid);
      this.#gate.open();
      const how: ProcessEnd = { kind: 'exit', code, signal };
      const impatience = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
      child.once('close', () => {
        clearTimeout(impatience);
        end(how);
      });
    });
  }

  /** Its CPU time; undefined before it runs, and where the system does not tell. */
  get cpu(): CpuMeter | undefined {
    return this.#cpu;
  }

  /** Highest memory so far; with `tree`, its children are looked at too. */
  readMemory(tree: boolean): MemoryReading | undefined {
    return tree ? this.#meter?.readTree() : this.#meter?.read();
  }

  /** Hands on what it wrote without a line break. */
  flushLines(): void {
    this.#stdout.flush();
    this.#stderr.flush();
  }

  /** Ends the whole group at once. `onEnd` follows. */
  kill(): void {
    this.#isKilled = true;
    const pid = this.#child?.pid;
    if (pid !== undefined && !this.#hasEnded) killGroup(pid);
  }

  /** Kills it and resolves when it is gone and all that it wrote is read. */
  end(): Promise<void> {
    this.kill();
    return this.#ended;
  }

  #onEnded(how: ProcessEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#meter?.close();
    this.#cpu?.close();
    void this.api.close();
    this.#listener.onEnd(how);
    this.#markEnded();
  }
}

type SpawnedProcess = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };

function withPipes(child: ChildProcess): SpawnedProcess {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('spawned without pipes');
  return Object.assign(child, { stdout, stderr });
}

function spawnPlain(plan: ProcessPlan, env: Record<string, string>): SpawnedProcess {
  const { command, args, cwd } = plan;
  return spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it is gone already. macOS says EPERM of a group that has only zombies left.
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
