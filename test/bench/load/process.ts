import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Command {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What one command cost and said. */
export interface Run {
  readonly stdout: string;
  readonly cpuSeconds: number;
  /** Of a command that took turns: the time of its turns. */
  readonly wallSeconds: number;
}

/** Whether a command is to be found. */
export function has(command: string): boolean {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const canPin = process.platform === 'linux' && has('taskset');

/** A command bound to one core where the machine can do that; `core` counts from 0. */
export function pinned(core: number, command: readonly string[]): string[] {
  return canPin ? ['taskset', '-c', String(core), ...command] : [...command];
}

/** The shell tells the CPU time of the command and its children by its own clock. */
const TIMED = 'TIMEFORMAT="shed-times %3U %3S %3R"; time "$@"; exit $?';
/** The same, waiting for its first turn. */
const TIMED_IN_TURN = `kill -STOP $$; ${TIMED}`;

/**
 * The environment of a command. Node reads the certificates of `NODE_EXTRA_CA_CERTS` at every start, which takes 55 ms of
 * CPU and 1.8 MiB, so a command that is measured does not get them.
 */
function environment(own: Command['env']): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
  return { ...inherited, ...own };
}

/** The variable by which Node gets this machine's own certificates, for a command that goes through its proxy. */
export function ownCertificates(): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: path } = process.env;
  return path === undefined ? {} : { NODE_EXTRA_CA_CERTS: path };
}

function start(
  { argv, cwd, env }: Command,
  script: string,
): { readonly child: ChildProcess; readonly ended: Promise<Run> } {
  const child = spawn('bash', ['-c', script, 'bash', ...argv], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own where it is to be stopped with all its children.
    detached: script === TIMED_IN_TURN,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  const ended = once(child, 'close').then(([code]) => {
    const [, user, system, real] = /shed-times ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
    if (code !== 0 || real === undefined) {
      throw new Error(
        `${argv.join(' ')} ended with ${code}:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
      );
    }
    return { stdout, cpuSeconds: Number(user) + Number(system), wallSeconds: Number(real) };
  });
  return { child, ended };
}

/**
 * Runs a command to its end and measures the CPU time of it and its children.
 * @throws Error when it exits with anything but 0
 */
export async function run(command: Command): Promise<Run> {
  return await start(command, TIMED).ended;
}

/**
 * Runs commands to their ends in turn: each works for `sliceMs`, is stopped, and the next one goes on. What a shared
 * machine does beside, for seconds at a time, so falls on all of them alike.
 * @throws Error when one exits with anything but 0; the others are then ended
 */
export async function runInTurn(commands: readonly Command[], sliceMs: number): Promise<Run[]> {
  const players = commands.map((command) => {
    const player = { ...start(command, TIMED_IN_TURN), activeMs: 0, isOver: false };
    const over = () => {
      player.isOver = true;
    };
    player.ended.then(over, over);
    return player;
  });
  const signal = ({ child, isOver }: (typeof players)[number], name: NodeJS.Signals) => {
    if (isOver || child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      // Ended, and about to say so.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const endAll = () => {
    for (const player of players) signal(player, 'SIGKILL');
  };
  const interrupted = () => process.exit(130);
  process.once('exit', endAll).once('SIGINT', interrupted);
  try {
    while (players.some(({ isOver }) => !isOver)) {
      for (const player of players.filter(({ isOver }) => !isOver)) {
        const since = performance.now();
        signal(player, 'SIGCONT');
        const slice = new AbortController();
        await Promise.race([player.ended, pause(sliceMs, undefined, { signal: slice.signal })]).finally(() =>
          slice.abort(),
        );
        signal(player, 'SIGSTOP');
        player.activeMs += performance.now() - since;
      }
    }
    return await Promise.all(
      players.map(async ({ ended, activeMs }) => ({ ...(await ended), wallSeconds: activeMs / 1000 })),
    );
  } finally {
    endAll();
    process.off('exit', endAll).off('SIGINT', interrupted);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
