import { describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import type { Report } from '../../src/model/report.ts';
import { type CollectInput, collectReport, reportExitCode } from '../../src/report/collect-report.ts';
import { DIAGNOSIS_QUERY, rowsQuery } from '../../src/report/rows/query-text.ts';
import { FakeInsights, type FakeLine, type FakeOptions, sdkError } from './fake-insights.ts';
import { FakeWorld, NOON, type RunChanges, reportLines, runRecord, shedRequests } from './fixtures.ts';

const ROWS_QUERY = rowsQuery({});

const RUST_CAT = '/aws/lambda/sheepshed-rust-get-cat-ackermann';
const NODE_CAT = '/aws/lambda/sheepshed-node-get-cat-ackermann';

const hundred = (seed = 1) => reportLines({ seed, count: 100, cold: 5, typicalMs: 20 });

function setUp(
  groups: Readonly<Record<string, readonly FakeLine[]>>,
  options: Partial<FakeOptions> = {},
  nowEpochMs?: number,
) {
  const world = new FakeWorld(nowEpochMs);
  const logs = new FakeInsights(groups, { now: () => world.nowEpochMs, ...options });
  const collect = async (
    input: Partial<CollectInput> & { readonly run?: RunChanges } = {},
  ): Promise<Report> => {
    const { run, ...rest } = input;
    return await collectReport(
      { runs: [runRecord('rust', 'cat', run)], logs, toolVersion: '0.1.0', ...rest },
      world.deps,
    );
  };
  return { world, logs, collect };
}

const codes = (report: Report) => report.problems.map(({ code }) => code);
const rowsEvents = (events: readonly ProgressEvent[]) => events.filter((event) => event.type === 'rows');

describe('a report whose rows are all there', () => {
  test('a report whose rows are all there asks the aggregate once and the rows once over the window in whole seconds, and exits 0', async () => {
    const { logs, collect, world } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect();
    expect(logs.started.map(({ query }) => (query === ROWS_QUERY ? 'rows' : 'aggregate'))).toEqual([
      'aggregate',
      'rows',
    ]);
    for (const request of logs.started) {
      expect(request).toMatchObject({
        logGroupNames: [RUST_CAT],
        startEpochSeconds: NOON / 1000,
        endEpochSeconds: NOON / 1000 + 12,
      });
    }
    expect(report.problems).toEqual([]);
    expect(reportExitCode(report)).toBe(0);
    expect(rowsEvents(world.events)).toEqual([
      { type: 'rows', found: 100, expected: 100, waitLeftMs: 300_000 },
    ]);
  });

  test('a report whose rows are all there carries the queries, the window, the hashes and the versions', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect();
    expect(report).toMatchObject({
      schema: 'shedbench/report@3',
      toolVersion: '0.1.0',
      project: 'sheepshed',
      queries: { rows: ROWS_QUERY },
    });
    expect(report.queries.aggregate).toContain('.aws.lambda.sheepshed-');
    expect(report.runs[0]).toMatchObject({
      label: 'rust-get-cat-ackermann',
      artifactSha256: 'a'.repeat(64),
      templateSha256: 'b'.repeat(64),
      lambdaRuntime: 'provided.al2023',
      window: { startEpochMs: NOON, endEpochMs: NOON + 12_000 },
    });
  });

  test('a report whose rows are all there is the same to the last digit when made again', async () => {
    const groups = { [RUST_CAT]: hundred(), [NODE_CAT]: hundred(2) };
    const runs = [runRecord('rust', 'cat'), runRecord('node', 'cat')];
    const first = await setUp(groups).collect({ runs });
    const second = await setUp(groups).collect({ runs });
    expect(second).toEqual(first);
    expect(first.ratios).toHaveLength(2);
  });

  test('a report whose rows are all there gives no ratio between runs that did other work, and says what differed', async () => {
    const groups = {
      [RUST_CAT]: hundred(),
      [NODE_CAT]: hundred(2),
      '/aws/lambda/sheepshed-rust-delete-wolf-ocd': hundred(3),
      '/aws/lambda/sheepshed-node-delete-wolf-ocd': hundred(4),
    };
    const collectWith = (m: number, before: number) =>
      setUp(groups).collect({
        runs: [
          runRecord('rust', 'cat', { plan: { requests: shedRequests('cat', m) } }),
          runRecord('node', 'cat'),
          runRecord('rust', 'wolf', { sheep: { before, after: 0 } }),
          runRecord('node', 'wolf'),
        ],
        baseline: 'node',
      });
    const alike = await collectWith(3, 950);
    expect(alike.ratios.map(({ route }) => route)).toEqual(['cat', 'cat', 'wolf', 'wolf']);
    expect(alike.problems).toEqual([]);

    const unlike = await collectWith(1, 0);
    expect(unlike.ratios).toEqual([]);
    expect(unlike.problems).toMatchObject([
      {
        code: 'different-work',
        severity: 'warning',
        message:
          'rust-get-cat-ackermann: no ratio to node, because the work was not the same: rust had GET /cat?m=1&n=8, node GET /cat?m=3&n=8',
        runIds: ['rust-cat', 'node-cat'],
      },
      {
        code: 'different-work',
        message:
          'rust-delete-wolf-ocd: no ratio to node, because the work was not the same: rust had 0 sheep, node 1000',
      },
    ]);
  });

  test('a report whose calls got unexpected answers says so, exits 1, and has neither ratio nor price', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred(), [NODE_CAT]: hundred(2) });
    const accounting = {
      successes: 90,
      unexpected: 8,
      errors: 2,
      attemptsByStatus: { '200': 90, '500': 8 },
      attemptsByError: { timeout: 2 },
    };
    const report = await collect({
      runs: [runRecord('rust', 'cat', { accounting }), runRecord('node', 'cat')],
    });
    expect(report.problems).toMatchObject([
      {
        code: 'unexpected-answers',
        severity: 'error',
        message:
          'rust-get-cat-ackermann: 8 of 100 calls got an unexpected answer and 2 got none (500: 8, timeout: 2); the run is not priced and not compared',
      },
    ]);
    expect(reportExitCode(report)).toBe(1);
    expect([report.ratios, report.standings]).toEqual([[], []]);
    expect(report.cost).toMatchObject({ state: 'priced', rows: [{ runtime: 'node' }] });
    expect(report.verdict.at(-1)).toBe(
      'Left out: Rust on cat (8 of 100 calls got an unexpected answer and 2 got none).',
    );
  });

  test('a memory size that is too small for a function is a result among several sizes, and an error alone', async () => {
    const spent = reportLines({ seed: 1, count: 100, cold: 5, typicalMs: 20, memoryMB: 128 }).map((line) => ({
      ...line,
      memoryMB: 128,
      status: 'error' as const,
    }));
    const later = NOON + 60_000;
    const enough = reportLines({ seed: 2, count: 100, cold: 5, typicalMs: 20, startEpochMs: later + 1000 });
    const { collect } = setUp({ [RUST_CAT]: [...spent, ...enough] }, {}, later + 13_000);
    const accounting = { successes: 0, unexpected: 100, attemptsByStatus: { '502': 100 } };
    const small = { ...runRecord('rust', 'cat', { accounting }), id: 'small' };
    const window = { startEpochMs: later, endEpochMs: later + 12_000, closedLateMs: 0 };
    const large = { ...runRecord('rust', 'cat', { memorySizeMB: 512, window }), id: 'large' };
    const report = await collect({ runs: [small, large] });
    expect(report.problems).toMatchObject([
      {
        code: 'out-of-memory',
        severity: 'warning',
        message:
          'rust-get-cat-ackermann ran out of memory at 128 MB: 100 of 100 calls got an unexpected answer (502: 100)',
      },
    ]);
    expect(report.sweep?.curves[0]?.outOfMemoryMB).toEqual([128]);
    expect(reportExitCode(report)).toBe(0);
    const alone = await collect({ runs: [small] });
    expect(codes(alone)).toEqual(['unexpected-answers']);
    expect(reportExitCode(alone)).toBe(1);
  });

  test('a report whose rows are all there bears the time of its measurement apart from that of its making', async () => {
    const { collect, world } = setUp({ [RUST_CAT]: hundred() }, {}, NOON + 86_400_000);
    const report = await collect();
    expect(report.measured).toEqual({ fromEpochMs: NOON, toEpochMs: NOON + 12_000 });
    expect(report.createdAtEpochMs).toBe(world.nowEpochMs);
  });

  test('a report whose rows are all there reads pages until the last', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred() }, { pageRows: 7 });
    const report = await collect();
    expect(report.runs[0]?.server).toMatchObject({ source: 'rows', crossCheck: { state: 'agrees' } });
  });

  test('a report whose rows are all there takes the memory size from the REPORT lines where the run does not know it', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred() });
    const { memorySizeMB: _, ...record } = runRecord('rust', 'cat');
    expect((await collect({ runs: [record] })).runs[0]?.memorySizeMB).toBe(128);
  });
});

describe('waiting for rows', () => {
  const late = (count: number, visibleFromEpochMs: number) =>
    hundred().map((line, index) => (index < count ? { ...line, visibleFromEpochMs } : line));

  test('waiting for rows asks again with growing pauses until late rows are there, counting down', async () => {
    const { world, collect, logs } = setUp({ [RUST_CAT]: late(10, NOON + 20_000) });
    const report = await collect();
    expect(report.problems).toEqual([]);
    expect(world.nowEpochMs).toBeGreaterThanOrEqual(NOON + 20_000);
    expect(world.nowEpochMs).toBeLessThan(NOON + 26_000);
    expect(logs.started.length).toBe(6);
    const found = rowsEvents(world.events);
    expect(found.at(0)).toMatchObject({ found: 90, expected: 100 });
    expect(found.at(-1)).toMatchObject({ found: 100, expected: 100 });
    const left = found.map(({ waitLeftMs }) => waitLeftMs);
    expect(left).toEqual([...left].sort((a, b) => b - a));
  });

  test('waiting for rows ends at --wait, exits 1 and says how many are missing', async () => {
    const { world, collect } = setUp({ [RUST_CAT]: hundred().slice(2) });
    const report = await collect({ waitMs: 30_000 });
    expect(world.nowEpochMs - (NOON + 13_000)).toBe(30_000);
    expect(report.problems).toEqual([
      {
        code: 'rows-missing',
        severity: 'error',
        exitCode: 1,
        message:
          'rust-get-cat-ackermann: 98 of 100 REPORT rows came within 30 s; 2 are missing, and the figures are of the others',
        hint: 'Ask again later, and longer: shedbench report --run rust-cat --wait 900',
        runIds: ['rust-cat'],
      },
    ]);
    expect(reportExitCode(report)).toBe(1);
    expect(report.runs[0]?.server).toMatchObject({ state: 'measured', completeness: { missing: 2 } });
  });

  test('waiting for rows looks once and does not wait where --wait is 0', async () => {
    const { world, collect } = setUp({ [RUST_CAT]: hundred().slice(2) });
    await collect({ waitMs: 0 });
    expect(world.slept).toEqual([]);
  });

  test('waiting for rows waits no longer than two seconds on the local cloud, which writes its rows at once', async () => {
    const { world, collect } = setUp({ [RUST_CAT]: hundred().slice(2) });
    const target = { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:4000' } as const;
    expect(codes(await collect({ run: { target } }))).toEqual(['rows-missing']);
    expect(world.nowEpochMs - (NOON + 13_000)).toBe(2000);
  });

  test('waiting for rows does not wait for rows of a run that ended long ago', async () => {
    const { world, collect } = setUp({ [RUST_CAT]: hundred().slice(2) }, {}, NOON + 3_600_000);
    const report = await collect();
    expect(world.slept).toEqual([]);
    expect(codes(report)).toEqual(['rows-missing']);
  });

  test('waiting for rows waits until the window has closed, in server time', async () => {
    // This machine's clock is ten seconds ahead: the server is still at noon and 3 s.
    const { world, collect, logs } = setUp({ [RUST_CAT]: hundred() });
    let firstAskedAt = 0;
    const start = logs.startQuery.bind(logs);
    logs.startQuery = async (...parameters) => {
      firstAskedAt ||= world.nowEpochMs;
      return await start(...parameters);
    };
    await collect({ run: { clockOffsetMs: 10_000 } });
    expect(firstAskedAt).toBe(NOON + 22_000);
  });

  test('waiting for rows is satisfied by fewer rows than attempts where connections were cut, once no more come', async () => {
    const { collect, logs } = setUp({ [RUST_CAT]: hundred().slice(3) });
    const report = await collect({
      run: { accounting: { calls: 100, reachedLambda: { min: 95, max: 100 } } },
    });
    expect(report.problems).toEqual([]);
    // Twice the aggregate: the second look found no more.
    expect(logs.started.filter(({ query }) => query !== ROWS_QUERY)).toHaveLength(2);
    expect(report.runs[0]?.server).toMatchObject({
      completeness: { found: 97, expected: { min: 95, max: 100 }, verdict: 'complete' },
    });
  });

  test('waiting for rows asks both questions again when a row comes between them', async () => {
    // Past its minimum the run is settled at 99 rows; the hundredth shows up while the rows are read.
    const { world, collect, logs } = setUp({ [RUST_CAT]: late(1, NOON + 15_000) });
    const start = logs.startQuery.bind(logs);
    logs.startQuery = async (request, signal) => {
      if (request.query === ROWS_QUERY) world.nowEpochMs = Math.max(world.nowEpochMs, NOON + 16_000);
      return await start(request, signal);
    };
    const report = await collect({
      run: { accounting: { calls: 100, reachedLambda: { min: 99, max: 99 } } },
    });
    expect(report.runs[0]?.server).toMatchObject({
      crossCheck: { state: 'agrees' },
      completeness: { found: 100 },
    });
    expect(codes(report)).toEqual(['foreign-traffic']);
  });

  test('waiting for rows ends at once when interrupted, and stops the query under way', async () => {
    const { world, collect, logs } = setUp({ [RUST_CAT]: hundred() }, { onResults: () => 'Running' });
    world.onSleep = (now) => {
      if (now > NOON + 15_000) world.controller.abort(new Error('stopped by hand'));
    };
    await expect(collect()).rejects.toThrow('stopped by hand');
    expect(logs.stopped).toEqual(['query-1']);
  });
});

describe('rows that are not as they should be', () => {
  test('too many rows are named as foreign traffic, the figures are shown, and the exit code is 0', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect({ run: { accounting: { calls: 97 } } });
    expect(report.problems).toMatchObject([
      {
        code: 'foreign-traffic',
        severity: 'warning',
        message:
          "rust-get-cat-ackermann: the run's window has 100 REPORT rows, of which at most 97 are its own; 3 are foreign traffic, and the figures include them",
      },
    ]);
    expect(reportExitCode(report)).toBe(0);
  });

  test('a difference between the two queries is named, and the exit code is 1', async () => {
    const { collect } = setUp(
      { [RUST_CAT]: hundred() },
      {
        distort: (rows, { query }) =>
          query === ROWS_QUERY ? rows : rows.map((row) => ({ ...row, maxDuration: '9999' })),
      },
    );
    const report = await collect();
    expect(codes(report)).toEqual(['queries-disagree']);
    expect(report.problems[0]?.message).toMatch(
      /^rust-get-cat-ackermann: the aggregate query and the rows disagree: warm durationMs\.max 9999 against 2\d\.\d+; cold durationMs\.max 9999 against \d+\.\d+$/,
    );
    expect(reportExitCode(report)).toBe(1);
  });

  test('rows with other texts instead of numbers are named, and the aggregate is kept', async () => {
    const { collect } = setUp(
      { [RUST_CAT]: hundred() },
      {
        distort: (rows, { query }) =>
          query === ROWS_QUERY ? rows.map((row) => ({ ...row, '@duration': 'x' })) : rows,
      },
    );
    const report = await collect();
    expect(report.problems).toMatchObject([{ code: 'unreadable-rows', exitCode: 3 }]);
    expect(report.runs[0]?.server).toMatchObject({
      state: 'measured',
      source: 'aggregate',
      warm: { count: 95 },
    });
  });

  test('a row that cannot be read is left out and counted, and the others keep their figures', async () => {
    const { collect } = setUp(
      { [RUST_CAT]: hundred() },
      {
        distort: (rows, { query }) =>
          query === ROWS_QUERY
            ? rows.map((row, index) => (index === 50 ? { ...row, '@billedDuration': '12x' } : row))
            : rows,
      },
    );
    const report = await collect();
    expect(report.problems).toMatchObject([
      {
        code: 'unreadable-rows',
        severity: 'error',
        exitCode: 1,
        message:
          "rust-get-cat-ackermann: 1 REPORT row could not be read and is in no figure: CloudWatch Logs gave '12x' for @billedDuration, which is no number",
      },
    ]);
    expect(report.runs[0]?.server).toMatchObject({
      source: 'rows',
      warm: { count: 94 },
      completeness: { found: 100, missing: 0, unreadable: 1 },
      crossCheck: { state: 'skipped' },
    });
  });

  test('duplicates cannot hide missing ones', async () => {
    const [first, second, ...others] = hundred().map((line, index) => ({
      ...line,
      requestId: `id-${index}`,
    }));
    if (first === undefined || second === undefined) throw new Error('no lines');
    // Two requests have no row, two others have two.
    const lines = [first, first, second, second, ...others.slice(2)];
    const { collect } = setUp({ [RUST_CAT]: lines });
    const report = await collect({ waitMs: 5000 });
    expect(codes(report)).toEqual(['rows-missing', 'duplicate-rows']);
    expect(report.runs[0]?.server).toMatchObject({
      completeness: { found: 98, missing: 2, duplicates: 2 },
      crossCheck: { state: 'agrees' },
      warm: { count: 95 },
      cold: { count: 3 },
    });
  });

  test('rows that are older than their log group no longer exist: nobody waits for them, and no clock is blamed', async () => {
    const { world, collect } = setUp(
      { [RUST_CAT]: hundred().map((line) => ({ ...line, atEpochMs: line.atEpochMs + 120_000 })) },
      { createdAtEpochMs: NOON + 60_000 },
      NOON + 130_000,
    );
    const report = await collect();
    expect(world.slept).toEqual([]);
    expect(report.problems).toMatchObject([
      {
        code: 'rows-expired',
        exitCode: 3,
        message: `The rows no longer exist: the run ended at 2026-11-23 12:00:12 UTC, and ${RUST_CAT} was created at 2026-11-23 12:01:00 UTC`,
      },
    ]);
  });

  test('rows of a warm-up are in no warm figure, and its cold starts count as cold', async () => {
    const warmup = reportLines({ seed: 7, count: 20, cold: 3, typicalMs: 500, spanMs: 1000 });
    const lines = [
      ...warmup,
      ...reportLines({
        seed: 8,
        count: 100,
        cold: 0,
        typicalMs: 20,
        startEpochMs: NOON + 4000,
        spanMs: 6000,
      }),
    ];
    const record = runRecord('rust', 'cat');
    const [measured] = record.rounds;
    if (measured === undefined) throw new Error('no round');
    const { collect } = setUp({ [RUST_CAT]: lines });
    const report = await collect({
      runs: [
        {
          ...record,
          rounds: [
            {
              ...measured,
              index: 0,
              endEpochMs: NOON + 2000,
              accounting: { ...record.accounting, calls: 20, reachedLambda: { min: 20, max: 20 } },
            },
            { ...measured, startEpochMs: NOON + 3000 },
          ],
        },
      ],
    });
    expect(report.problems).toEqual([]);
    const [run] = report.runs;
    expect(run?.server).toMatchObject({
      warmupRows: 17,
      warm: { count: 100 },
      cold: { count: 3 },
      completeness: { found: 120, expected: { min: 120, max: 120 } },
      crossCheck: { state: 'agrees' },
    });
    expect(run?.rounds.map(({ index, calls }) => [index, calls])).toEqual([
      [0, 20],
      [1, 100],
    ]);
  });

  test('a log group without any line is reported, and the exit code is 1', async () => {
    const { collect, logs } = setUp({ [RUST_CAT]: [] });
    const report = await collect({ waitMs: 5000 });
    expect(report.problems).toMatchObject([{ code: 'no-rows', exitCode: 1 }]);
    expect(report.problems[0]?.message).toContain(
      `${RUST_CAT} has no REPORT row from 12:00:00 to 12:00:12 UTC, nor any other line`,
    );
    expect(logs.started.at(-1)?.query).toBe(DIAGNOSIS_QUERY);
    expect(report.runs[0]?.client?.calls).toBe(100);
  });

  test('the times of rows some minutes outside the window are reported', async () => {
    const shifted = hundred().map((line) => ({ ...line, atEpochMs: line.atEpochMs - 360_000 }));
    const { collect } = setUp({ [RUST_CAT]: shifted });
    const report = await collect({ waitMs: 0 });
    expect(codes(report)).toEqual(['rows-outside-window']);
    expect(report.problems[0]?.message).toContain(
      'but 100 within half an hour of it, from 11:54:01 to 11:54:09',
    );
  });

  test('the number of lines is reported if none of them is a REPORT line', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred().map((line) => ({ ...line, kind: 'other' as const })) });
    const report = await collect({ waitMs: 0 });
    expect(report.problems[0]?.message).toContain('only 100 other lines');
  });

  test('a run none of whose calls reached Lambda misses no rows', async () => {
    const { collect } = setUp({ [RUST_CAT]: [] });
    const report = await collect({ run: { accounting: { calls: 100, reachedLambda: { min: 0, max: 0 } } } });
    expect(report.problems).toEqual([]);
    expect(report.runs[0]?.server).toMatchObject({ completeness: { verdict: 'complete', found: 0 } });
  });
});

describe('what CloudWatch Logs may do', () => {
  const two = { [RUST_CAT]: hundred(), [NODE_CAT]: hundred(2) };
  const runs = [runRecord('rust', 'cat'), runRecord('node', 'cat')];

  test('only the run of a missing log group is without figures, and the exit code is 3', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect({ runs });
    expect(report.problems).toMatchObject([
      {
        code: 'log-group-missing',
        exitCode: 3,
        runIds: ['node-cat'],
        hint: expect.stringContaining('teardown'),
      },
    ]);
    expect(report.problems[0]?.message).toContain(NODE_CAT);
    expect(report.runs.map(({ server }) => server.state)).toEqual(['measured', 'unavailable']);
    expect(report.runs[1]?.client?.latency?.count).toBe(100);
    expect(reportExitCode(report)).toBe(3);
  });

  test.each([
    ['Failed', 'query-failed'],
    ['Cancelled', 'query-cancelled'],
    ['Timeout', 'query-timed-out'],
  ] as const)('a query that ends %s is named, and the other run keeps its figures', async (status, code) => {
    const { collect } = setUp(two, {
      onResults: (_, __, request) => (request.logGroupNames[0] === NODE_CAT ? status : undefined),
    });
    const report = await collect({ runs });
    expect(report.problems).toMatchObject([{ code, exitCode: 3, runIds: ['node-cat'] }]);
    expect(report.problems[0]?.message).toContain('query-');
    expect(report.runs.map(({ server }) => server.state)).toEqual(['measured', 'unavailable']);
  });

  test('a query that never ends is given up after ten minutes and stopped', async () => {
    const { collect, logs, world } = setUp(two, {
      onResults: (_, __, request) => (request.logGroupNames[0] === NODE_CAT ? 'Running' : undefined),
    });
    const report = await collect({ runs });
    expect(codes(report)).toEqual(['query-timed-out']);
    expect(logs.stopped).toHaveLength(1);
    expect(world.nowEpochMs - NOON).toBeGreaterThan(600_000);
  });

  test('if credentials expire during the wait, the rows until then are kept, and one problem says so', async () => {
    let asked = 0;
    const { collect } = setUp(
      { [RUST_CAT]: hundred().slice(10), [NODE_CAT]: hundred(2) },
      {
        onStart: () => {
          if (++asked > 2)
            throw sdkError('ExpiredTokenException', 'The security token included in the request is expired');
        },
      },
    );
    const report = await collect({ runs });
    expect(report.problems).toMatchObject([
      { code: 'expired-credentials', exitCode: 3, runIds: ['rust-cat', 'node-cat'] },
    ]);
    expect(report.runs.map(({ server }) => server)).toMatchObject([
      {
        state: 'measured',
        source: 'aggregate',
        completeness: { found: 90 },
        crossCheck: { state: 'skipped' },
      },
      { state: 'measured', source: 'aggregate', completeness: { found: 100 } },
    ]);
  });

  test('if a permission is missing, no further log group is queried, and the problem names the action', async () => {
    const many = ['rust', 'node', 'python'].flatMap((runtime) =>
      (['cat', 'dog', 'sheep', 'wolf'] as const).map((route) => runRecord(runtime, route)),
    );
    let asked = 0;
    const { collect } = setUp(
      {},
      {
        onStart: () => {
          asked++;
          throw sdkError(
            'AccessDeniedException',
            'User: arn:aws:iam::1:user/u is not authorized to perform: logs:StartQuery on resource: arn:x',
          );
        },
      },
    );
    const report = await collect({ runs: many });
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toMatchObject({ code: 'access-denied', exitCode: 3 });
    expect(report.problems[0]?.message).toContain('logs:StartQuery');
    expect(asked).toBeLessThanOrEqual(8);
  });

  test('if the clock is wrong by minutes, the signature is refused, and the problem says why', async () => {
    const { collect } = setUp(two, {
      onStart: () => {
        throw sdkError(
          'InvalidSignatureException',
          'Signature expired: 20261123T115000Z is now earlier than 20261123T115500Z',
        );
      },
    });
    expect(codes(await collect({ runs }))).toEqual(['clock-skew']);
  });

  test('a local cloud that has ended is tried a few times, and then reported', async () => {
    const { collect, world } = setUp(two, {
      onStart: () => {
        throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4000'), { code: 'ECONNREFUSED' });
      },
    });
    const target = { kind: 'local' as const, region: 'us-east-1', endpoint: 'http://127.0.0.1:4000' };
    const report = await collect({ runs: [runRecord('rust', 'cat', { target })] });
    expect(report.problems).toMatchObject([
      { code: 'local-cloud-gone', exitCode: 3, hint: expect.stringContaining('shedbench local logs') },
    ]);
    expect(world.slept).toEqual([1000, 2000, 4000]);
  });

  test('a busy CloudWatch Logs is asked again', async () => {
    let asked = 0;
    const { collect } = setUp(
      { [RUST_CAT]: hundred() },
      {
        onStart: () => {
          if (++asked <= 3) throw sdkError('LimitExceededException', 'too many concurrent queries');
        },
      },
    );
    expect((await collect()).problems).toEqual([]);
  });

  test('the message of a query that Insights refuses is passed on', async () => {
    const { collect } = setUp(two, {
      onStart: () => {
        throw sdkError('MalformedQueryException', "unexpected symbol found ')' at line 1 and position 5");
      },
    });
    const report = await collect({ runs });
    expect(report.problems).toMatchObject([{ code: 'query-refused' }, { code: 'query-refused' }]);
    expect(report.problems[0]?.message).toContain('line 1 and position 5');
  });

  test('the rows of a window before the log group or beyond its retention no longer exist, and the other groups are queried', async () => {
    const { collect } = setUp(two, {
      onStart: ({ logGroupNames }) => {
        if (logGroupNames[0] !== NODE_CAT) return;
        throw sdkError(
          'MalformedQueryException',
          "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings ([0,79])",
        );
      },
    });
    const report = await collect({ runs });
    expect(report.problems).toMatchObject([{ code: 'rows-expired', exitCode: 3, runIds: ['node-cat'] }]);
    expect(report.runs.map(({ server }) => server.state)).toEqual(['measured', 'unavailable']);
  });

  test('an error that is not a failure of AWS is a bug and is not swallowed', async () => {
    const { collect } = setUp(two, {
      onStart: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    await expect(collect({ runs })).rejects.toThrow('undefined is not a function');
  });

  test('a query that has ended by itself when an interrupt comes needs no stopping', async () => {
    const { world, collect, logs } = setUp({ [RUST_CAT]: hundred() }, { onResults: () => 'Running' });
    logs.stopQuery = async () => {
      throw sdkError('InvalidParameterException', 'Query is not running, its status is Complete', 400);
    };
    world.onSleep = () => world.controller.abort(new Error('stopped by hand'));
    await expect(collect()).rejects.toThrow('stopped by hand');
    expect(world.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('a query that can’t be stopped after an interrupt hides nothing', async () => {
    const { world, collect, logs } = setUp({ [RUST_CAT]: hundred() }, { onResults: () => 'Running' });
    logs.stopQuery = async () => {
      throw sdkError('ServiceUnavailableException', 'down', 503);
    };
    world.onSleep = () => world.controller.abort(new Error('stopped by hand'));
    await expect(collect()).rejects.toThrow('stopped by hand');
    expect(world.events.filter(({ type }) => type === 'warning')).toMatchObject([
      { code: 'query-not-stopped' },
    ]);
  });
});

describe('the runs of a report', () => {
  test('runs without a deployment have only a client side', async () => {
    const { logGroupName: _, ...record } = runRecord('url', 'cat', { target: { kind: 'url' } });
    const { collect } = setUp({});
    const report = await collect({ runs: [record], logs: undefined });
    expect(report.problems).toEqual([]);
    expect(report.runs[0]?.server).toMatchObject({ state: 'unavailable', code: 'no-log-group' });
    expect(report.runs[0]?.client).toMatchObject({
      calls: 100,
      latency: { count: 100, minMs: 20, maxMs: 119 },
    });
  });

  test('the runs of a report that were interrupted or warned say so', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect({
      run: {
        state: 'interrupted',
        warnings: [{ code: 'empty-shed', message: 'the shed was empty', hint: 'load the sheep first' }],
      },
    });
    expect(report.problems).toMatchObject([
      {
        code: 'run-interrupted',
        severity: 'warning',
        message: 'rust-get-cat-ackermann: the run was interrupted after 100 calls',
      },
      {
        code: 'empty-shed',
        message: 'rust-get-cat-ackermann: the shed was empty',
        hint: 'load the sheep first',
      },
    ]);
    expect(reportExitCode(report)).toBe(0);
  });

  test('the runs of a report on a machine whose clock was off by minutes carry a word on it, once', async () => {
    const { collect } = setUp({ [RUST_CAT]: hundred(), [NODE_CAT]: hundred(2) }, {}, NOON + 3_600_000);
    const report = await collect({
      runs: [
        runRecord('rust', 'cat', { clockOffsetMs: -240_000 }),
        runRecord('node', 'cat', { clockOffsetMs: -230_000 }),
      ],
    });
    expect(report.problems).toMatchObject([
      {
        code: 'clock-off',
        message:
          "This machine's clock was 4 min behind the server's; windows and times here are the server's",
        runIds: ['rust-cat', 'node-cat'],
      },
    ]);
  });

  test('the runs of a report must be at least one, of one target and project, and hold the baseline', async () => {
    const { collect, logs } = setUp({});
    await expect(collect({ runs: [] })).rejects.toMatchObject({ code: 'no-runs', exitCode: 2 });
    await expect(
      collect({ runs: [runRecord('rust', 'cat'), runRecord('node', 'cat', { project: 'other' })] }),
    ).rejects.toMatchObject({ code: 'mixed-runs', exitCode: 2 });
    await expect(collect({ baseline: 'cobol' })).rejects.toMatchObject({
      code: 'unknown-baseline',
      exitCode: 2,
    });
    expect(logs.started).toEqual([]);
  });
});

describe('a local bench that was cut short and went on in a new cloud', () => {
  const inCloud = (id: string, endpoint: string, benchId = 'bench-1') =>
    runRecord('rust', 'cat', {
      id,
      benchId,
      target: {
        kind: 'local',
        region: 'us-east-1',
        accountId: '000000000000',
        endpoint,
      },
    });
  const [before, now] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
  const runs = [inCloud('first', before), inCloud('second', now)];

  test('a bench in two clouds is one report: the rows of the first cloud are those that an earlier report kept', async () => {
    const { runs: kept } = await setUp({ [RUST_CAT]: hundred() }).collect({
      runs: [inCloud('first', before)],
      endpoint: before,
    });
    const report = await setUp({ [RUST_CAT]: hundred() }).collect({
      runs,
      endpoint: now,
      kept,
    });
    expect(report.runs.map(({ runId, server }) => [runId, server.state])).toEqual([
      ['first', 'measured'],
      ['second', 'measured'],
    ]);
    expect(codes(report)).toEqual(['kept-figures']);
    expect(reportExitCode(report)).toBe(0);
  });

  test('a bench in two clouds whose first rows nobody kept says so, asks for none of them, and exits 1', async () => {
    const { collect, logs } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect({ runs, endpoint: now });
    expect(report.runs[0]?.server).toMatchObject({
      state: 'unavailable',
      code: 'cloud-gone',
    });
    expect(report.runs[1]?.server).toMatchObject({ state: 'measured' });
    expect(codes(report)).toEqual(['cloud-gone']);
    expect(reportExitCode(report)).toBe(1);
    const alone = setUp({ [RUST_CAT]: hundred() });
    await alone.collect({ runs: [inCloud('second', now)], endpoint: now });
    expect(logs.started).toHaveLength(alone.logs.started.length);
  });

  test('runs of two benches in two clouds are refused for one report', async () => {
    const mixed = [inCloud('first', before, 'bench-0'), inCloud('second', now)];
    await expect(setUp({}).collect({ runs: mixed, endpoint: now })).rejects.toMatchObject({
      code: 'mixed-runs',
    });
  });
});

describe('figures that an earlier report kept', () => {
  const earlier = async () => (await setUp({ [RUST_CAT]: hundred() }).collect()).runs;

  test('figures of an earlier report replace those of a log group that was deleted with its stack, with exit code 0', async () => {
    const kept = await earlier();
    const report = await setUp({}).collect({ kept });
    expect(report.runs[0]?.server).toEqual(kept[0]?.server);
    expect(report.problems).toMatchObject([
      { code: 'kept-figures', severity: 'warning', exitCode: 0, runIds: ['rust-cat'] },
    ]);
    expect(report.cost).toMatchObject({ state: 'priced', rows: [{ runId: 'rust-cat' }] });
  });

  test('figures of an earlier report replace rows that expired', async () => {
    const kept = await earlier();
    const report = await setUp({ [RUST_CAT]: hundred().slice(60) }).collect({ kept, waitMs: 0 });
    expect(report.runs[0]?.server).toEqual(kept[0]?.server);
    expect(codes(report)).toEqual(['kept-figures']);
  });

  test('figures of an earlier report replace those of a window that its log group no longer covers', async () => {
    const kept = await earlier();
    const { collect } = setUp(
      {},
      {
        onStart: () => {
          throw sdkError('MalformedQueryException', 'exceeds the log groups log retention settings ([0,79])');
        },
      },
    );
    expect(codes(await collect({ kept }))).toEqual(['kept-figures']);
  });

  test('figures of an earlier report are used if CloudWatch Logs can’t be asked, and its failure is still reported', async () => {
    const kept = await earlier();
    const refused = setUp(
      {},
      {
        onStart: () => {
          throw sdkError('ExpiredTokenException', 'expired');
        },
      },
    );
    const report = await refused.collect({ kept });
    expect(report.runs[0]?.server.state).toBe('measured');
    expect(codes(report)).toEqual(['expired-credentials', 'kept-figures']);
    expect(reportExitCode(report)).toBe(3);
    const { collect } = setUp({});
    expect((await collect({ kept, logs: undefined })).runs[0]?.server.state).toBe('measured');
    expect((await collect({ logs: undefined })).runs[0]?.server).toMatchObject({ code: 'not-asked' });
  });

  test('figures of an earlier report are not used if there are rows, nor for other runs', async () => {
    const kept = await earlier();
    const { collect } = setUp({ [RUST_CAT]: hundred(7) });
    const report = await collect({ kept });
    expect(report.runs[0]?.server).not.toEqual(kept[0]?.server);
    expect(report.problems).toEqual([]);
    const other = kept.map((run) => ({ ...run, runId: 'another' }));
    expect(codes(await setUp({}).collect({ kept: other }))).toEqual(['log-group-missing']);
  });
});

describe('rows that cannot come, on the local cloud', () => {
  const target = { kind: 'local', region: 'us-east-1', endpoint: 'http://127.0.0.1:4000' } as const;
  const { window } = runRecord('rust', 'cat');
  /** The window of a load that was cut short: its last calls may run for 30 s more. */
  const cutShort = {
    target,
    window: { ...window, endEpochMs: window.endEpochMs + 30_000, closedLateMs: 30_000 },
  };
  /** A group of the same name that a later deploy made: it holds the rows of another load alone. */
  const laterLoad = {
    [RUST_CAT]: hundred(2).map((line) => ({ ...line, atEpochMs: line.atEpochMs + 120_000 })),
  };
  const madeLater = { createdAtEpochMs: NOON + 60_000 };
  const later = NOON + 130_000;

  test.each([
    {
      name: 'a teardown and a deploy have made the log group anew',
      groups: laterLoad,
      options: madeLater,
      run: { target },
      code: 'rows-expired',
    },
    {
      name: 'a teardown and a deploy have made it anew after a load that was cut short',
      groups: laterLoad,
      options: madeLater,
      run: cutShort,
      code: 'rows-expired',
    },
    {
      name: 'the log group is new and has no line, because another route was loaded',
      groups: { [RUST_CAT]: [] },
      options: madeLater,
      run: { target },
      code: 'rows-expired',
    },
    {
      name: 'an interrupted teardown has deleted the log group',
      groups: {},
      options: {},
      run: { target },
      code: 'log-group-missing',
    },
  ])(
    'where $name, the report does not wait for rows and uses the kept figures',
    async ({ groups, options, run, code }) => {
      const { world, collect } = setUp(groups, options, later);
      const report = await collect({ run });
      expect(codes(report)).toEqual([code]);
      expect(report.runs[0]?.server).toMatchObject({ state: 'unavailable', code });
      const { runs: kept } = await setUp({ [RUST_CAT]: hundred() }).collect({ run: { target } });
      const again = await collect({ run, kept });
      expect(codes(again)).toEqual(['kept-figures']);
      expect(again.runs[0]?.server).toEqual(kept[0]?.server);
      expect(world.slept).toEqual([]);
    },
  );

  test('right after a load that was cut short, the report waits two seconds, and not until its last call may have ended', async () => {
    const { world, collect } = setUp({ [RUST_CAT]: hundred().slice(3) });
    expect(codes(await collect({ run: cutShort }))).toEqual(['rows-missing']);
    expect(world.nowEpochMs - (NOON + 13_000)).toBeLessThanOrEqual(2000);
  });
});

describe('more rows than can be read one by one', () => {
  test('rows that are too many for a single second are left out: the report shows the aggregate alone and says so', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => ({
      atEpochMs: NOON + (index % 900),
      durationMs: 10 + (index % 7),
      billedMs: 10 + (index % 7),
      memoryMB: 30,
    }));
    const { collect } = setUp({ [RUST_CAT]: lines }, {}, NOON + 200_000);
    const report = await collect({
      run: {
        window: { startEpochMs: NOON, endEpochMs: NOON + 1000, closedLateMs: 0 },
        accounting: { calls: 100_000 },
      },
    });
    expect(report.runs[0]?.server).toMatchObject({
      source: 'aggregate',
      crossCheck: { state: 'skipped', reason: 'more than 100,000 rows in one second' },
      warm: { count: 100_000 },
    });
  });

  test('if there are more rows than a report keeps, it has only the aggregate', async () => {
    const { collect, logs } = setUp({ [RUST_CAT]: hundred() });
    const report = await collect({ maxRows: 99 });
    expect(report.runs[0]?.server).toMatchObject({ source: 'aggregate', crossCheck: { state: 'skipped' } });
    expect(logs.started).toHaveLength(1);
  });
});
