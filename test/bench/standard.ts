/**
 * How much longer the standard bench of this checkout takes than that of another one, and where its CPU time goes.
 *
 * npm run bench:standard -- --before DIR [--pairs 2] [--at-once] [--calls 1000] [--parallel 100]
 *   [--routes cat,sheep,dog,wolf]
 *
 * DIR is the folder of the other checkout, built. The benches take turns: before, now, now, before, and so on. Each has a
 * folder and a local cloud of its own. With `--before .` the table shows how much benches of one build differ. The CPU
 * times are read from /proc ten times a second, so they exist on Linux only.
 *
 * With `--at-once` the two benches of a pair run at the same time. A change in the speed of the machine then affects both.
 * Their times are longer than those of benches that run alone, so only the ratios count.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CpuWatch, KINDS, type Kind } from './standard/cpu-watch.ts';

/** How often the CPU times are read, ms. */
const EVERY_MS = 100;
const MS_PER_S = 1000;

interface Measured {
  readonly wallS: number;
  /** CPU time, s. Empty if the system does not report it. */
  readonly cpuS: ReadonlyMap<Kind, number>;
}

interface Turn {
  readonly name: string;
  readonly folder: string;
  readonly results: Measured[];
}

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    pairs: { type: 'string', default: '2' },
    calls: { type: 'string', default: '1000' },
    parallel: { type: 'string', default: '100' },
    routes: { type: 'string', default: 'cat,sheep,dog,wolf' },
    'at-once': { type: 'boolean', default: false },
  },
});
const { before: other, calls, parallel, routes } = values;
const pairs = Number(values.pairs);
if (other === undefined || !(pairs >= 1)) throw new Error('--before takes a folder, --pairs a number from 1');

print(`${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`);
const atOnce = values['at-once'];
print(`bench -c ${calls} -p ${parallel}, ${routes}, ${atOnce ? 'both at the same time' : 'in turns'}`);
const before: Measured[] = [];
const now: Measured[] = [];
for (let pair = 0; pair < pairs; pair++) {
  const turns = [
    { name: 'before', folder: other, results: before },
    { name: 'now', folder: '.', results: now },
  ];
  const ordered = pair % 2 === 0 ? turns : turns.reverse();
  if (atOnce) await Promise.all(ordered.map(run));
  else for (const turn of ordered) await run(turn);
}
print(`median  before ${seconds(median(before.map(wallOf)))} s, now ${seconds(median(now.map(wallOf)))} s`);
print(`ratio of a pair, median: time ${ratio(atOnce ? ownTimeOf : wallOf)}, CPU time ${ratio(totalOf)}`);

async function run({ name, folder, results }: Turn): Promise<void> {
  const measured = await measure(resolve(folder, 'bin', 'shedbench.js'));
  results.push(measured);
  print(`${name.padEnd(6)}  ${describe(measured)}`);
}

/** Runs one standard bench in a new folder. */
async function measure(program: string): Promise<Measured> {
  const cwd = mkdtempSync(join(tmpdir(), 'shedbench-standard-'));
  try {
    const startMs = performance.now();
    const child = spawn(
      process.execPath,
      [
        ...[program, 'bench', '--local', '--runtime', 'rust,python,node', '--teardown'],
        ...['-c', calls, '-p', parallel, '--routes', routes],
      ],
      { cwd, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const watch = new CpuWatch(child.pid ?? 0, join(cwd, '.shedbench', 'local.json'));
    const timer = setInterval(() => watch.look(), EVERY_MS);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    const wallS = (performance.now() - startMs) / MS_PER_S;
    clearInterval(timer);
    if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}:\n${said}`);
    return { wallS, cpuS: watch.cpuS() };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function wallOf({ wallS }: Measured): number {
  return wallS;
}

/**
 * The time that a bench would have taken alone, s, if it and its neighbour had half of the machine each until one of
 * them ended.
 */
function ownTimeOf({ wallS }: Measured, neighbour: Measured): number {
  const sharedS = Math.min(wallS, neighbour.wallS);
  return sharedS / 2 + (wallS - sharedS);
}

function totalOf({ cpuS }: Measured): number {
  return [...cpuS.values()].reduce((sum, each) => sum + each, 0);
}

function ratio(of: (measured: Measured, neighbour: Measured) => number): string {
  return median(
    now.map((each, pair) => {
      const other = before[pair] ?? each;
      return of(each, other) / of(other, each);
    }),
  ).toFixed(3);
}

function describe(measured: Measured): string {
  const parts = KINDS.map((kind) => `${kind} ${seconds(measured.cpuS.get(kind) ?? 0)}`);
  return `${seconds(measured.wallS)} s, CPU ${seconds(totalOf(measured))} s (${parts.join(', ')})`;
}

/** The mean of the two middle values if their number is even. */
function median(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return (low + high) / 2;
}

function seconds(value: number): string {
  return value.toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
