import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShedbenchError } from '../../src/errors.ts';
import { createLoadPlan } from '../../src/load/load-plan.ts';
import { createRunId, createRunRecord } from '../../src/load/run-record.ts';
import { EMPTY_HISTOGRAM } from '../../src/model/histogram.ts';
import type { RunRecord } from '../../src/model/run.ts';
import { listRuns, parseRun, readRun, runsFolder, writeRun } from '../../src/store/runs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shedbench-runs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function record(id: string, startedAtEpochMs = 0): RunRecord {
  return createRunRecord(
    {
      state: 'complete',
      plan: createLoadPlan({ route: 'cat', calls: 1 }),
      window: { startEpochMs: 0, endEpochMs: 1, closedLateMs: 0 },
      clockOffsetMs: 0,
      startedAtEpochMs,
      endedAtEpochMs: startedAtEpochMs + 1,
      elapsedMs: 1,
      rounds: [],
      accounting: {
        calls: 1,
        successes: 1,
        unexpected: 0,
        errors: 0,
        attempts: 1,
        retries: 0,
        notSent: 0,
        sentLate: 0,
        attemptsByStatus: { 200: 1 },
        attemptsByError: {},
        throttled: { apiGateway: 0, lambda: 0 },
        reachedLambda: { min: 1, max: 1 },
      },
      latency: {
        success: EMPTY_HISTOGRAM,
        unexpected: EMPTY_HISTOGRAM,
        error: EMPTY_HISTOGRAM,
        byStatus: {},
        connect: EMPTY_HISTOGRAM,
      },
      timeline: { binMs: 100, bins: [] },
      connections: { opened: 1, failed: 0, closedByServer: 0, unsolicited: 0 },
      instrument: {
        cpuShare: 0,
        eventLoopUtilization: 0,
        eventLoopDelayP99Ms: 0,
        threads: 1,
        peakRssMiB: 50,
      },
      unexpectedSamples: [],
      warnings: [],
    },
    {
      id,
      benchId: 'bench',
      toolVersion: '1.2.3',
      target: { kind: 'url' },
      url: 'http://x.test',
      runtime: 'node',
    },
  );
}

async function errorOf(act: () => unknown): Promise<ShedbenchError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof ShedbenchError) return error;
    throw error;
  }
  throw new Error('did not throw');
}

test('a run is read as it was written', async () => {
  const path = await writeRun(folder, record('a'));
  expect(path).toBe(join(folder, 'a.json'));
  expect(await readRun(folder, 'a')).toEqual(record('a'));
  expect(await readdir(folder)).toEqual(['a.json']);
});

test('the folder is made, and a second write replaces the first whole', async () => {
  const nested = runsFolder(folder);
  expect(nested).toBe(join(folder, '.shedbench', 'runs'));
  await writeRun(nested, record('a', 1));
  await writeRun(nested, record('a', 2));
  expect((await readRun(nested, 'a')).startedAtEpochMs).toBe(2);
});

test('runs are listed oldest first; drafts and other files are not looked at', async () => {
  for (const [id, started] of [
    ['c', 1],
    ['a', 3],
    ['b', 2],
  ] as const) {
    await writeRun(folder, record(id, started));
  }
  await writeFile(join(folder, 'd.json.123.tmp'), 'half');
  await writeFile(join(folder, 'notes.txt'), 'x');
  const { runs, unreadable } = await listRuns(folder);
  expect(runs.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(unreadable).toEqual([]);
});

test('no folder is no runs', async () => {
  expect(await listRuns(join(folder, 'none'))).toEqual({ runs: [], unreadable: [] });
});

describe('a record that can not be read', () => {
  test('cut short at any byte: says so, with the path', async () => {
    const text = await readFile(await writeRun(folder, record('a')), 'utf8');
    for (let length = 0; length < text.trimEnd().length; length++) {
      await errorOf(() => parseRun(text.slice(0, length), '/x/a.json')).then((error) => {
        expect(error).toMatchObject({ code: 'run-cut-short', exitCode: 1 });
        expect(error.message).toBe(`The run record /x/a.json is cut short or not JSON (${length} bytes).`);
      });
    }
  });

  test('of another schema: says which, and which it reads', async () => {
    await writeFile(join(folder, 'a.json'), '{"schema":"shedbench/run@1"}');
    const error = await errorOf(() => readRun(folder, 'a'));
    expect(error).toMatchObject({ code: 'run-schema', exitCode: 1 });
    expect(error.message).toBe(
      `The run record ${join(folder, 'a.json')} has the schema "shedbench/run@1"; this version reads shedbench/run@2.`,
    );
  });

  test.each(['null', '[]', '"x"', '7'])('no record at all: %s', async (text) => {
    expect((await errorOf(() => parseRun(text, 'a.json'))).code).toBe('run-damaged');
  });

  test('without a part that readers need: names it', async () => {
    const { accounting, ...rest } = record('a');
    const { reachedLambda, ...less } = accounting;
    expect((await errorOf(() => parseRun(JSON.stringify(rest), 'a.json'))).message).toBe(
      'The run record a.json lacks accounting.',
    );
    expect(
      (await errorOf(() => parseRun(JSON.stringify({ ...rest, accounting: less }), 'a.json'))).message,
    ).toBe('The run record a.json lacks accounting.reachedLambda.');
    expect(
      (await errorOf(() => parseRun(JSON.stringify({ ...record('a'), warnings: {} }), 'a.json'))).message,
    ).toBe('The run record a.json lacks warnings.');
    expect(reachedLambda).toEqual({ min: 1, max: 1 });
  });

  test('keeps none of the others back', async () => {
    await writeRun(folder, record('good'));
    await writeFile(join(folder, 'bad.json'), '{"schema"');
    const { runs, unreadable } = await listRuns(folder);
    expect(runs.map(({ id }) => id)).toEqual(['good']);
    expect(unreadable.map(({ code }) => code)).toEqual(['run-cut-short']);
  });

  test('that is not there: exit 2, and the command that lists those that are', async () => {
    expect(await errorOf(() => readRun(folder, 'a'))).toMatchObject({
      code: 'no-such-run',
      exitCode: 2,
      hint: 'shedbench runs',
    });
  });

  test.each(['../a', 'a/b', '', '.a', 'a\0b', 'x'.repeat(300)])(
    'an id that is no file name is refused: %j',
    async (id) => {
      expect((await errorOf(() => readRun(folder, id))).code).toBe('bad-run-id');
    },
  );
});

test('a write that fails leaves no draft behind', async () => {
  await mkdir(join(folder, 'a.json'));
  await expect(writeRun(folder, record('a'))).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['a.json']);
});

test('ids sort by age and name what they are of', () => {
  const now = () => Date.UTC(2026, 10, 23, 6, 45, 2, 987);
  expect(createRunId({ now, random: () => 0.2483 }, 'cat', 'rust')).toBe('20261123-064502-cat-rust-3f90');
  expect(createRunId({ now, random: () => 0 })).toBe('20261123-064502-0000');
});
