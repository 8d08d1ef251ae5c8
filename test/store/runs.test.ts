import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLoadPlan } from '../../src/load/load-plan.ts';
import { createRunId, createRunRecord } from '../../src/load/run-record.ts';
import type { ProgressEvent } from '../../src/model/events.ts';
import { EMPTY_HISTOGRAM } from '../../src/model/histogram.ts';
import { counted } from '../../src/model/number-text.ts';
import type { RunRecord } from '../../src/model/run.ts';
import { checkDocument } from '../../src/store/document.ts';
import { listFleetRuns, listRuns, RUN_DOCUMENT, runsFolder, writeRun } from '../../src/store/runs.ts';

let cwd: string;
let folder: string;
const events: ProgressEvent[] = [];
const emit = (event: ProgressEvent): void => void events.push(event);
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'shedbench-runs-'));
  folder = runsFolder(cwd);
  events.length = 0;
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
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

/** What is wrong with a value as a run record; undefined where nothing is. */
function damageOf(value: unknown): string | undefined {
  const checked = checkDocument(JSON.stringify(value), RUN_DOCUMENT);
  return checked.state === 'damaged' ? checked.reason : undefined;
}

test('a run is read as it was written', async () => {
  const path = await writeRun(cwd, record('a'));
  expect(path).toBe(join(cwd, '.shedbench', 'runs', 'a.json'));
  expect(await listRuns(cwd, emit)).toEqual([record('a')]);
  expect(await readdir(folder)).toEqual(['a.json']);
});

test('a second write replaces the first whole', async () => {
  await writeRun(cwd, record('a', 1));
  await writeRun(cwd, record('a', 2));
  expect((await listRuns(cwd, emit)).map(({ startedAtEpochMs }) => startedAtEpochMs)).toEqual([2]);
});

test('runs are listed oldest first, and drafts and other files are not looked at', async () => {
  for (const [id, started] of [
    ['c', 1],
    ['a', 3],
    ['b', 2],
  ] as const) {
    await writeRun(cwd, record(id, started));
  }
  await writeFile(join(folder, '.d.json.123-abcdef.draft'), 'half');
  await writeFile(join(folder, 'notes.txt'), 'x');
  expect((await listRuns(cwd, emit)).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(events).toEqual([]);
});

test('the runs of loaders are listed without parsing any other record', async () => {
  const fleet = {
    functionName: 'loader',
    region: 'us-east-1',
    memorySizeMB: 1769,
    architecture: 'arm64',
    loaders: [],
  } as const;
  await writeRun(cwd, record('here'));
  await writeRun(cwd, { ...record('there'), fleet });
  // A record that is parsed and damaged would be renamed.
  await writeFile(join(folder, 'damaged.json'), '{ damaged');
  expect((await listFleetRuns(cwd, emit)).map(({ id }) => id)).toEqual(['there']);
  expect(events).toEqual([]);
  expect(await readdir(folder)).toContain('damaged.json');
});

test('a missing folder holds no runs', async () => {
  expect(await listRuns(cwd, emit)).toEqual([]);
});

describe('a record that can not be read', () => {
  test('a record that can not be read is damaged where it is cut short, at whatever byte', async () => {
    const text = await readFile(await writeRun(cwd, record('a')), 'utf8');
    const lengths = Array.from({ length: text.trimEnd().length }, (_, length) => length);
    expect(lengths.map((length) => checkDocument(text.slice(0, length), RUN_DOCUMENT))).toEqual(
      lengths.map((length) => ({
        state: 'damaged',
        reason: `it is cut short or not JSON (${counted(length, 'byte')})`,
      })),
    );
  });

  test('a record that can not be read is damaged with the path of what is wrong', () => {
    const { accounting, ...rest } = record('a');
    const { reachedLambda: _, ...less } = accounting;
    expect(damageOf(record('a'))).toBeUndefined();
    expect(damageOf(rest)).toBe('accounting is missing');
    expect(damageOf({ ...rest, accounting: less })).toBe('accounting.reachedLambda is missing');
    expect(damageOf({ ...rest, accounting: { ...accounting, calls: -1 } })).toBe(
      'accounting.calls is -1, not a whole number from 0',
    );
    expect(damageOf({ ...record('a'), warnings: {} })).toBe('warnings is an object, not a list');
    expect(damageOf({ ...record('a'), state: 'done' })).toBe(
      'state is "done", not ("complete" | "interrupted" | "failed")',
    );
    expect(damageOf({ ...record('a'), timeline: { binMs: 100, bins: [{}] } })).toBe(
      'timeline.bins[0].successes is missing',
    );
  });

  test('a record that can not be read is damaged where a figure is infinite, as JSON reads 1e999', () => {
    const text = JSON.stringify(record('a')).replace('"clockOffsetMs":0', '"clockOffsetMs":1e999');
    expect(checkDocument(text, RUN_DOCUMENT)).toEqual({
      state: 'damaged',
      reason: 'clockOffsetMs is Infinity, not a number from -10^15 to 10^15',
    });
  });

  test.each([
    ['a time that no calendar has', { startedAtEpochMs: 1e300 }, 'startedAtEpochMs is 1e+300'],
    ['an address that is no URL', { url: 'x' }, 'url is "x", not a web address'],
    [
      'an endpoint without a host',
      { target: { kind: 'local', endpoint: 'file:///etc' } },
      'target.endpoint is "file:///etc", not a web address',
    ],
    [
      'a first number that is no number',
      { plan: { ...record('a').plan, startAt: 'x' } },
      'plan.startAt is "x", not a number of a call',
    ],
    [
      'a bin of no width, by which the merge of two timelines divides',
      { timeline: { binMs: 0, bins: [] } },
      'timeline.binMs is 0, not a number above 0',
    ],
    ['a negative length', { elapsedMs: -1 }, 'elapsedMs is -1, not a number from 0'],
    ['a memory size of nothing', { memorySizeMB: 0 }, 'memorySizeMB is 0, not a whole number from 1'],
    [
      'no connections',
      { plan: { ...record('a').plan, parallel: 0 } },
      'plan.parallel is 0, not a whole number from 1',
    ],
    [
      'a lower bound above its upper one',
      { accounting: { ...record('a').accounting, reachedLambda: { min: 2, max: 1 } } },
      'accounting.reachedLambda does not hold a min that is at most its max',
    ],
    [
      'more invocations than queries could read',
      { accounting: { ...record('a').accounting, reachedLambda: { min: 1, max: 1e12 } } },
      'accounting.reachedLambda.max is 1000000000000, not a whole number from 0 to 10^11',
    ],
    [
      'a clock that is off by more than any calendar',
      { clockOffsetMs: 1e16 },
      'clockOffsetMs is 10000000000000000, not a number from -10^15',
    ],
  ])('a record that can not be read is damaged where it holds %s', (_, odd, reason) => {
    const checked = checkDocument(JSON.stringify({ ...record('a'), ...odd }), RUN_DOCUMENT);
    expect(checked).toEqual({ state: 'damaged', reason: expect.stringContaining(reason) });
  });

  const good = { ...EMPTY_HISTOGRAM, count: 3, minMs: 1, maxMs: 2, meanMs: 1.5, buckets: [20_000, 1, 5, 2] };
  test('a histogram is good if its buckets ascend and hold as many values as its count', () => {
    const { latency } = record('a');
    expect(damageOf({ ...record('a'), latency: { ...latency, success: good } })).toBeUndefined();
  });

  const pairs = 'latency.success.buckets is a list, not pairs of a step from bucket to bucket and a count';
  const rule = 'latency.success does not hold buckets with as many values as its count';
  test.each([
    ['a negative count', { buckets: [20_000, -1, 5, 4] }, pairs],
    ['half a value', { buckets: [20_000, 0.5, 5, 2.5] }, pairs],
    ['an odd length', { buckets: [20_000, 3, 5] }, pairs],
    ['a step backwards', { buckets: [20_000, 1, -5, 2] }, pairs],
    ['one bucket twice', { buckets: [20_000, 1, 0, 2] }, pairs],
    ['a bucket beyond the longest time', { buckets: [1e9, 3] }, pairs],
    ['a text', { buckets: ['20000', 3] }, pairs],
    ['fewer values than its count', { count: 4 }, rule],
    ['a minimum above its maximum', { minMs: 3 }, rule],
    ['a negative time', { minMs: -1 }, 'latency.success.minMs is -1, not a number from 0'],
  ])('a record that can not be read is damaged where a histogram holds %s', (_, odd, reason) => {
    const latency = { ...record('a').latency, success: { ...good, ...odd } };
    expect(damageOf({ ...record('a'), latency })).toContain(reason);
  });

  test.each(['null', '[]', '"x"', '7'])(
    'a record that can not be read is damaged where it is no object: %s',
    (text) => {
      expect(checkDocument(text, RUN_DOCUMENT)).toEqual({
        state: 'damaged',
        reason: 'it is no JSON object',
      });
    },
  );

  test('a record that can not be read is renamed with a warning that names it, once, and keeps no other back', async () => {
    await writeRun(cwd, record('good'));
    await writeFile(join(folder, 'bad.json'), '{"schema"');
    expect((await listRuns(cwd, emit)).map(({ id }) => id)).toEqual(['good']);
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'document-damaged',
        message: `The run record ${join(folder, 'bad.json')} is damaged: it is cut short or not JSON (9 bytes); it is now bad.json.damaged`,
        hint: 'Delete it, or repair it and give it its name back',
      },
    ]);
    await listRuns(cwd, emit);
    expect(events).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['bad.json.damaged', 'good.json']);
  });

  test('a record that can not be read never overwrites another that was renamed before', async () => {
    await mkdir(folder, { recursive: true });
    for (const text of ['first', 'second']) {
      await writeFile(join(folder, 'bad.json'), text);
      await listRuns(cwd, emit);
    }
    expect(await readFile(join(folder, 'bad.json.damaged'), 'utf8')).toBe('first');
    expect(await readFile(join(folder, 'bad.json.damaged-2'), 'utf8')).toBe('second');
  });

  test('a record that can not be read is damaged where its id is not the name of its file', async () => {
    await writeRun(cwd, record('a'));
    await writeFile(join(folder, 'b.json'), JSON.stringify(record('a')));
    expect(await listRuns(cwd, emit)).toHaveLength(1);
    expect(events).toMatchObject([
      { message: expect.stringContaining('damaged: its content is that of a.json;') },
    ]);
  });

  test('a record that can not be read of another version stays where it is, and all of one version share a warning', async () => {
    await mkdir(folder, { recursive: true });
    for (const name of ['a.json', 'b.json']) {
      await writeFile(join(folder, name), '{"schema":"shedbench/run@1"}');
    }
    expect(await listRuns(cwd, emit)).toEqual([]);
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'document-version',
        message: `2 run records, ${join(folder, 'a.json')} among them, have the schema shedbench/run@1; this version of shedbench reads shedbench/run@3`,
        hint: 'Use the version of shedbench that wrote them',
      },
    ]);
    expect(await readdir(folder)).toEqual(['a.json', 'b.json']);
  });
});

test.each(['../a', 'a/b', '', '.a', 'a\0b', 'x'.repeat(300)])(
  "an id that can't be a file name is refused: %j",
  async (id) => {
    await expect(writeRun(cwd, { ...record('a'), id })).rejects.toMatchObject({
      code: 'bad-run-id',
      exitCode: 2,
    });
  },
);

test('ids sort by age and name what they are of', () => {
  const now = () => Date.UTC(2026, 10, 23, 6, 45, 2, 987);
  expect(createRunId({ now, random: () => 0.2483 }, 'cat', 'rust')).toBe('20261123-064502-cat-rust-3f90');
  expect(createRunId({ now, random: () => 0 })).toBe('20261123-064502-0000');
});
