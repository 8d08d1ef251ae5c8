/**
 * How much longer the standard bench of this checkout takes than that of another one, and where its CPU time goes.
 *
 * npm run bench:standard -- --before DIR [--pairs 2] [--calls 1000] [--parallel 100] [--routes cat,sheep,dog,wolf]
 *
 * DIR is the folder of the other checkout, built. The benches take turns: before, now, now, before, and so on. Each has a
 * folder and a local cloud of its own. With `--before .` the table shows how much benches of one build differ. The CPU
 * times are read from /proc ten times a second, so they exist on Linux only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The kinds of processes of a bench, in the order of the table. */
const KINDS = ['functions', 'cloud', 'bench', 'other'] as const;
type Kind = (typeof KINDS)[number];

/** How often the CPU times are read, ms. */
const EVERY_MS = 100;
const MS_PER_S = 1000;
/** Linux counts CPU time in ticks of 1/100 s. */
const TICKS_PER_S = 100;

interface Measured {
  readonly wallS: number;
  /** CPU time, s. Empty if the system does not report it. */
  readonly cpuS: ReadonlyMap<Kind, number>;
}

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    pairs: { type: 'string', default: '2' },
    calls: { type: 'string', default: '1000' },
    parallel: { type: 'string', default: '100' },
    routes: { type: 'string', default: 'cat,sheep,dog,wolf' },
  },
});
const { before: other, calls, parallel, routes } = values;
const pairs = Number(values.pairs);
if (other === undefined || !(pairs >= 1)) throw new Error('--before takes a folder, --pairs a number from 1');

print(`${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`);
print(`bench -c ${calls} -p ${parallel}, ${routes}`);
const before: Measured[] = [];
const now: Measured[] = [];
for (let pair = 0; pair < pairs; pair++) {
  const turns = [
    { name: 'before', folder: other, results: before },
    { name: 'now', folder: '.', results: now },
  ];
  for (const { name, folder, results } of pair % 2 === 0 ? turns : turns.reverse()) {
    const measured = await measure(resolve(folder, 'bin', 'shedbench.js'));
    results.push(measured);
    print(`${name.padEnd(6)}  ${describe(measured)}`);
  }
}
print(`median  before ${seconds(median(before.map(wallOf)))} s, now ${seconds(median(now.map(wallOf)))} s`);
print(`ratio of a pair, median: time ${ratio(wallOf)}, CPU time ${ratio(totalOf)}`);

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

interface SeenProcess {
  kind: Kind;
  cpuS: number;
}

/** Adds up the CPU time of the processes of a bench, by kind. A process counts as it was last seen. */
class CpuWatch {
  readonly #benchPid: number;
  readonly #stateFile: string;
  /** By process id and start time, because the system uses ids again. */
  readonly #seen = new Map<string, SeenProcess>();
  #cloudPid: number | undefined;

  /** @param stateFile where the bench notes the process of its local cloud */
  constructor(benchPid: number, stateFile: string) {
    this.#benchPid = benchPid;
    this.#stateFile = stateFile;
  }

  look(): void {
    if (process.platform !== 'linux') return;
    this.#cloudPid ??= cloudPidIn(this.#stateFile);
    const processes = allProcesses();
    for (const [pid, { startTicks, cpuS }] of processes) {
      if (!this.#isOfBench(pid, processes)) continue;
      const key = `${pid} ${startTicks}`;
      const seen = this.#seen.get(key) ?? { kind: 'other', cpuS };
      // A process has its final environment and parent only after a moment.
      if (seen.kind === 'other') seen.kind = this.#kindOf(pid);
      seen.cpuS = cpuS;
      this.#seen.set(key, seen);
    }
  }

  cpuS(): ReadonlyMap<Kind, number> {
    const sums = new Map<Kind, number>();
    for (const { kind, cpuS } of this.#seen.values()) sums.set(kind, (sums.get(kind) ?? 0) + cpuS);
    return sums;
  }

  #isOfBench(pid: number, processes: ReadonlyMap<number, ProcessState>): boolean {
    for (let at: number | undefined = pid; at !== undefined; at = processes.get(at)?.parent) {
      if (at === this.#benchPid || at === this.#cloudPid) return true;
    }
    return false;
  }

  #kindOf(pid: number): Kind {
    if (pid === this.#benchPid) return 'bench';
    if (pid === this.#cloudPid) return 'cloud';
    if (readText(`/proc/${pid}/environ`)?.includes('AWS_LAMBDA_FUNCTION_NAME=') === true) return 'functions';
    return readText(`/proc/${pid}/cmdline`)?.includes('local-database') === true ? 'cloud' : 'other';
  }
}

interface ProcessState {
  readonly parent: number;
  /** When it started, in ticks since the system did. */
  readonly startTicks: string;
  /** The CPU time of its own threads, s. */
  readonly cpuS: number;
}

/**
 * All processes of the system by id.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html (fields 4, 14, 15 and 22)
 */
function allProcesses(): Map<number, ProcessState> {
  const processes = new Map<number, ProcessState>();
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? readText(`/proc/${name}/stat`) : undefined;
    if (text === undefined) continue;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    processes.set(Number(name), {
      parent: Number(fields[1]),
      startTicks: fields[19] ?? '',
      cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
    });
  }
  return processes;
}

function cloudPidIn(stateFile: string): number | undefined {
  const text = readText(stateFile);
  return text === undefined ? undefined : (JSON.parse(text) as { readonly pid: number }).pid;
}

/** Undefined if there is no such file, or the process has ended. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function wallOf({ wallS }: Measured): number {
  return wallS;
}

function totalOf({ cpuS }: Measured): number {
  return [...cpuS.values()].reduce((sum, each) => sum + each, 0);
}

function ratio(of: (measured: Measured) => number): string {
  return median(now.map((each, pair) => of(each) / of(before[pair] ?? each))).toFixed(3);
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
