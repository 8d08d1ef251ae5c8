// The same load from this machine and from 1, 2 and 4 loaders on the local cloud, against a server in a process of its own.
// node build.mjs && npm run bench:fleet -- [--calls 40000]
// Prints a table in Markdown: accounting, throughput, CPU per call and latency. All of it shares the cores of this machine, so
// more loaders bring no more throughput here; what the table shows is that nothing is lost and what a loader costs.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { quantileMs } from '../../src/model/histogram.ts';
import type { RunRecord } from '../../src/model/run.ts';

const { values: flags } = parseArgs({ options: { calls: { type: 'string', default: '40000' } } });
const BIN = resolve('bin/shedbench.js');
const ORIGINS = [undefined, 'lambda=1', 'lambda=2', 'lambda=4'];
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Answers every request head with the same bytes, whatever it asks. */
const SERVER = `
const body = '{"count":1}';
const answer = Buffer.from('HTTP/1.1 200 OK\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n' + body);
require('node:net').createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\\r\\n\\r\\n'); end >= 0; end = text.indexOf('\\r\\n\\r\\n')) {
      text = text.slice(end + 4);
      socket.write(answer);
    }
  });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

const folder = mkdtempSync(join(tmpdir(), 'shedbench-fleet-'));
const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const url = `http://127.0.0.1:${await portOf(server)}`;
  await shedbench('local', 'start');
  process.stdout.write(
    '| from | calls | statuses | not sent | calls/s | CPU µs a call | p50 | p99 |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const origin of ORIGINS) process.stdout.write(`${row(origin, await load(url, origin))}\n`);
} finally {
  await shedbench('teardown', '--local').catch(() => undefined);
  await shedbench('local', 'stop').catch(() => undefined);
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('the server has no output');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return Number(line.toString());
}

async function shedbench(...args: readonly string[]): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [BIN, ...args], {
    cwd: folder,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout;
}

async function load(url: string, origin: string | undefined): Promise<RunRecord> {
  const from = origin === undefined ? [] : ['--from', origin];
  const plan = ['--route', 'dog', '-c', flags.calls, '-p', '32', '--warmup', '2000'];
  const text = await shedbench('load', '--local', '--url', url, ...plan, ...from, '--json');
  const [run] = (JSON.parse(text) as { readonly runs: readonly RunRecord[] }).runs;
  if (run === undefined) throw new Error('a load has a run');
  return run;
}

function row(origin: string | undefined, run: RunRecord): string {
  const { accounting, elapsedMs, fleet, instrument, latency } = run;
  const cpuMs =
    fleet === undefined
      ? instrument.cpuShare * elapsedMs
      : fleet.loaders.reduce((sum, loader) => sum + loader.cpuMs, 0);
  const statuses = Object.entries(accounting.attemptsByStatus).map(
    ([status, count]) => `${status}: ${count}`,
  );
  const ms = (q: number) => `${(quantileMs(latency.success, q) ?? 0).toFixed(2)} ms`;
  return `| ${[
    origin ?? 'this machine',
    accounting.calls,
    statuses.join(', '),
    accounting.notSent,
    Math.round((accounting.calls / elapsedMs) * 1000).toLocaleString('en-US'),
    ((cpuMs / accounting.calls) * 1000).toFixed(1),
    ms(0.5),
    ms(0.99),
  ].join(' | ')} |`;
}
