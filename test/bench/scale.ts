// What a fleet of loaders needs for a high rate, simulated in virtual time with the engine's own schedule and pacer.
// npm run bench:scale -- [--write]
// Prints a table in Markdown, and with --write puts it into docs/scale.md. The figures depend on no clock: they are the same
// on every machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OpenPacer } from '../../src/load/engine/pacer.ts';
import { LatencyRecorder } from '../../src/load/measure/latency-recorder.ts';
import { createSchedule } from '../../src/load/schedule.ts';
import { mergeHistograms, quantileMs } from '../../src/model/histogram.ts';
import { loaderCostUsd } from '../../src/report/cost/loader-cost.ts';
import { PRICES } from '../../src/report/cost/prices.ts';
import { seededRandom } from '../../src/report/statistics/random-draws.ts';

const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const PAGE = 'docs/scale.md';
const [START, END] = ['<!-- bench:scale -->', '<!-- /bench:scale -->'];
const RATE_PER_SECOND = 100_000;
const SIMULATED_MS = 4000;
/** What a call costs a loader, ms: ten times what this engine was measured at over TLS, half to send and half to read. */
const CPU_PER_CALL_MS = 0.1;
/** The service times: lognormal with this median, and a 99th percentile of four times as much. */
const MEDIAN_MS = 20;
const SIGMA = Math.log(4) / 2.326;
/** The loaders' clocks differ by up to this, ms, which moves each loader's share of the schedule. */
const CLOCK_SPREAD_MS = 5;
const LOADERS = [10, 12, 20, 40, 60, 80];
const PRICE_REGION = 'us-east-1';
const LOADER = { memorySizeMB: 1769, architecture: 'arm64' } as const;

/** What one loader did. Times in ms. */
interface LoaderResult {
  readonly sends: readonly number[];
  readonly sendLag: LatencyRecorder;
  readonly latency: LatencyRecorder;
  readonly busiest: number;
  readonly cpuMs: number;
  readonly endMs: number;
}

/** One thread that sends what is due and reads what has arrived, in the order in which it became due. */
function simulateLoader(index: number, loaders: number): LoaderResult {
  const random = seededRandom(1000 * loaders + index + 1);
  const schedule = createSchedule([
    { durationMs: SIMULATED_MS, fromPerSecond: RATE_PER_SECOND, toPerSecond: RATE_PER_SECOND },
  ]);
  const startMs = random() * CLOCK_SPREAD_MS;
  const pacer = new OpenPacer(schedule, {
    startMs,
    endMs: startMs + SIMULATED_MS,
    first: index,
    stride: loaders,
    numberedFrom: 0,
  });
  const answers = new Heap();
  const sends: number[] = [];
  const [sendLag, latency] = [new LatencyRecorder(), new LatencyRecorder()];
  let nowMs = startMs;
  let inFlight = 0;
  let busiest = 0;
  let cpuMs = 0;
  for (;;) {
    const arrival = answers.peek();
    if (pacer.pending(nowMs) > 0 && !(arrival !== undefined && arrival.atMs <= nowMs)) {
      pacer.claim(nowMs);
      sendLag.record(nowMs - pacer.intendedMs);
      sends.push(nowMs);
      nowMs += CPU_PER_CALL_MS / 2;
      cpuMs += CPU_PER_CALL_MS / 2;
      answers.push({ atMs: nowMs + serviceMs(random), intendedMs: pacer.intendedMs });
      busiest = Math.max(busiest, ++inFlight);
      continue;
    }
    if (arrival !== undefined && arrival.atMs <= nowMs) {
      answers.pop();
      inFlight -= 1;
      nowMs += CPU_PER_CALL_MS / 2;
      cpuMs += CPU_PER_CALL_MS / 2;
      latency.record(nowMs - arrival.intendedMs);
      continue;
    }
    const dueMs = pacer.isExhausted(nowMs) ? undefined : pacer.nextDueMs();
    const next = Math.min(dueMs ?? Number.POSITIVE_INFINITY, arrival?.atMs ?? Number.POSITIVE_INFINITY);
    if (!Number.isFinite(next)) break;
    nowMs = Math.max(nowMs, next);
  }
  return { sends, sendLag, latency, busiest, cpuMs, endMs: nowMs };
}

function serviceMs(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return MEDIAN_MS * Math.exp(SIGMA * normal);
}

interface Answer {
  readonly atMs: number;
  readonly intendedMs: number;
}

/** The answers under way, the earliest first. */
class Heap {
  readonly #items: Answer[] = [];

  peek(): Answer | undefined {
    return this.#items[0];
  }

  push(item: Answer): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#items[parent]?.atMs ?? 0) <= item.atMs) break;
      this.#items[at] = this.#items[parent] as Answer;
      at = parent;
    }
    this.#items[at] = item;
  }

  pop(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#items.length) break;
      const right = this.#items[child + 1];
      if (right !== undefined && right.atMs < (this.#items[child] as Answer).atMs) child += 1;
      if ((this.#items[child] as Answer).atMs >= last.atMs) break;
      this.#items[at] = this.#items[child] as Answer;
      at = child;
    }
    this.#items[at] = last;
  }
}

/** The calls of all loaders in each tenth of a second: the smallest and the largest, over the planned ones. */
function evenness(results: readonly LoaderResult[]): { readonly least: number; readonly most: number } {
  const windowMs = 100;
  const counts = new Array<number>(Math.floor(SIMULATED_MS / windowMs)).fill(0);
  for (const atMs of results.flatMap(({ sends }) => sends)) {
    const at = Math.floor(atMs / windowMs);
    if (at < counts.length) counts[at] = (counts[at] ?? 0) + 1;
  }
  const planned = (RATE_PER_SECOND * windowMs) / 1000;
  // The first and the last tenth hold the spread of the clocks.
  const inner = counts.slice(1, -1);
  return { least: Math.min(...inner) / planned, most: Math.max(...inner) / planned };
}

function row(loaders: number): string {
  const results = Array.from({ length: loaders }, (_, index) => simulateLoader(index, loaders));
  const latency = mergeHistograms(results.map((result) => result.latency.encode()));
  const sendLag = mergeHistograms(results.map((result) => result.sendLag.encode()));
  const calls = results.reduce((sum, { sends }) => sum + sends.length, 0);
  if (calls !== (RATE_PER_SECOND * SIMULATED_MS) / 1000) throw new Error(`${calls} calls were sent`);
  const cpu = Math.max(...results.map(({ cpuMs, endMs }) => cpuMs / endMs));
  const { least, most } = evenness(results);
  const usd = loaderCostUsd(LOADER, { billedMs: loaders * 60_000, invocations: loaders }, PRICE_REGION) ?? 0;
  return [
    loaders,
    (RATE_PER_SECOND / loaders).toLocaleString('en-US', { maximumFractionDigits: 0 }),
    `${Math.round(cpu * 100)} %`,
    Math.max(...results.map(({ busiest }) => busiest)).toLocaleString('en-US'),
    `${(quantileMs(sendLag, 0.99) ?? 0).toFixed(2)} ms`,
    `${(quantileMs(latency, 0.5) ?? 0).toFixed(1)} / ${(quantileMs(latency, 0.99) ?? 0).toFixed(1)} ms`,
    `${(least * 100).toFixed(1)} – ${(most * 100).toFixed(1)} %`,
    `$${usd.toFixed(3)}`,
  ].join(' | ');
}

const lines = [
  '| loaders | calls/s each | CPU of a core | connections busy at most | sent late, p99 | latency p50 / p99 | of the planned rate, per 0.1 s | loaders, a minute |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ...LOADERS.map((loaders) => `| ${row(loaders)} |`),
];
const apiUsd = ((PRICES[PRICE_REGION]?.apiGatewayRestMillion?.usd ?? 0) * RATE_PER_SECOND * 60) / 1e6;
lines.push('', `API Gateway bills $${apiUsd.toFixed(2)} a minute for these calls (REST, ${PRICE_REGION}).`);
const table = lines.join('\n');
process.stdout.write(`${table}\n`);
if (flags.write) {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for the table`);
  writeFileSync(PAGE, `${before}${START}\n\n${table}\n\n${END}${after}`);
}
