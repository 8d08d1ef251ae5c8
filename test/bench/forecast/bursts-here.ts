import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { forecastDurations, type Place, summaryOf } from '../../../src/forecast/forecast-durations.ts';
import { findGroupParents, isRefusal } from '../../../src/local/sandboxes/control-group-search.ts';
import { ControlGroups } from '../../../src/local/sandboxes/control-groups.ts';
import { anywhere } from './place-in-period.ts';

const MEMORY_MB = 128;
const SIZES_MS = [1.5, 2, 3, 4, 5, 6, 8, 10, 12];
const REPEATS = 24;

/**
 * Runs a loop of several lengths after rests, once its group is limited, and prints a line for each: its length, its CPU
 * time and its elapsed time, in ms. A loop makes no system call: a call that reads a clock of CPU time would let the kernel
 * notice an overrun before the tick.
 */
const LOOP = `
const spin = (rounds) => { let x = 1; for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; return x; };
const cpuMs = (from) => { const { user, system } = process.cpuUsage(from); return (user + system) / 1000; };
let roundsPerMs = 0;
for (let i = 0; i < 60; i++) {
  const from = performance.now();
  spin(1e6);
  roundsPerMs = Math.max(roundsPerMs, 1e6 / (performance.now() - from));
}
console.log('ready');
process.stdin.once('data', async () => {
  for (const ms of ${JSON.stringify(SIZES_MS)}) for (let i = 0; i < ${REPEATS}; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 40));
    const [cpu, from] = [process.cpuUsage(), performance.now()];
    spin(ms * roundsPerMs);
    const elapsed = performance.now() - from;
    console.log([ms, cpuMs(cpu), elapsed].join(' '));
  }
  process.exit();
});`;

/** Bursts of about one length under the quota of 128 MB: medians in ms. */
export interface BurstRow {
  readonly sizeMs: number;
  readonly elapsedMs: number;
  /** From the CPU time of these bursts, with periods and ticks as this kernel has them, and as Lambda has. */
  readonly modelHereMs: number;
  readonly modelOnLambdaMs: number;
}

/** Measures this kernel's bandwidth control against the model. Undefined where this system can't enforce a share. */
export async function burstRows(): Promise<BurstRow[] | undefined> {
  const parents = findGroupParents();
  const [parent] = isRefusal(parents) ? [] : parents;
  if (parent === undefined) return undefined;
  const groups = ControlGroups.open(parent, `shedbench-bursts-${process.pid}`, [process.pid]);
  if (!(groups instanceof ControlGroups)) return undefined;
  const group = groups.create();
  const child = spawn(process.execPath, ['-e', LOOP], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let text = '';
  try {
    child.stdout.setEncoding('utf8');
    await once(child.stdout, 'data');
    child.stdout.on('data', (more: string) => {
      text += more;
    });
    group.add(child.pid ?? 0);
    group.limit(MEMORY_MB);
    child.stdin.write('go\n');
    await ended;
  } finally {
    child.kill('SIGKILL');
    await group.remove();
    groups.close();
  }
  return rowsOf(text);
}

function rowsOf(text: string): BurstRow[] {
  const bursts = text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return SIZES_MS.map((sizeMs) => {
    const own = bursts.filter(([size]) => size === sizeMs);
    const elapsed = Float64Array.from(own, ([, , ms = 0]) => ms).sort();
    const invocations = own.map(([, cpuMs = 0]) => ({ durationMs: cpuMs, cpuMs, queuedMs: 0, waits: [] }));
    const modelMs = (start: Pick<Place, 'start'>) =>
      summaryOf(forecastDurations(invocations, { ...PLACE, ...start })).p50;
    return {
      sizeMs,
      elapsedMs: summaryOf(elapsed).p50,
      modelHereMs: modelMs({ start: anywhere }),
      modelOnLambdaMs: modelMs({}),
    };
  });
}

const PLACE: Place = {
  memoryMB: MEMORY_MB,
  coreFactor: 1,
  overheadMs: 0,
  tls: { connectionMs: 0, requestMs: 0 },
  latencyFactor: 1,
};
