// How the estimate of time compares with what local benches take, and the figures from which the estimate is made:
// npm run bench:estimate -- [WORD …]   (only the commands that contain one of the words)
// The constants of src/load/estimate and src/load/measure/machine-pace.ts come from here. Run it on a quiet machine.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { wavesOf } from '../../src/load/estimate/estimate-time.ts';
import { readPace } from '../../src/load/measure/machine-pace.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import type { RunRecord } from '../../src/model/run.ts';
import { listRuns } from '../../src/store/runs.ts';

const PROGRAM = join(process.cwd(), 'bin', 'shedbench.js');
/** Each line is one folder: its commands follow each other there. */
const FOLDERS: readonly (readonly string[])[] = [
  ['bench --runtime rust,node -c 100'],
  ['bench --runtime rust,node,python,go -c 60 -p 4', 'load --route dog -c 300 -p 10'],
  ['bench --runtime node -c 600 -p 10', 'bench -c 200 --routes cat,dog'],
  ['bench --runtime python -c 300 --routes dog', 'bench -c 300 --routes dog'],
  ['bench --runtime rust,python -p 50 -c 200 --routes sheep,wolf'],
  ['bench --runtime node,python -c 60 -p 2 --rounds 4 --routes cat,sheep', 'load --route cat -c 60'],
  ['bench --runtime rust,node -c 60 --cold 6 --routes cat'],
  ['bench --runtime rust,python,node -c 100 -p 10 --cold 30 --routes cat,dog'],
  ['bench --runtime rust,node -c 48 -p 4 --memory 128,512,1769 --routes cat,dog'],
  ['bench --runtime rust,node -c 24 -p 4 --memory 128,512,1769 --routes cat,dog --as-lambda'],
];

interface Measured {
  readonly command: string;
  readonly estimatedMs: number;
  readonly basis: string;
  readonly tookMs: number;
  /** From the last load's end to the first rows, and from there to the report. */
  readonly rowsMs: number;
  readonly shownMs: number;
}

/** Runs one command and takes the times at which its events arrive. */
async function measure(command: string, cwd: string): Promise<Measured> {
  const [verb = '', ...flags] = command.split(' ');
  const child = spawn(process.execPath, [PROGRAM, verb, '--local', ...flags, '--json'], { cwd });
  let [estimate, startMs, lastCallMs, rowsMs]: [
    Extract<ProgressEvent, { type: 'work-estimate' }> | undefined,
    number,
    number,
    number,
  ] = [undefined, 0, 0, 0];
  let shownMs = 0;
  child.stdout.on('data', () => {
    shownMs ||= performance.now();
  });
  for await (const line of createInterface(child.stderr)) {
    const event = JSON.parse(line) as ProgressEvent;
    const nowMs = performance.now();
    if (event.type === 'work-estimate' && estimate === undefined) [estimate, startMs] = [event, nowMs];
    if (event.type === 'load-end') [lastCallMs, rowsMs] = [nowMs, 0];
    if (event.type === 'rows' && event.found > 0) rowsMs = nowMs;
  }
  if (estimate === undefined) throw new Error(`${command}: no estimate`);
  const endMs = estimate.until === 'report' ? shownMs : lastCallMs;
  return {
    command,
    estimatedMs: estimate.expectedMs,
    basis: estimate.basis,
    tookMs: endMs - startMs,
    rowsMs: rowsMs - lastCallMs,
    shownMs: shownMs - rowsMs,
  };
}

/** The time of a wave of simultaneous calls in the measured rounds of a run, ms. */
function perCallMs({ elapsedMs, rounds, plan }: RunRecord): number {
  const turns = rounds.filter(({ index }) => index > 0).map(({ accounting }) => accounting.calls);
  return elapsedMs / wavesOf(turns, Math.min(plan.parallel, availableParallelism()));
}

/** A wave of forced cold starts, ms; undefined where none were forced. */
function waveMs({ rounds }: RunRecord): number | undefined {
  const waves = rounds.filter(({ index }) => index < 0);
  return waves.length === 0
    ? undefined
    : waves.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / waves.length;
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);
const words = process.argv.slice(2);
const asked = FOLDERS.filter(
  (commands) => words.length === 0 || words.some((word) => commands.join().includes(word)),
);
for (let reading = 1; reading <= 3; reading++) {
  const { cpuMs, wallMs, threads } = await readPace();
  console.log(`pace: ${(cpuMs / threads).toFixed(0)} ms of CPU time a thread, in ${wallMs.toFixed(0)} ms`);
}
console.log('| command | estimated, s | took, s | error | by | rows, s | then the report, s |');
console.log('| :-- | --: | --: | --: | :-- | --: | --: |');
const runs: RunRecord[] = [];
for (const commands of asked) {
  const cwd = mkdtempSync(join(tmpdir(), 'shedbench-estimate-'));
  try {
    for (const command of commands) {
      const { estimatedMs, tookMs, basis, rowsMs, shownMs } = await measure(command, cwd);
      const error = ((estimatedMs / tookMs - 1) * 100).toFixed(0);
      console.log(
        `| ${command} | ${seconds(estimatedMs)} | ${seconds(tookMs)} | ${error} % | ${basis} | ${seconds(rowsMs)} | ${seconds(shownMs)} |`,
      );
    }
    runs.push(...(await listRuns(cwd, () => {})));
  } finally {
    await teardown(cwd);
    rmSync(cwd, { recursive: true, force: true });
  }
}
console.log('\n| function | calls | a call, ms × cores | a wave of cold starts, ms |');
console.log('| :-- | --: | --: | --: |');
for (const run of runs) {
  console.log(
    `| ${run.runtime} ${run.route}${run.enforcedCpu === undefined ? '' : ` as Lambda ${run.memorySizeMB} MB`} | ${run.accounting.calls} | ${perCallMs(run).toFixed(1)} | ${waveMs(run)?.toFixed(0) ?? ''} |`,
  );
}

async function teardown(cwd: string): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, 'teardown', '--local'], { cwd, stdio: 'ignore' });
  await new Promise((resolve) => child.on('close', resolve));
}
