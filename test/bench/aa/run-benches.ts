import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsBuilds } from './modes.ts';
import type { ChainState } from './state.ts';

/** A bench whose end would come later than this is not begun. */
const SPARE_MS = 5_000;
const SLOWER = 0.1;
const FUNCTIONS = ['get-cat-ackermann', 'post-sheep-random', 'get-dog-count', 'delete-wolf-ocd'];
const PROGRAM = join(process.cwd(), 'bin', 'shedbench.js');
const HANDLERS = join(process.cwd(), 'handlers', 'node');
const SAID_CHARACTERS = 4000;
/** The programs of a neighbour that takes a core: all the time, or for a random time of up to a second, then not. */
const BUSY = 'for (;;);';
const BUSY_AT_TIMES = `const turn = () => {
  const endMs = performance.now() + 1000 * Math.random();
  while (performance.now() < endMs);
  setTimeout(turn, 1000 * Math.random());
};
turn();`;

/** Makes more benches of a chain on a local cloud of its own, until there are enough or the time is up. */
export async function runBenches(
  state: ChainState,
  limits: { readonly benches: number; readonly seconds: number },
): Promise<void> {
  if (state.benches.length >= limits.benches || limits.seconds <= 0) return;
  const endMs = performance.now() + limits.seconds * 1000;
  const folder = mkdtempSync(join(tmpdir(), 'shedbench-aa-'));
  try {
    const subject = holdsBuilds(state.settings.mode)
      ? makeBuilds(state, folder)
      : // Python takes 0.15 s for a cat of the standard size: `-n 6` is a quarter of that.
        ['--runtime', 'node,python', '-n', '6'];
    // Deploys, and warms the machine up; it is in no pair.
    await shedbench(folder, [...benchOf(state, subject), '-c', '12', '--rounds', '2']);
    while (state.benches.length < limits.benches && performance.now() + longestMs(state) + SPARE_MS < endMs) {
      await addBench(state, folder, subject);
    }
  } finally {
    await shedbench(folder, ['teardown', '--local']);
    rmSync(folder, { recursive: true, force: true });
  }
}

function benchOf(state: ChainState, subject: readonly string[]): string[] {
  const { routes, parallel } = state.settings;
  return ['bench', '--local', ...subject, '--route', routes, '-p', String(parallel)];
}

async function addBench(state: ChainState, folder: string, subject: readonly string[]): Promise<void> {
  const index = state.benches.length;
  const { mode, calls, rounds } = state.settings;
  const disturbed = (mode === 'disturbed' && index % 2 === 1) || mode === 'builds-disturbed';
  const program = mode === 'disturbed' ? BUSY : BUSY_AT_TIMES;
  const neighbour = disturbed ? spawn(process.execPath, ['-e', program], { stdio: 'ignore' }) : undefined;
  const startedAtEpochMs = Date.now();
  const startedMs = performance.now();
  const exitCode = await shedbench(folder, [
    ...benchOf(state, subject),
    ...['-c', String(calls), '--rounds', String(rounds), '--format', 'json', '-o', 'report.json'],
  ]);
  const tookMs = performance.now() - startedMs;
  if (neighbour !== undefined) await end(neighbour);
  renameSync(join(folder, 'report.json'), state.reportFile(index));
  state.add({ startedAtEpochMs, tookMs, disturbed, exitCode });
  process.stderr.write(`bench ${index}: ${(tookMs / 1000).toFixed(1)} s, exit ${exitCode}\n`);
}

function longestMs(state: ChainState): number {
  return Math.max(0, ...state.benches.map(({ tookMs }) => tookMs));
}

/** Two copies of the Node handlers; with `slowed` each call of the second does a tenth more work. */
function makeBuilds(state: ChainState, folder: string): string[] {
  const { mode } = state.settings;
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  for (const copy of [a, b]) {
    mkdirSync(copy);
    cpSync(join(HANDLERS, 'dist'), join(copy, 'dist'), { recursive: true });
    const { build: _, ...manifest } = JSON.parse(readFileSync(join(HANDLERS, 'shedbench.json'), 'utf8'));
    writeFileSync(join(copy, 'shedbench.json'), JSON.stringify(manifest));
  }
  for (const name of FUNCTIONS) {
    const entry = (copy: string) => join(copy, 'dist', name, `${name}.mjs`);
    // Both builds are wrapped alike, so that the wrapper itself is no difference.
    for (const [copy, extra] of [
      [a, 0],
      [b, mode === 'slowed' ? SLOWER : 0],
    ] as const) {
      renameSync(entry(copy), join(copy, 'dist', name, 'original.mjs'));
      writeFileSync(entry(copy), wrapper(extra));
    }
  }
  return ['--handlers', a, '--handlers', b];
}

/**
 * A handler that does more work: this share of what the original one does. The work is a number of steps: as many as fit
 * into that share of the original's undisturbed time (the first quartile of its last 40), at the fastest rate that was
 * seen. So it does not grow where other programs delay the handler.
 */
function wrapper(extra: number): string {
  return `import { handler as original } from './original.mjs';
let sum = 0;
const work = (steps) => {
  const startMs = performance.now();
  for (let step = 0; step < steps; step++) sum = (sum * 31 + step) | 0;
  return steps / (performance.now() - startMs);
};
let stepsPerMs = 0;
for (let time = 0; time < 20; time++) stepsPerMs = Math.max(stepsPerMs, work(200_000));
const recentMs = [];
export const handler = async (event, context) => {
  const startMs = performance.now();
  const answer = await original(event, context);
  recentMs.push(performance.now() - startMs);
  if (recentMs.length > 40) recentMs.shift();
  const undisturbedMs = recentMs.toSorted((a, b) => a - b)[Math.floor(recentMs.length / 4)];
  work(Math.round(undisturbedMs * ${extra} * stepsPerMs));
  return answer;
};
`;
}

async function shedbench(folder: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_CHARACTERS);
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  // A report that falls short is one still; anything above is a bench that did not happen.
  if (exitCode === null || exitCode > 1)
    throw new Error(`shedbench ${args.join(' ')} ended with ${exitCode}:\n${said}`);
  return exitCode;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}
