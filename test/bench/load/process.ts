import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What one command cost and said. */
export interface Run {
  readonly stdout: string;
  readonly cpuSeconds: number;
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

/**
 * Runs a command to its end and measures the CPU time of it and its children by the shell's own clock.
 * @throws Error when it exits with anything but 0
 */
export async function run(
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Run> {
  const child = spawn(
    'bash',
    ['-c', 'TIMEFORMAT="shed-times %3U %3S %3R"; time "$@"; exit $?', 'bash', ...command],
    { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const [, user, system, real] = /shed-times ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  if (code !== 0 || real === undefined) {
    throw new Error(
      `${command.join(' ')} ended with ${code}:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
    );
  }
  return { stdout, cpuSeconds: Number(user) + Number(system), wallSeconds: Number(real) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
