import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isSameProcess, processStart } from '../../src/targets/process-identity.ts';
import { processesOf } from '../e2e/installed.ts';
import type { Kill, Target } from './choose-kill.ts';

/**
 * From a signal to the end of the command, and for the command after it. A bench that its signal does not touch takes
 * 8 s, and took 30 s on two cores with a load average of 8. A command that hangs takes minutes.
 */
const END_LIMIT_MS = 60_000;
/** How long the processes of a cloud may take to notice that it is gone. */
const GONE_LIMIT_MS = 10_000;
/** How long a target may take to appear after its moment has come. */
const TARGET_LIMIT_MS = 300;
/** Drafts are swept once they are older than a minute. */
const DRAFT_AGE_S = 120;

interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

interface Known {
  readonly pid: number;
  readonly processStart: string;
}

/** What a cloud's state file says, as far as chaos needs it. */
interface State extends Known {
  readonly helpers: readonly Known[];
  readonly dataDir: string;
}

/** One folder with its commands, its cloud and a temporary folder of its own. Linux only. */
export class ChaosFolder {
  readonly #path: string;
  readonly #root: string;
  readonly #seen = new Map<string, Known>();
  #drafts = new Set<string>();

  constructor(path: string) {
    this.#path = path;
    this.#root = fileURLToPath(new URL('../..', import.meta.url));
    mkdirSync(join(path, 'tmp'), { recursive: true });
  }

  /** Runs a command and sends the signal at its moment. Tells whether a living target was met, and what went wrong. */
  async kill({ args, target, signal, delayMs }: Kill): Promise<{ isHit: boolean; faults: string[] }> {
    const command = this.#start(args);
    await Promise.race([sleep(delayMs), command.ended]);
    const pid = await this.#pidOf(target, command.child);
    if (pid !== undefined) process.kill(pid, signal);
    const end = await this.#endOf(command);
    if (end === undefined)
      return { isHit: pid !== undefined, faults: [`no end within ${END_LIMIT_MS / 1000} s`] };
    const faults = troubleIn(end);
    if (end.exitCode === null && !(target === 'command' && end.signal === signal)) {
      faults.push(`ended by ${end.signal}`);
    }
    return { isHit: pid !== undefined, faults };
  }

  /** Runs a command that must succeed whatever was killed before it. */
  async converge(args: readonly string[]): Promise<string[]> {
    const end = await this.#endOf(this.#start(args));
    if (end === undefined) return [`then ${args.join(' ')}: no end within ${END_LIMIT_MS / 1000} s`];
    await this.#learn();
    if (end.exitCode === 0) return troubleIn(end);
    return [`then ${args.join(' ')}: exit ${end.exitCode ?? end.signal}: ${lastLines(end.output)}`];
  }

  /** Processes, data folders and drafts that are there although nothing of this folder runs any more. */
  async leftovers(): Promise<string[]> {
    const deadline = performance.now() + GONE_LIMIT_MS;
    let left = await this.#living();
    while (left.length > 0 && performance.now() < deadline) {
      await sleep(50);
      left = await this.#living();
    }
    this.#seen.clear();
    const folders = readdirSync(join(this.#path, 'tmp')).map((name) => `folder ${name}`);
    return [...left, ...folders, ...this.#staleDrafts(), ...this.#leftInStateFolder()];
  }

  /** Documents of `.shedbench/` that are not whole, those set aside as damaged among them. */
  unreadableRecords(): string[] {
    return this.#files().flatMap((path) => {
      if (path.includes('.damaged')) return [`set aside: ${path}`];
      if (!path.endsWith('.json')) return [];
      try {
        JSON.parse(readFileSync(path, 'utf8'));
        return [];
      } catch (error) {
        return existsSync(path) ? [`unreadable: ${path} (${String(error)})`] : [];
      }
    });
  }

  #start(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const child = spawn(process.execPath, [join(this.#root, 'bin', 'shedbench.js'), ...args], {
      cwd: this.#path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: this.#path, TMPDIR: join(this.#path, 'tmp') },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (exitCode, signal) => resolve({ exitCode, signal, output }));
    });
    return { child, ended };
  }

  /** How a command ended; undefined where it had to be killed. */
  async #endOf({ child, ended }: { child: ChildProcess; ended: Promise<Ended> }): Promise<Ended | undefined> {
    const late = new AbortController();
    const end = await Promise.race([ended, sleep(END_LIMIT_MS, undefined, { signal: late.signal })]);
    late.abort();
    if (end === undefined) child.kill('SIGKILL');
    return end;
  }

  /** A process that this folder's state file, or its own start, shows to be ours. */
  async #pidOf(target: Target, command: ChildProcess): Promise<number | undefined> {
    const deadline = performance.now() + TARGET_LIMIT_MS;
    for (;;) {
      if (command.exitCode !== null || command.signalCode !== null) {
        // What the command left running is still a target.
        if (target === 'command') return undefined;
      } else if (target === 'command') return command.pid;
      const state = await this.#learn();
      const found = state === undefined ? undefined : await this.#processOf(target, state);
      if (found !== undefined || performance.now() > deadline) return found;
      await sleep(20);
    }
  }

  async #processOf(target: Target, state: State): Promise<number | undefined> {
    const [watchdog, database] = state.helpers;
    const known = { cloud: state, watchdog, database, command: undefined, sandbox: undefined }[target];
    if (known !== undefined) return (await isSameProcess(known)) ? known.pid : undefined;
    if (target !== 'sandbox' || !(await isSameProcess(state))) return undefined;
    const helpers = new Set(state.helpers.map(({ pid }) => pid));
    return childrenOf(state.pid).find((pid) => !helpers.has(pid));
  }

  /** Reads the state file, and remembers which processes and which sandboxes it leads to. */
  async #learn(): Promise<State | undefined> {
    let state: State;
    try {
      state = JSON.parse(readFileSync(join(this.#path, '.shedbench', 'local.json'), 'utf8')) as State;
    } catch {
      return undefined;
    }
    for (const known of [state, ...state.helpers])
      this.#seen.set(`${known.pid} ${known.processStart}`, known);
    if (await isSameProcess(state)) {
      for (const pid of childrenOf(state.pid)) {
        const start = await processStart(pid);
        if (start !== undefined) this.#seen.set(`${pid} ${start}`, { pid, processStart: start });
      }
    }
    return state;
  }

  async #living(): Promise<string[]> {
    const seen = await Promise.all(
      [...this.#seen.values()].map(async (known) =>
        (await isSameProcess(known)) ? [`process ${known.pid}`] : [],
      ),
    );
    const found = processesOf(this.#path).map(
      ({ pid, command }) => `process ${pid} (${command.slice(0, 80)})`,
    );
    return [...seen.flat(), ...found];
  }

  /** Drafts that a whole cycle has not swept. Those found for the first time are made to look two minutes old. */
  #staleDrafts(): string[] {
    const drafts = this.#files().filter((path) => path.endsWith('.draft'));
    const stale = drafts.filter((path) => this.#drafts.has(path)).map((path) => `draft ${path}`);
    this.#drafts = new Set(drafts);
    const old = Date.now() / 1000 - DRAFT_AGE_S;
    for (const path of drafts) utimesSync(path, old, old);
    return stale;
  }

  /** In the folder itself only the log, and what loads and reports keep, may stay after a teardown. */
  #leftInStateFolder(): string[] {
    const folder = join(this.#path, '.shedbench');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => /^local\.(?!log(\.1)?$)/.test(name) || /\.(tmp|abandoned)$/.test(name))
      .map((name) => `file .shedbench/${name}`);
  }

  #files(): string[] {
    const folder = join(this.#path, '.shedbench');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  }
}

/** A stack trace, or what the program calls a bug. */
function troubleIn({ output }: Ended): string[] {
  return /^\s+at .+[):]\d|This is a bug/m.test(output) ? [`said: ${lastLines(output)}`] : [];
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-6).join(' / ').slice(-600);
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent ? [Number(name)] : [];
    } catch {
      // It ended while it was looked at.
      return [];
    }
  });
}
