import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forecast } from '../../src/commands/forecast.ts';
import { ShedbenchError } from '../../src/errors.ts';
import type { CommandDeps } from '../../src/model/command.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { keepReport } from '../../src/store/reports.ts';
import { calibrationOf } from '../../src/targets/calibrate-core.ts';
import { reportOfRounds } from '../report/comparison/reports-of-rounds.ts';
import { type RunChanges, runRecord } from '../report/fixtures.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shedbench-forecast-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const deps = (events: ProgressEvent[] = []) =>
  ({
    cwd: folder,
    env: {},
    emit: (event: ProgressEvent) => events.push(event),
    now: () => Date.UTC(2026, 10, 26),
    sleep: async () => undefined,
    interrupt: { first: signal, second: signal },
    toolVersion: '0.1.0',
  }) as unknown as CommandDeps;

async function refusal(): Promise<ShedbenchError> {
  try {
    await forecast({ local: false, runIds: [] }, deps());
  } catch (error) {
    if (error instanceof ShedbenchError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the forecast command', () => {
  test('the forecast command is refused where nothing was run', async () => {
    expect(await refusal()).toMatchObject({ code: 'no-runs', exitCode: 2 });
  });

  test('the forecast command calls no service of AWS, because runs there need no forecast', async () => {
    const run = runRecord('rust', 'cat');
    await mkdir(join(folder, '.shedbench', 'runs'), { recursive: true });
    await writeFile(join(folder, '.shedbench', 'runs', `${run.id}.json`), JSON.stringify(run));
    expect(run.target.kind).toBe('aws');
    expect(await refusal()).toMatchObject({ code: 'no-runs', exitCode: 2 });
  });

  test('the forecast command names what is wrong with the runs, and has the exit code of their report', async () => {
    const target = { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:9' } as const;
    const good = { target, accounting: { calls: ROWS } };
    const bad = { target, accounting: { calls: ROWS, successes: ROWS - 12, unexpected: 12 } };
    await keepRun('rust', good);
    await keepRun('node', bad);
    const calibrations = [{ language: 'native', hashNs: 300 } as const];
    await calibrationOf(['provided.al2023', 'nodejs24.x'], deps(), async () => calibrations);
    const events: ProgressEvent[] = [];
    const { exitCode, data } = await forecast({ local: false, runIds: [] }, deps(events));
    expect(data.forecast.functions.map(({ runtime }) => runtime)).toEqual(['rust']);
    expect(exitCode).toBe(1);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        code: 'unexpected-answers',
        message: expect.stringContaining('12 of 500 calls'),
      }),
    );
  });
});

const ROWS = 500;

/** Puts the record of a run into the folder, and its rows as an earlier report kept them. */
async function keepRun(runtime: string, changes: RunChanges): Promise<void> {
  const run = runRecord(runtime, 'cat', changes);
  await mkdir(join(folder, '.shedbench', 'runs'), { recursive: true });
  await writeFile(join(folder, '.shedbench', 'runs', `${run.id}.json`), JSON.stringify(run));
  const report = await reportOfRounds({ seed: 1, rounds: 10, runtime, changes });
  const invocations = {
    durationMs: [10, 10],
    cpuMs: [10, 10],
    queuedMs: [0, 0],
    initMs: [null, null],
    initCpuMs: [null, null],
    operations: [],
    waits: [[], []],
  };
  await keepReport({ ...report, runs: report.runs.map((one) => ({ ...one, invocations })) }, deps());
}
