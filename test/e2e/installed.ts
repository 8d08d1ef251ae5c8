import { spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { lives } from '../targets/living.ts';

/** The folder of node_modules in which the program keeps what V8 compiled of it. It replaces whole files there. */
const COMPILED = 'shedbench/.cache';

/** What a user sees of a command. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Finished extends Outcome {
  readonly signal: NodeJS.Signals | null;
  readonly elapsedMs: number;
}

export interface Running {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Resolves once stderr holds the text; rejects when the program ends before. */
  stderrHas(text: string | RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** The packed tarball, installed into an empty folder, as a user has it. */
export interface Installed {
  readonly folder: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /**
   * Runs many short commands in one process, one after the other: starting a process takes longer than most of them.
   * Returns the outcomes by command line.
   */
  runInTurn(commandLines: readonly (readonly string[])[]): Promise<ReadonlyMap<readonly string[], Outcome>>;
  remove(): void;
}

/** Waits until the packed program is installed, and returns the folder that holds its node_modules. */
export async function installedFolder(): Promise<string> {
  const folder = inject('installedIn');
  while (!existsSync(join(folder, 'node_modules'))) {
    const failure = join(folder, 'failed');
    if (existsSync(failure)) throw new Error(readFileSync(failure, 'utf8'));
    await sleep(100);
  }
  return folder;
}

/**
 * A new empty folder with the packed and installed program. Its files are links to those of the installation, because 50 MB
 * take their time to copy and to delete. What V8 compiled of the program is shared as well.
 */
export async function installPacked(): Promise<Installed> {
  const source = join(await installedFolder(), 'node_modules');
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-e2e-'));
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  mkdirSync(join(source, COMPILED), { recursive: true });
  linkTree(source, join(folder, 'node_modules'), join(source, COMPILED));
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Running =>
    startNode(folder, ['node_modules/.bin/shedbench', ...args], env);
  return {
    folder,
    start,
    run: (args, env) => start(args, env).finished,
    runInTurn: (commandLines) => runInTurn(folder, commandLines),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Makes a folder with a hard link for every file of another folder, and symbolic links for its links and for `shared`. */
function linkTree(from: string, to: string, shared: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (source === shared) symlinkSync(source, copy);
    else if (entry.isDirectory()) linkTree(source, copy, shared);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), copy);
    else linkSync(source, copy);
  }
}

async function runInTurn(
  folder: string,
  commandLines: readonly (readonly string[])[],
): Promise<ReadonlyMap<readonly string[], Outcome>> {
  const script = fileURLToPath(new URL('in-turn.mjs', import.meta.url));
  const { stdout, stderr } = await startNode(folder, [script, JSON.stringify(commandLines)]).finished;
  const [outs, errors] = [stdout, stderr].map((text) => text.split(/\0(\d+)\0/));
  return new Map(
    commandLines.map((args, index) => {
      const exitCode = outs?.[2 * index + 1];
      if (exitCode === undefined) throw new Error(`${args.join(' ')} ended the process:\n${stderr}`);
      return [
        args,
        {
          exitCode: Number(exitCode),
          stdout: outs?.[2 * index] ?? '',
          stderr: errors?.[2 * index] ?? '',
        },
      ];
    }),
  );
}

function startNode(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A temporary folder of its own: what is left there, and who, is this program's.
    env: { ...cleanEnvironment(), TMPDIR: join(folder, 'tmp'), ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, signal, stdout, stderr, elapsedMs: performance.now() - startedMs });
    });
  });
  return {
    pid: child.pid ?? -1,
    finished,
    signal: (name) => {
      child.kill(name);
    },
    stderrHas: (text) =>
      new Promise((resolve, reject) => {
        const has = (): boolean => (typeof text === 'string' ? stderr.includes(text) : text.test(stderr));
        const check = (): void => {
          if (has()) resolve();
        };
        child.stderr.on('data', check);
        child.once('close', () => (has() ? resolve() : reject(new Error(`never said ${text}:\n${stderr}`))));
        check();
      }),
  };
}

/** The environment without anything of AWS's or CI's that would change what the program does. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('AWS_') && !name.startsWith('SHEDBENCH_') && name !== 'NODE_OPTIONS',
    ),
  );
}

/**
 * The live processes that a program installed in `folder` started: by their command line, their working folder, an open
 * file, or the temporary folder in their environment. A renamed process still has one of these. Linux only.
 */
export function processesOf(folder: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = ownedCommand(`/proc/${name}`, folder);
      return command === undefined ? [] : [{ pid: Number(name), command }];
    });
}

/** The command line of the process in a folder of /proc if it has a trace of `folder`. The cheapest trace is read first. */
function ownedCommand(proc: string, folder: string): string | undefined {
  const command = quietly(() => readFileSync(`${proc}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
  // A zombie has no command line left: it is gone but for its exit code.
  if (command === undefined || command === '') return undefined;
  const isOwned =
    command.includes(folder) ||
    quietly(() => readlinkSync(`${proc}/cwd`))?.includes(folder) ||
    quietly(() => readFileSync(`${proc}/environ`, 'utf8'))?.includes(folder) ||
    quietly(() => readdirSync(`${proc}/fd`))?.some((fd) =>
      quietly(() => readlinkSync(`${proc}/fd/${fd}`))?.includes(folder),
    );
  return isOwned === true ? command : undefined;
}

/**
 * Waits until no process that a program installed in `folder` started lives, for at most `limitMs`. Returns those that
 * still live then. Linux only.
 */
export async function outliving(folder: string, limitMs: number): Promise<ReturnType<typeof processesOf>> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const found = processesOf(folder);
    if (found.length === 0 || performance.now() >= deadlineMs) return found;
    // A look at all processes takes 20 ms, and one at those that were found takes no time.
    do await sleep(50);
    while (found.some(({ pid }) => lives(pid)) && performance.now() < deadlineMs);
  }
}

/** Undefined for what a process that ends meanwhile can't be asked any more. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
