import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex, type Readable } from 'node:stream';
import type { ChildRegistry } from '../seams.ts';
import type { SandboxCpu } from './cpu-limits.ts';
import { type CpuMeter, openCpuMeter } from './cpu-meter.ts';
import { startError } from './executable.ts';
import { LineSplitter } from './line-splitter.ts';
import { OutputGate } from './output-gate.ts';
import { heldCommand, type PrivateTmp, START_FD } from './private-tmp.ts';
import { type MemoryMeter, type MemoryReading, openMemoryMeter } from './process-memory.ts';
import { RuntimeApi, type RuntimeListener } from './runtime-api.ts';

/** Receives the events of a sandbox's process. `onEnd` is the last of them. */
export interface ProcessListener extends RuntimeListener {
  /** A line of its output, with the line break. */
  onLine(line: string): void;
  /** The process has ended, and all of its output was read. */
  onEnd(end: ProcessEnd): void;
}

export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
  /** The process could not be started. `code` is the system's error code, such as `ENOENT`. */
  | { readonly kind: 'not-started'; readonly code: string };

export interface ProcessPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The path that protects the Runtime API. Empty if the runtime client can't be given one. */
  readonly secret: string;
  /** The environment's own `/tmp`, if this system can create one. */
  readonly tmp: PrivateTmp | undefined;
  /** Limits the process's CPU. Undefined if functions run at full speed. */
  readonly cpu: SandboxCpu | undefined;
  /** Returns the environment variables for this value of AWS_LAMBDA_RUNTIME_API. */
  environment(runtimeApi: string): Record<string, string>;
}

/** How long the pipes of an ended process may stay open. A process that left the group may hold them. */
const DRAIN_MS = 250;

/** One process of a sandbox with its Runtime API. It leads a process group, which is killed as a whole. */
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
   * Starts the process. If that fails, `onEnd` gets the reason. `onStart` gets the monotonic time right before the
   * start, because opening the Runtime API, mounting `/tmp` and joining a control group do not belong to a cold start.
   */
  async start(plan: ProcessPlan, nowMs: () => number, onStart: (startedMs: number) => void): Promise<void> {
    try {
      const env = plan.environment(await this.api.listen());
      if (this.#isKilled) this.#onEnded({ kind: 'exit', code: null, signal: 'SIGKILL' });
      else if (plan.tmp === undefined && plan.cpu === undefined) {
        onStart(nowMs());
        this.#watch(spawnPlain(plan, env));
      } else {
        const code = startError(plan.tmp?.hostPath(plan.command) ?? plan.command);
        if (code !== undefined) this.#onEnded({ kind: 'not-started', code });
        else this.#watch(this.#spawnHeld(plan, env, () => onStart(nowMs())));
      }
    } catch (error) {
      this.#onEnded({ kind: 'not-started', code: errorCode(error) });
    }
  }

  /**
   * Spawns a shell that becomes the program once its `/tmp` is mounted and it belongs to its control group. `onStart`
   * is called right before.
   */
  #spawnHeld(plan: ProcessPlan, env: Record<string, string>, onStart: () => void): SpawnedProcess {
    const program = [plan.command, ...plan.args];
    const { command, args, inherited } =
      plan.tmp === undefined ? heldCommand(plan.cwd, program) : plan.tmp.wrap(plan.cwd, program);
    const child = spawn(command, args, {
      cwd: '/',
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...inherited],
    });
    const { pid } = child;
    const dialogue = child.stdio[START_FD];
    if (pid === undefined || !(dialogue instanceof Duplex)) return withPipes(child);
    // A process that is killed meanwhile closes the descriptor. Its exit is reported.
    dialogue.on('error', () => undefined);
    dialogue.once('data', () => {
      try {
        plan.tmp?.keep(pid);
        plan.cpu?.join(pid);
        onStart();
        dialogue.end('\n');
      } catch (error) {
        if (!this.#isKilled) {
          this.#listener.onTrouble(
            `The /tmp or the control group of a sandbox can't be kept: ${String(error)}`,
          );
        }
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
      // Processes that it started must end with it.
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

  /** The meter of its CPU time. Undefined before it runs, and on systems that do not report CPU time. */
  get cpu(): CpuMeter | undefined {
    return this.#cpu;
  }

  /** Its highest memory so far. With `tree`, its children are included. */
  readMemory(tree: boolean): MemoryReading | undefined {
    return tree ? this.#meter?.readTree() : this.#meter?.read();
  }

  /** Passes on output that does not end in a line break. */
  flushLines(): void {
    this.#stdout.flush();
    this.#stderr.flush();
  }

  /** Kills the whole group. `onEnd` follows. */
  kill(): void {
    this.#isKilled = true;
    const pid = this.#child?.pid;
    if (pid !== undefined && !this.#hasEnded) killGroup(pid);
  }

  /** Kills the group. Resolves when the process has ended and all of its output was read. */
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
    // ESRCH: it has ended already. macOS reports EPERM for a group that contains only zombies.
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
