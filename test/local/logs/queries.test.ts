import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { report } from '../insights/fixture.ts';
import { PUBLISHED } from '../insights/published.ts';
import { ACCOUNT, type Body, NOW_MS, REGION, type TestLogs, testLogs } from './fixture.ts';

let logs: TestLogs;
const RUST = '/aws/lambda/sheepshed-rust-get-dog-count';
const PYTHON = '/aws/lambda/sheepshed-python-get-dog-count';
const SECONDS = NOW_MS / 1_000;
const ALWAYS = { startTime: 0, endTime: SECONDS + 3_600 };

beforeEach(() => {
  logs = testLogs();
  logs.store.createLogGroup(RUST, {});
  logs.store.createLogGroup(PYTHON, {});
});

function addReport(group: string, timestampMs: number, durationMs: string): void {
  logs.store.append(group, 's', [
    {
      timestampMs,
      message: report({ durationMs, billedMs: Math.ceil(Number(durationMs)), maxMemoryMB: 30 }),
    },
  ]);
}

function rows(body: Body): Record<string, string>[] {
  return (body.results as { field: string; value: string }[][]).map((row) =>
    Object.fromEntries(row.map(({ field, value }) => [field, value])),
  );
}

describe('a query over the wire', () => {
  test('a query over the wire runs over several groups and tells what it scanned', async () => {
    addReport(RUST, NOW_MS, '10.00');
    addReport(RUST, NOW_MS, '20.00');
    addReport(PYTHON, NOW_MS, '300.00');
    logs.store.append(RUST, 's', [{ timestampMs: NOW_MS, message: 'START RequestId: x Version: $LATEST' }]);
    const body = await logs.query({ logGroupNames: [RUST, PYTHON], ...ALWAYS, queryString: PUBLISHED });
    expect(
      rows(body).map(({ Lambda, coldStart, count, avgDuration }) => [Lambda, coldStart, count, avgDuration]),
    ).toEqual([
      ['rust-get-dog-count', '0', '2', '15'],
      ['python-get-dog-count', '0', '1', '300'],
    ]);
    expect({ ...body, results: undefined }).toEqual({
      queryLanguage: 'CWLI',
      status: 'Complete',
      statistics: {
        recordsMatched: 3,
        recordsScanned: 4,
        bytesScanned: expect.any(Number),
        estimatedRecordsSkipped: 0,
        estimatedBytesSkipped: 0,
        logGroupsScanned: 2,
      },
    });
  });

  test.each([
    [`SOURCE '${RUST}'`, ['1']],
    [`SOURCE "${RUST}", "${PYTHON}"`, ['1', '2']],
    [`SOURCE '${PYTHON}' | SOURCE '${RUST}'`, ['1', '2']],
    ["SOURCE logGroups(namePrefix: ['/aws/lambda/sheepshed-p', '/other'])", ['2']],
  ])('a query with %s reads the groups that it names', async (from, expected) => {
    addReport(RUST, NOW_MS, '1.00');
    addReport(PYTHON, NOW_MS, '2.00');
    const body = await logs.query({
      ...ALWAYS,
      queryString: `${from} | stats max(@duration) as ms by @log | sort ms`,
    });
    expect(rows(body).map((row) => row.ms)).toEqual(expected);
  });

  test.each([
    [{ queryString: `SOURCE '${RUST}' | fields a`, logGroupName: RUST }, 'leave out logGroupName'],
    [{ queryString: "SOURCE '/none' | fields a" }, "Log group '/none' does not exist"],
    [{ queryString: "SOURCE logGroups(namePrefix: ['/none']) | fields a" }, 'its SOURCE finds 0'],
  ])('a SOURCE that does not fit is refused (%#)', async (input, message) => {
    await expect(logs.call('StartQuery', { ...ALWAYS, ...input })).rejects.toThrow(message);
  });

  test('now() is the time at which the query was started', async () => {
    addReport(RUST, NOW_MS, '1.00');
    const body = await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: 'fields now() as t' });
    expect(rows(body)).toEqual([expect.objectContaining({ t: String(Math.floor(NOW_MS / 1_000)) })]);
  });

  test('a query over the wire takes whole seconds, both ends inclusive', async () => {
    for (const at of [-1, 0, 1, 999, 1_000, 1_001]) addReport(RUST, NOW_MS + at, '1.00');
    const body = await logs.query({
      logGroupName: RUST,
      startTime: SECONDS,
      endTime: SECONDS + 1,
      queryString: 'stats count(*) as n, min(@timestamp) as first, max(@timestamp) as last',
    });
    expect(rows(body)).toEqual([{ n: '4', first: String(NOW_MS), last: String(NOW_MS + 1_000) }]);
  });

  test('a query over the wire sees what was there when it started, also when the group is deleted meanwhile', async () => {
    addReport(RUST, NOW_MS, '1.00');
    const { queryId } = await logs.call('StartQuery', {
      logGroupName: RUST,
      ...ALWAYS,
      queryString: 'fields @duration',
    });
    addReport(RUST, NOW_MS, '2.00');
    await logs.call('DeleteLogGroup', { logGroupName: RUST });
    expect(rows(await logs.finish(queryId)).map((row) => row['@duration'])).toEqual(['1.0']);
  });

  test('a query over the wire begins as Scheduled, with the id before any row', async () => {
    const { queryId } = await logs.call('StartQuery', {
      logGroupName: RUST,
      ...ALWAYS,
      queryString: 'fields a',
    });
    expect(await logs.call('GetQueryResults', { queryId })).toMatchObject({
      status: 'Scheduled',
      results: [],
      statistics: { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 },
    });
  });

  test('a query over the wire gives at most 10,000 rows unless it is told otherwise', async () => {
    for (let index = 0; index < 10_050; index += 1) addReport(RUST, NOW_MS + index, '1.00');
    const count = async (input: Body): Promise<number> => {
      const { queryId } = await logs.call('StartQuery', { logGroupName: RUST, ...ALWAYS, ...input });
      let body = await logs.finish(queryId);
      let rows = (body.results as unknown[]).length;
      while (body.nextToken !== undefined) {
        body = await logs.call('GetQueryResults', { queryId, nextToken: body.nextToken });
        rows += (body.results as unknown[]).length;
      }
      return rows;
    };
    expect(await count({ queryString: 'fields @duration' })).toBe(10_000);
    expect(await count({ queryString: 'fields @duration', limit: 100_000 })).toBe(10_050);
    expect(await count({ queryString: 'fields @duration | limit 10020' })).toBe(10_020);
    expect(await count({ queryString: 'fields @duration | limit 10020', limit: 7 })).toBe(7);
    expect(await count({ queryString: 'fields @duration | limit 5', limit: 100 })).toBe(5);
  });

  test('a query over the wire returns at most 10,000 rows a page, and every row once', async () => {
    for (let index = 0; index < 25_001; index += 1) addReport(RUST, NOW_MS + index, `${index}.00`);
    const { queryId } = await logs.call('StartQuery', {
      logGroupName: RUST,
      ...ALWAYS,
      limit: 100_000,
      queryString: 'fields @duration | sort @duration asc',
    });
    let body = await logs.finish(queryId);
    const sizes = [rows(body).length];
    const values = rows(body).map((row) => Number(row['@duration']));
    while (body.nextToken !== undefined) {
      body = await logs.call('GetQueryResults', { queryId, nextToken: body.nextToken });
      sizes.push(rows(body).length);
      values.push(...rows(body).map((row) => Number(row['@duration'])));
    }
    expect(sizes).toEqual([10_000, 10_000, 5_001]);
    expect(values).toEqual(Array.from({ length: 25_001 }, (_, index) => index));
    const small = await logs.call('GetQueryResults', { queryId, maxItems: 2 });
    expect(rows(small).length).toBe(2);
    expect(small.nextToken).toBeDefined();
  });

  test('a query over the wire refuses a token of another query', async () => {
    const first = await logs.call('StartQuery', { logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    const nextToken = Buffer.from('other/5').toString('base64url');
    expect(await logs.fail('GetQueryResults', { queryId: first.queryId, nextToken })).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });

  test('a query over the wire points at each record, which can be read whole', async () => {
    logs.store.append(RUST, 'stream-1', [
      {
        timestampMs: NOW_MS,
        message: report({ durationMs: '5.93', billedMs: 152, initMs: '145.69', maxMemoryMB: 67 }),
      },
    ]);
    const [row] = rows(await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: 'fields @duration' }));
    const pointer = row?.['@ptr'];
    expect(await logs.call('GetLogRecord', { logRecordPointer: pointer })).toEqual({
      logRecord: {
        '@timestamp': String(NOW_MS),
        '@ingestionTime': String(NOW_MS),
        '@message': report({ durationMs: '5.93', billedMs: 152, initMs: '145.69', maxMemoryMB: 67 }),
        '@logStream': 'stream-1',
        '@log': `${ACCOUNT}:${RUST}`,
        '@ptr': pointer,
        '@type': 'REPORT',
        '@requestId': '11111111-2222-3333-4444-555555555555',
        '@duration': '5.93',
        '@billedDuration': '152.0',
        '@initDuration': '145.69',
        '@memorySize': '1.28E8',
        '@maxMemoryUsed': '6.7E7',
      },
    });
    expect(await logs.fail('GetLogRecord', { logRecordPointer: 'nonsense' })).toMatchObject({
      __type: 'InvalidParameterException',
    });
    await logs.call('DeleteLogGroup', { logGroupName: RUST });
    logs.setNow(NOW_MS + 1);
    logs.store.createLogGroup(RUST, {});
    expect(await logs.fail('GetLogRecord', { logRecordPointer: pointer })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
  });
});

describe('a query that can not be run', () => {
  test('a query is malformed, with the place and the part that is not known', async () => {
    const queryString = 'fields @duration\n| pattern @message';
    const message =
      "unknown command 'pattern' at line 2, position 3: known are fields, display, filter, stats, sort, limit, parse, dedup";
    expect(await logs.fail('StartQuery', { logGroupName: RUST, ...ALWAYS, queryString })).toEqual({
      __type: 'MalformedQueryException',
      status: 400,
      message,
      queryCompileError: { location: { startCharOffset: 19, endCharOffset: 26 }, message },
    });
  });

  test.each([
    [
      'a group that does not exist',
      { logGroupNames: [RUST, '/nowhere'] },
      'ResourceNotFoundException',
      /'\/nowhere'/,
    ],
    ['no group', {}, 'InvalidParameterException', /Exactly one of/],
    [
      'groups named twice over',
      { logGroupName: RUST, logGroupNames: [RUST] },
      'InvalidParameterException',
      /Exactly one of/,
    ],
    ['an empty list of groups', { logGroupNames: [] }, 'InvalidParameterException', /1 to 50/],
    [
      'more than 50 groups',
      { logGroupNames: Array.from({ length: 51 }, () => RUST) },
      'InvalidParameterException',
      /1 to 50/,
    ],
    [
      'an end before the start',
      { logGroupName: RUST, startTime: 2, endTime: 1 },
      'InvalidParameterException',
      /later/,
    ],
    [
      'a time that is no number',
      { logGroupName: RUST, startTime: '2' },
      'InvalidParameterException',
      /startTime/,
    ],
    ['no end', { logGroupName: RUST, endTime: undefined }, 'InvalidParameterException', /endTime/],
    ['a limit above 100,000', { logGroupName: RUST, limit: 100_001 }, 'InvalidParameterException', /100000/],
    ['a limit of 0', { logGroupName: RUST, limit: 0 }, 'InvalidParameterException', /limit/],
    ['SQL', { logGroupName: RUST, queryLanguage: 'SQL' }, 'InvalidParameterException', /SQL/],
    ['PPL', { logGroupName: RUST, queryLanguage: 'PPL' }, 'InvalidParameterException', /PPL/],
    [
      'a text without end',
      { logGroupName: RUST, queryString: 'x'.repeat(10_001) },
      'InvalidParameterException',
      /10000/,
    ],
  ])("a query that can't be run is refused: %s", async (_what, input, type, message) => {
    const error = await logs.fail('StartQuery', { ...ALWAYS, queryString: 'fields a', ...input });
    expect(error).toMatchObject({ __type: type, message: expect.stringMatching(message) });
  });

  test('a query takes groups by ARN as well', async () => {
    addReport(RUST, NOW_MS, '1.00');
    const arn = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${RUST}`;
    const body = await logs.query({
      logGroupIdentifiers: [arn, `${arn}:*`, RUST],
      ...ALWAYS,
      queryString: 'stats count(*) as n',
    });
    expect(rows(body)).toEqual([{ n: '1' }]);
  });

  test('an unknown id is not found', async () => {
    expect(await logs.fail('GetQueryResults', { queryId: 'x' })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
  });
});

describe('queries that are under way', () => {
  test('queries that are under way can be stopped, once', async () => {
    const { queryId } = await logs.call('StartQuery', {
      logGroupName: RUST,
      ...ALWAYS,
      queryString: 'fields a',
    });
    expect(await logs.call('StopQuery', { queryId })).toEqual({ success: true });
    expect(await logs.call('GetQueryResults', { queryId })).toMatchObject({
      status: 'Cancelled',
      results: [],
    });
    expect(await logs.fail('StopQuery', { queryId })).toMatchObject({ __type: 'InvalidParameterException' });
    // The stopped query never wakes up again, and does not hold up the next one.
    const next = await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    expect(next.status).toBe('Complete');
    expect(await logs.call('GetQueryResults', { queryId })).toMatchObject({ status: 'Cancelled' });
  });

  test('queries that are under way are at most a hundred', async () => {
    const start = () => logs.call('StartQuery', { logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    // Started in one turn of the event loop, none of them has begun to run.
    const started = await Promise.allSettled(Array.from({ length: 101 }, start));
    const rejected = started.filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBe(1);
    expect(String((rejected[0] as PromiseRejectedResult).reason)).toMatch(
      /^LogsError: LimitExceededException: /,
    );
  });

  test('queries that are under way are forgotten once 200 have ended since, or 500,000 rows are kept', async () => {
    const first = await logs.call('StartQuery', { logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    for (let round = 0; round < 2; round += 1) {
      const ids = await Promise.all(
        Array.from({ length: 99 }, () =>
          logs.call('StartQuery', { logGroupName: RUST, ...ALWAYS, queryString: 'fields a' }),
        ),
      );
      await logs.finish(ids.at(-1)?.queryId);
    }
    expect(await logs.call('GetQueryResults', { queryId: first.queryId })).toMatchObject({
      status: 'Complete',
    });
    await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    expect(await logs.fail('GetQueryResults', { queryId: first.queryId })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });

    for (let index = 0; index < 100_000; index += 1) {
      logs.store.append(RUST, 's', [{ timestampMs: NOW_MS, message: 'x' }]);
    }
    const ids: unknown[] = [];
    for (let query = 0; query < 6; query += 1) {
      const { queryId } = await logs.call('StartQuery', {
        logGroupName: RUST,
        ...ALWAYS,
        limit: 100_000,
        queryString: 'fields @message',
      });
      ids.push(queryId);
      while ((await logs.call('GetQueryResults', { queryId, maxItems: 1 })).status !== 'Complete')
        await delay(1);
    }
    expect(await logs.fail('GetQueryResults', { queryId: ids[0] })).toMatchObject({
      __type: 'ResourceNotFoundException',
    });
    expect(await logs.call('GetQueryResults', { queryId: ids[1], maxItems: 1 })).toMatchObject({
      status: 'Complete',
    });
  }, 60_000);

  test('queries that are under way are listed with their status, the latest first', async () => {
    await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: 'fields a' });
    const { queryId } = await logs.call('StartQuery', {
      logGroupName: PYTHON,
      ...ALWAYS,
      queryString: 'fields b',
    });
    await logs.call('StopQuery', { queryId });
    const { queries } = await logs.call('DescribeQueries');
    expect(
      (queries as Body[]).map(({ queryString, status, logGroupName }) => [queryString, status, logGroupName]),
    ).toEqual([
      ['fields b', 'Cancelled', PYTHON],
      ['fields a', 'Complete', RUST],
    ]);
    expect(((await logs.call('DescribeQueries', { status: 'Complete' })).queries as Body[]).length).toBe(1);
    expect(((await logs.call('DescribeQueries', { logGroupName: PYTHON })).queries as Body[]).length).toBe(1);
  });
});

describe('100,000 invocations', () => {
  test('100,000 invocations are aggregated and read in slices, while other work goes on', async () => {
    const count = 100_000;
    for (let index = 0; index < count; index += 1) {
      logs.store.append(RUST, `s${index % 8}`, [
        { timestampMs: NOW_MS + index, message: 'START RequestId: x Version: $LATEST\n' },
        { timestampMs: NOW_MS + index, message: 'END RequestId: x\n' },
        {
          timestampMs: NOW_MS + index,
          message: report({
            durationMs: `${(index % 1_000) + 0.25}`,
            billedMs: (index % 1_000) + 1,
            maxMemoryMB: 30,
          }),
        },
      ]);
    }
    let turns = 0;
    const counter = setInterval(() => {
      turns += 1;
    }, 1);
    const body = await logs.query({ logGroupName: RUST, ...ALWAYS, queryString: PUBLISHED });
    clearInterval(counter);
    expect(rows(body)).toMatchObject([
      {
        count: '100000',
        avgDuration: '499.75',
        minDuration: '0.25',
        maxDuration: '999.25',
        // √((1000² − 1) / 12)
        StdDevDuration: '288.675',
        avgBilled: '500.5',
      },
    ]);
    expect(body.statistics).toMatchObject({ recordsMatched: count, recordsScanned: 3 * count });
    expect(turns).toBeGreaterThan(10);
  }, 60_000);
});
