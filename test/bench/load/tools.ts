import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { quantileMs } from '../../../src/model/histogram.ts';
import type { RunRecord } from '../../../src/model/run.ts';
import { type Command, has, ownCertificates, pinned, type Run, run } from './process.ts';

export interface Sample extends Run {
  readonly requests: number;
  readonly p99Ms?: number;
}

/** A load generator: how it is told to keep 100 connections busy for some seconds, and how its count is read. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly lacksTls?: boolean;
  command(url: string, seconds: number): Command;
  read(run: Run): Sample;
  /** The same tool with so many connections; absent where a run with many of them is of no interest. */
  withConnections?(connections: number): Tool;
}

/** What no client can take much less CPU than: a bare loop in C. */
export const FLOOR = 'epoll loop in C';
/** The least that a client of Node's own `net` and `tls` modules costs. */
export const NODE_FLOOR = 'bare client in Node';

/** Keeps the connections busy for some seconds, with the machine to itself. */
export async function load(tool: Tool, url: string, seconds: number): Promise<Sample> {
  return tool.read(await run(tool.command(url, seconds)));
}

const CONNECTIONS = '100';

/** shedbench as a user runs it, from the bundle, in a folder of its own. */
export class Shedbench implements Tool {
  readonly name = 'shedbench';
  readonly version: string;
  readonly #folder: string;
  readonly #core: number;
  readonly #connections: string;

  constructor(folder: string, core: number, version: string, connections = CONNECTIONS) {
    this.#folder = folder;
    this.#core = core;
    this.version = version;
    this.#connections = connections;
  }

  withConnections(connections: number): Tool {
    return new Shedbench(this.#folder, this.#core, this.version, String(connections));
  }

  command(url: string, seconds: number): Command {
    return this.#load(url, ['--duration', `${seconds}s`]);
  }

  read(outcome: Run): Sample {
    const { accounting, latency } = recordOf(outcome);
    const p99Ms = quantileMs(latency.success, 0.99);
    return { ...outcome, requests: accounting.calls, ...(p99Ms === undefined ? {} : { p99Ms }) };
  }

  /** Any `load` against a URL. */
  async run(
    url: string,
    args: readonly string[],
  ): Promise<{ readonly sample: Sample; readonly record: RunRecord }> {
    const outcome = await run(this.#load(url, args));
    return { record: recordOf(outcome), sample: this.read(outcome) };
  }

  #load(url: string, args: readonly string[]): Command {
    const insecure = url.startsWith('https:') ? ['--insecure'] : [];
    return {
      argv: pinned(this.#core, [
        process.execPath,
        resolve('bin/shedbench.js'),
        ...['load', '--url', url, '--route', 'dog', '-p', this.#connections, '--json', ...insecure, ...args],
      ]),
      cwd: this.#folder,
    };
  }
}

function recordOf({ stdout }: Run): RunRecord {
  const { runs } = JSON.parse(stdout) as { runs: RunRecord[] };
  const [record] = runs;
  if (record === undefined) throw new Error('shedbench printed no run');
  const { calls, successes } = record.accounting;
  if (calls !== successes) throw new Error(`${calls - successes} of ${calls} calls failed`);
  return record;
}

/** The peers that this machine has, and the names of those that it lacks with the way to get them. */
export async function findPeers(
  folder: string,
  core: number,
): Promise<{ readonly peers: readonly Tool[]; readonly missing: readonly string[] }> {
  const missing: string[] = [];
  const peers: Tool[] = [];
  const add = async (name: string, debianPackage: string, make: () => Promise<Tool>) => {
    if (has(name)) peers.push(await make());
    else missing.push(`${name} (apt-get install ${debianPackage})`);
  };
  await add('wrk', 'wrk', async () =>
    wrk(core, await firstLine(['bash', '-c', 'wrk -v 2>&1 || true'], /wrk \S+/), CONNECTIONS),
  );
  await add('ab', 'apache2-utils', async () => ({
    name: 'ab',
    version: await firstLine(['ab', '-V'], /Version \S+/),
    command: (url, seconds) => ({
      argv: pinned(core, [
        ...['ab', '-q', '-k', '-c', CONNECTIONS, '-t', `${seconds}`, '-n', '100000000'],
        `${url}/dog`,
      ]),
    }),
    read: (outcome) => ({ ...outcome, requests: count(outcome, /Complete requests:\s+(\d+)/) }),
  }));
  await add('hey', 'hey', async () => ({
    name: 'hey',
    version: await firstLine(['bash', '-c', 'dpkg-query -W hey 2>/dev/null || echo hey'], /\d\S+/),
    command: (url, seconds) => ({
      argv: pinned(core, ['hey', '-z', `${seconds}s`, '-c', CONNECTIONS, `${url}/dog`]),
    }),
    read: (outcome) => ({ ...outcome, requests: count(outcome, /\[200\]\s+(\d+) responses/) }),
  }));
  const autocannon = await installAutocannon(folder);
  if (autocannon === undefined) missing.push('autocannon (npm install autocannon)');
  else {
    peers.push({
      name: 'autocannon',
      version: autocannon.version,
      command: (url, seconds) => ({
        argv: pinned(core, [
          ...[process.execPath, autocannon.script, '-c', CONNECTIONS, '-d', `${seconds}`, '-j'],
          `${url}/dog`,
        ]),
        env: { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' },
      }),
      read: (outcome) => {
        const { requests } = JSON.parse(outcome.stdout) as { requests: { total: number } };
        return { ...outcome, requests: requests.total };
      },
    });
  }
  peers.push(
    countingClient(NODE_FLOOR, process.versions.node, core, [
      process.execPath,
      resolve('test/bench/load/node-client.mjs'),
    ]),
  );
  const floor = await buildFloor(folder, core);
  if (floor === undefined) missing.push(`${FLOOR} (apt-get install gcc libc6-dev, for TLS libssl-dev)`);
  else peers.push(floor);
  return { peers, missing };
}

/** The bare client in Node, and the same with the parts of a measurement added one by one (`measuring-client.mjs`). */
export function measuringClients(core: number): Tool[] {
  return ['bare', 'request', 'clock', 'counts'].map((level) => {
    const program = [process.execPath, resolve('test/bench/load/measuring-client.mjs')];
    const name = level === 'bare' ? NODE_FLOOR : `… up to ${level}`;
    return countingClient(name, process.versions.node, core, program, [level]);
  });
}

function wrk(core: number, version: string, connections: string): Tool {
  return {
    name: 'wrk',
    version,
    withConnections: (count) => wrk(core, version, String(count)),
    command: (url, seconds) => ({
      argv: pinned(core, ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', `${url}/dog`]),
    }),
    read: (outcome) => {
      const [, p99 = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(outcome.stdout) ?? [];
      const msPerUnit = unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1;
      return { ...outcome, requests: count(outcome, /(\d+) requests in/), p99Ms: Number(p99) * msPerUnit };
    },
  };
}

/** The bare loop of `epoll-loop.c`: with TLS where OpenSSL's headers are there, without where only a C compiler is. */
async function buildFloor(folder: string, core: number): Promise<Tool | undefined> {
  if (!has('cc')) return undefined;
  const program = join(folder, 'epoll-loop');
  const compile = async (options: readonly string[], libraries: readonly string[]) => {
    try {
      await run({
        argv: ['cc', '-O2', ...options, '-o', program, resolve('test/bench/load/epoll-loop.c'), ...libraries],
      });
      return true;
    } catch {
      return false;
    }
  };
  const hasTls = await compile(['-DWITH_TLS'], ['-lssl', '-lcrypto']);
  if (!hasTls && !(await compile([], []))) return undefined;
  const version = `(cc ${await firstLine(['cc', '-dumpfullversion'], /\S+/)})`;
  return { ...countingClient(FLOOR, version, core, [program]), lacksTls: !hasTls };
}

/** A bare client: it is told the scheme, the port, the number of connections and the seconds, and prints its count. */
function countingClient(
  name: string,
  version: string,
  core: number,
  program: readonly string[],
  options: readonly string[] = [],
): Tool {
  return {
    name,
    version,
    command: (url, seconds) => {
      const { protocol, port } = new URL(url);
      return {
        argv: pinned(core, [
          ...program,
          ...[protocol.replace(':', ''), port, CONNECTIONS, String(seconds), ...options],
        ]),
      };
    },
    read: (outcome) => ({ ...outcome, requests: count(outcome, /(\d+) requests in/) }),
  };
}

/** autocannon in a folder of its own: it is compared with, never depended on. */
async function installAutocannon(
  folder: string,
): Promise<{ readonly script: string; readonly version: string } | undefined> {
  const home = join(folder, 'autocannon');
  const root = join(home, 'node_modules', 'autocannon');
  if (!existsSync(root)) {
    await mkdir(home, { recursive: true });
    try {
      await run({
        argv: ['npm', 'install', '--prefix', home, '--no-audit', '--no-fund', '--no-save', 'autocannon@8'],
        env: ownCertificates(),
      });
    } catch (error) {
      process.stderr.write(`autocannon could not be installed: ${String(error).slice(0, 500)}\n`);
      return undefined;
    }
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { script: join(root, 'autocannon.js'), version };
}

function count({ stdout }: Run, pattern: RegExp): number {
  const [, digits] = pattern.exec(stdout) ?? [];
  if (digits === undefined) throw new Error(`no ${pattern} in:\n${stdout}`);
  return Number(digits);
}

async function firstLine(command: readonly string[], pattern: RegExp): Promise<string> {
  const { stdout } = await run({ argv: command });
  return pattern.exec(stdout)?.[0] ?? stdout.split('\n')[0] ?? '';
}
