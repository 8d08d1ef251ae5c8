/**
 * `npm run bench:load`: the load engine beside its peers, in one run, in turn, by medians. Prints Markdown; with
 * `--write` puts it into docs/performance.md. `--quick` is a rehearsal whose figures mean little; `--only=http,tls,memory,
 * many,command,tail,stall,schedule` runs parts. `--only=parts` compares shedbench with clients that have some of its work.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { quantileMs } from '../../src/model/histogram.ts';
import { has, median, pinned, type Run, run, runInTurn } from './load/process.ts';
import {
  type Arrival,
  type BenchServer,
  startArrivalRecorder,
  startDelayServer,
  startNginx,
} from './load/servers.ts';
import { judge, markdownTable, type Row, resultTable } from './load/table.ts';
import {
  FLOOR,
  findPeers,
  load,
  measuringClients,
  NODE_FLOOR,
  type Sample,
  Shedbench,
  type Tool,
} from './load/tools.ts';

const quick = process.argv.includes('--quick');
const write = process.argv.includes('--write');
const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const wanted = (part: string) => only === undefined || only.includes(part);
/** What each tool works in a round, in slices between those of the others. */
const SECONDS = quick ? 1 : 8;
const SLICE_MS = 250;
const ROUNDS = quick ? 1 : 5;
/** A tail can't be measured in slices: more rounds, by turns, instead. */
const TAIL_SECONDS = quick ? 1 : 4;
const TAIL_ROUNDS = quick ? 1 : 9;
const MANY_CONNECTIONS = 10_000;
const MANY_CALLS = quick ? 100_000 : 5_000_000;
/** Calls per second of the open loop whose arrivals are recorded. */
const SCHEDULE_RATES = [100, 1000, 5000];
const SCHEDULE_SECONDS = quick ? 2 : 5;
const CURL_CALLS = 1000;
const CURL_ROUNDS = quick ? 1 : 3;
/** The generator has one core, the server another: nothing else may run beside them. */
const [CLIENT_CORE, SERVER_CORE] = [0, 1];

const ratio = (value: number) => value.toFixed(2);
const times = (value: number) => `${value.toFixed(1)} ×`;
const microseconds = (seconds: number) => (seconds * 1e6).toFixed(1);
const log = (text: string) => process.stderr.write(`${text}\n`);

interface Compared {
  readonly tool: Tool;
  readonly samples: readonly Sample[];
  /** Per round, of shedbench: a run of one call per connection, so what starting and connecting costs. */
  readonly startUps: readonly Sample[];
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(os.tmpdir(), 'shedbench-bench-'));
  const started = performance.now();
  try {
    if (!has('nginx')) throw new Error('nginx is needed as the server: apt-get install nginx-light');
    await run({ argv: [process.execPath, 'build.mjs'] });
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    const work = join(folder, 'work');
    await mkdir(work);
    const ours = new Shedbench(work, CLIENT_CORE, version);
    const { peers, missing } = await findPeers(folder, CLIENT_CORE);
    for (const name of missing) log(`left out: ${name}`);
    const nginx = await startNginx(join(folder, 'nginx'), SERVER_CORE);
    const sections: string[] = [];
    const rows: Row[] = [];
    try {
      const tools = [ours, ...peers];
      const plain = wanted('http') ? await compare('HTTP', nginx.url, tools) : [];
      const many = wanted('many')
        ? await compare('HTTP, 10,000 connections', nginx.url, wide(tools), inWholeRuns)
        : [];
      const secure = wanted('tls') ? await compare('TLS', nginx.tlsUrl ?? nginx.url, tools) : [];
      rows.push(...comparisons(plain, secure), ...comparisonOfMany(many));
      if (only?.includes('parts')) sections.push(...(await partsOfTheWork(ours, peers, nginx)));
      if (plain.length > 0) sections.push(toolTable('HTTP', plain));
      if (secure.length > 0) sections.push(toolTable('TLS', secure));
      if (wanted('memory')) rows.push(...(await memory(ours, nginx)));
      if (wanted('command')) rows.push(...(await wholeCommand(ours, nginx)));
    } finally {
      await nginx.close();
    }
    if (wanted('tail')) rows.push(...(await tail(ours, peers)));
    if (wanted('stall')) rows.push(...(await stall(ours)));
    if (wanted('schedule')) rows.push(...(await schedule(ours, folder)));
    const minutes = (performance.now() - started) / 60_000;
    await publish([heading(version, peers, minutes), resultTable(rows), ...sections].join('\n\n'));
    process.exitCode = rows.every((row) => row.isMet) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs every tool once for `SECONDS` of work each, and returns their runs in the order of the tools. */
type Play = (tools: readonly Tool[], url: string, round: number) => Promise<Run[]>;

/** All tools in turn, slice by slice. */
const inSlices: Play = (tools, url) =>
  runInTurn(
    tools.map((tool) => tool.command(url, SECONDS * tools.length)),
    SLICE_MS,
  );

/** One tool after the other without a stop. Every second round begins with the last. */
const inWholeRuns: Play = async (tools, url, round) => {
  const runs = new Map<Tool, Run>();
  const order = round % 2 === 1 ? tools : tools.toReversed();
  for (const tool of order) runs.set(tool, await run(tool.command(url, SECONDS)));
  return tools.map((tool) => runs.get(tool) as Run);
};

/** Several rounds, in which every tool works for the same time. */
async function compare(
  kind: string,
  url: string,
  all: readonly Tool[],
  play: Play = inSlices,
): Promise<Compared[]> {
  const tools = url.startsWith('https:') ? all.filter(({ lacksTls }) => lacksTls !== true) : all;
  const samples = new Map<Tool, Sample[]>(tools.map((tool) => [tool, []]));
  const startUps: Sample[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const tool of tools) {
      if (tool instanceof Shedbench) startUps.push((await tool.run(url, ['-c', '100'])).sample);
    }
    const runs = await play(tools, url, round);
    for (const [at, [tool, taken]] of [...samples].entries()) {
      const sample = tool.read(runs[at] as Run);
      taken.push(sample);
      log(
        `${kind} ${round}/${ROUNDS} ${tool.name}: ${Math.round(sample.requests / sample.wallSeconds)}/s, ${microseconds(sample.cpuSeconds / sample.requests)} µs CPU`,
      );
    }
  }
  return [...samples].map(([tool, taken]) => ({
    tool,
    samples: taken,
    startUps: tool instanceof Shedbench ? startUps : [],
  }));
}

/** Tables of shedbench and wrk beside clients in Node that have the parts of a measurement one by one. */
async function partsOfTheWork(
  ours: Shedbench,
  peers: readonly Tool[],
  nginx: BenchServer,
): Promise<string[]> {
  const wrk = peers.filter(({ name }) => name === 'wrk');
  const tools = [ours, ...wrk, ...measuringClients(CLIENT_CORE)];
  const plain = await compare('HTTP', nginx.url, tools);
  const secure = await compare('TLS', nginx.tlsUrl ?? nginx.url, tools);
  return [toolTable('HTTP', plain), toolTable('TLS', secure)];
}

/** Per round, since rounds share the machine's mood; then the median. */
function cpuRatio(ours: Compared, peer: Compared): number {
  return median(
    ours.samples.map((sample, round) => {
      const other = peer.samples[round];
      if (other === undefined) return Number.NaN;
      return sample.cpuSeconds / sample.requests / (other.cpuSeconds / other.requests);
    }),
  );
}

/** The same with the start-up of shedbench taken off; wrk has next to none. */
function cpuRatioWithoutStart(ours: Compared, peer: Compared): number {
  const net = ours.samples.map((sample, round) => {
    const start = ours.startUps[round];
    return start === undefined
      ? sample
      : {
          ...sample,
          cpuSeconds: sample.cpuSeconds - start.cpuSeconds,
          requests: sample.requests - start.requests,
        };
  });
  return cpuRatio({ ...ours, samples: net }, peer);
}

/** What the CPU per request is compared with, and the goals and stretched goals over HTTP and over TLS. */
const CPU_GOALS = [
  { peer: 'wrk', against: 'wrk', ratioOf: cpuRatio, HTTP: [0.95], TLS: [1.1] },
  { peer: NODE_FLOOR, against: `the ${NODE_FLOOR}`, ratioOf: cpuRatio, HTTP: [1.1], TLS: [1.1] },
  { peer: FLOOR, against: 'the loop in C', ratioOf: cpuRatio, HTTP: [1.2, 1.1], TLS: [1.3, 1.2] },
  {
    peer: 'wrk',
    against: 'wrk without starting and connecting',
    ratioOf: cpuRatioWithoutStart,
    HTTP: [0.95],
    TLS: [1.1],
  },
] as const;

function comparisons(plain: readonly Compared[], secure: readonly Compared[]): Row[] {
  return CPU_GOALS.flatMap(({ peer, against, ratioOf, ...goals }) =>
    (['HTTP', 'TLS'] as const).flatMap((kind) => {
      const all = kind === 'HTTP' ? plain : secure;
      const [ours] = all;
      const other = all.find(({ tool }) => tool.name === peer);
      if (ours === undefined || other === undefined) return [];
      const [goal, stretch] = goals[kind];
      const measure = `CPU per request against ${against}, ${kind}`;
      return [judge(measure, ratioOf(ours, other), 'at most', goal, stretch, ratio)];
    }),
  );
}

/** The tools that can keep 10,000 connections busy, told to do so. */
function wide(tools: readonly Tool[]): Tool[] {
  return tools.flatMap((tool) => tool.withConnections?.(MANY_CONNECTIONS) ?? []);
}

function comparisonOfMany(all: readonly Compared[]): Row[] {
  const [ours, peer] = all;
  if (ours === undefined || peer === undefined) return [];
  const value = cpuRatio(ours, peer);
  return [
    judge('CPU per request against wrk, HTTP, 10,000 connections', value, 'at most', 1.15, undefined, ratio),
  ];
}

/** The tools, and their CPU time per request as a multiple of that of wrk and of the bare clients. */
function toolTable(kind: string, all: readonly Compared[]): string {
  const references = ['wrk', NODE_FLOOR, FLOOR].flatMap(
    (name) => all.find(({ tool }) => tool.name === name) ?? [],
  );
  const rows = all.map((compared) => [
    nameOf(compared.tool),
    Math.round(median(compared.samples.map((sample) => sample.requests / sample.wallSeconds))).toLocaleString(
      'en-US',
    ),
    microseconds(median(compared.samples.map((sample) => sample.cpuSeconds / sample.requests))),
    ...references.map((reference) => ratio(cpuRatio(compared, reference))),
  ]);
  return `${kind}, 100 connections, ${SECONDS} s of work a tool and round in slices of ${SLICE_MS} ms, ${ROUNDS} rounds, medians:\n\n${markdownTable(
    [
      ...['tool', 'requests/s', 'CPU µs per request'],
      ...references.map(({ tool }) => `CPU, ${tool.name} = 1`),
    ],
    rows,
  )}`;
}

const nameOf = ({ name, version }: Tool) => `${name} ${version.replace(/^(?:wrk|Version)\s*/, '')}`;

async function memory(ours: Shedbench, nginx: BenchServer): Promise<Row[]> {
  const few = await ours.run(nginx.url, ['-c', '10000']);
  log(`memory, 10,000 calls: ${few.record.instrument.peakRssMiB.toFixed(1)} MiB`);
  const many = await ours.run(nginx.url, ['-c', String(MANY_CALLS)]);
  log(
    `memory, ${MANY_CALLS.toLocaleString('en-US')} calls: ${many.record.instrument.peakRssMiB.toFixed(1)} MiB`,
  );
  const megabytes = (mib: number) => `${((mib * 1024 * 1024) / 1e6).toFixed(1)} MB`;
  const inMiB = (mb: number) => (mb * 1e6) / (1024 * 1024);
  return [
    judge(
      'peak memory, 10,000 calls',
      few.record.instrument.peakRssMiB,
      'at most',
      inMiB(65),
      inMiB(55),
      megabytes,
    ),
    judge(
      `peak memory, ${MANY_CALLS.toLocaleString('en-US')} calls`,
      many.record.instrument.peakRssMiB,
      'at most',
      inMiB(65),
      inMiB(55),
      megabytes,
    ),
  ];
}

async function wholeCommand(ours: Shedbench, nginx: BenchServer): Promise<Row[]> {
  if (!has('curl') || !has('xargs')) {
    log('left out: the comparison with xargs and curl (apt-get install curl findutils)');
    return [];
  }
  const ratios: number[] = [];
  for (let round = 0; round < CURL_ROUNDS; round++) {
    const { sample } = await ours.run(nginx.url, ['-c', String(CURL_CALLS)]);
    const script = `seq ${CURL_CALLS} | xargs -P100 -I{} curl -s -o /dev/null ${nginx.url}/dog`;
    const curl = await run({ argv: pinned(CLIENT_CORE, ['bash', '-c', script]) });
    log(`${CURL_CALLS} calls: shedbench ${sample.wallSeconds} s, xargs and curl ${curl.wallSeconds} s`);
    ratios.push(curl.wallSeconds / sample.wallSeconds);
  }
  return [
    judge(
      '1,000 calls, 100 in parallel, whole command, against xargs and curl',
      median(ratios),
      'at least',
      25,
      35,
      times,
    ),
  ];
}

async function tail(ours: Shedbench, peers: readonly Tool[]): Promise<Row[]> {
  const wrk = peers.find(({ name }) => name === 'wrk');
  if (wrk === undefined) return [];
  const server = await startDelayServer({ delayMs: 20 }, SERVER_CORE);
  const differences: number[] = [];
  try {
    for (let round = 0; round < TAIL_ROUNDS; round++) {
      const { sample } = await ours.run(server.url, ['--warmup', '1s', '--duration', `${TAIL_SECONDS}s`]);
      const reference = await load(wrk, server.url, TAIL_SECONDS);
      const [p99, wrkP99] = [sample.p99Ms ?? Number.NaN, reference.p99Ms ?? Number.NaN];
      log(`p99 of a 20 ms server: shedbench ${p99.toFixed(2)} ms, wrk ${wrkP99.toFixed(2)} ms`);
      differences.push(p99 - wrkP99);
    }
  } finally {
    await server.close();
  }
  const milliseconds = (value: number) => `${value >= 0 ? '+' : ''}${value.toFixed(2)} ms`;
  return [
    judge(
      'p99 of a server that takes 20 ms, over wrk',
      median(differences),
      'at most',
      0.5,
      undefined,
      milliseconds,
    ),
  ];
}

async function stall(ours: Shedbench): Promise<Row[]> {
  // 5 s at 1,000/s, nothing answered from the third second to the fourth: a fifth of the calls waits, evenly.
  const server = await startDelayServer({ delayMs: 0, stallFromMs: 2000, stallUntilMs: 3000 }, SERVER_CORE);
  try {
    const { record } = await ours.run(server.url, ['--rate', '1000', '--duration', '5s', '-p', '1000']);
    const { calls, notSent } = record.accounting;
    const p90 = quantileMs(record.latency.success, 0.9) ?? Number.NaN;
    log(`stall: ${calls} of ${calls + notSent} sent, p90 ${p90.toFixed(1)} ms, analytic 500 ms`);
    const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
    return [
      judge(
        'open loop through a 1 s stall: share of the plan sent',
        calls / (calls + notSent),
        'at least',
        1,
        undefined,
        percent,
      ),
      judge('… p90 over the analytic value', p90 / 500 - 1, 'at most', 0.05, undefined, percent),
    ];
  } finally {
    await server.close();
  }
}

/** The open loop against a server that records arrivals: how long after its intended time a request arrived. */
async function schedule(ours: Shedbench, folder: string): Promise<Row[]> {
  if (!has('cc')) {
    log('left out: the truth of the open loop (apt-get install gcc libc6-dev)');
    return [];
  }
  const rows: Row[] = [];
  for (const rate of SCHEDULE_RATES) {
    const recorder = await startArrivalRecorder(folder, SERVER_CORE);
    const file = join(folder, `calls-${rate}.ndjson`);
    await ours.run(recorder.url, [
      ...['--rate', String(rate), '--duration', `${SCHEDULE_SECONDS}s`, '-p', '20', '--calls-out', file],
    ]);
    const arrivals = await recorder.finish();
    const intendedMs = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { intendedEpochMs: number }).intendedEpochMs)
      .toSorted((a, b) => a - b);
    if (arrivals.length !== intendedMs.length)
      throw new Error(`${arrivals.length} arrivals of ${intendedMs.length}`);
    const errorsMs = (when: (arrival: Arrival) => number) =>
      arrivals.map((arrival, call) => when(arrival) - (intendedMs[call] ?? Number.NaN));
    rows.push(
      ...scheduleRows(
        rate,
        errorsMs(({ arrivedMs }) => arrivedMs),
        errorsMs(({ readMs }) => readMs),
      ),
    );
  }
  return rows;
}

/**
 * The rows of one rate.
 * @param arrivedMs the errors of the schedule up to the network interface, ms; `readMs`: up to the server's read
 */
function scheduleRows(rate: number, arrivedMs: readonly number[], readMs: readonly number[]): Row[] {
  const microseconds = (ms: number) => `${Math.round(ms * 1000)} µs`;
  return [
    {
      measure: `open loop at ${rate.toLocaleString('en-US')}/s: arrival after its intended time, p50`,
      errorsMs: arrivedMs,
    },
    { measure: '… read by the server after its intended time, p50', errorsMs: readMs },
  ].map(({ measure, errorsMs }) => {
    const sorted = errorsMs.toSorted((a, b) => a - b);
    const at = (q: number) => sorted[Math.ceil(sorted.length * q) - 1] ?? Number.NaN;
    log(`${rate}/s, ${measure} ${at(0.5).toFixed(3)} ms, p99 ${at(0.99).toFixed(3)} ms`);
    return judge(measure, at(0.5), 'at most', 0.05, undefined, microseconds);
  });
}

function heading(version: string, peers: readonly Tool[], minutes: number): string {
  const [cpu] = os.cpus();
  const day = new Date().toISOString().slice(0, 10);
  return [
    `Measured ${day} by \`npm run bench:load\` (${minutes.toFixed(1)} minutes), shedbench ${version}, Node ${process.versions.node},`,
    `${os.type()} ${os.release()}, ${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB;`,
    `generator and server on a core each; ${peers.map(nameOf).join(', ')}.`,
  ].join('\n');
}

/** Prints the result, and puts it between the markers of docs/performance.md where asked. */
async function publish(markdown: string): Promise<void> {
  process.stdout.write(`${markdown}\n`);
  if (!write) return;
  const path = 'docs/performance.md';
  const page = await readFile(path, 'utf8');
  const [start, end] = ['<!-- bench:load -->', '<!-- /bench:load -->'];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no ${start} … ${end}`);
  await writeFile(path, `${page.slice(0, from + start.length)}\n\n${markdown}\n\n${page.slice(to)}`);
  await run({ argv: ['npx', 'biome', 'format', '--write', path] });
}

await main();
